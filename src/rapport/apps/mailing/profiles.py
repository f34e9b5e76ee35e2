"""How a user writes: from which address, with which signature."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from rapport.records.accounts import preferences
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid

KEY = "mail"
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class MailProfile:
    """The address that recipients answer to, and what stands below each mail (Markdown)."""

    address: str
    signature: str


def of(caller: Caller) -> MailProfile:
    """What a user has set; the address of the account where there is none."""
    kept = preferences.read(caller.user_id).get(KEY) or {}
    return MailProfile(kept.get("address") or caller.email, kept.get("signature") or "")


def keep(caller: Caller, address: str, signature: str) -> None:
    """Set both. The address is of the domain of the account or of the organisation's own sender. Raises Invalid."""
    address, signature = address.strip(), signature.strip().replace("\x00", "")
    if address:
        try:
            validate_email(address)
        except ValidationError as error:
            raise Invalid({"address": [_("This is no e-mail address.")]}) from error
        if _domain(address) not in {_domain(caller.email), _domain(settings.DEFAULT_FROM_EMAIL)}:
            raise Invalid(
                {"address": [_("Use an address of your organisation: mail from elsewhere is taken for forged.")]}
            )
    if len(signature) > LONGEST:
        raise Invalid({"signature": [_("Use at most %(count)d characters.") % {"count": LONGEST}]})
    preferences.put(caller.user_id, KEY, {"address": address, "signature": signature})


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip(" >").lower()
