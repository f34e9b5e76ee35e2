"""Browsers in which a user wants to be told by push: kept, listed, forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.features.notifications.models import PushDevice
from rapport.lib import outgoing, webpush
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound

MOST = 20
"""Browsers of one user; the one that was added first makes room."""
AUTH_BYTES = 16


def public_key() -> str:
    """What a browser needs to know of us to let us send: our key, made of the secret key of this deployment."""
    return webpush.encode(webpush.public_bytes(webpush.sender_key(settings.SECRET_KEY).public_key()))


def add(caller: Caller, subscription: Any, *, label: str, session: str = "") -> int:
    """Keep a browser, as its `PushSubscription` tells of it in JSON; its key. It tells one user only.

    Raises Invalid for an address that is not posted to and for keys that are none.
    """
    endpoint, p256dh, auth = _sound(subscription)
    with transaction.atomic():
        PushDevice.objects.filter(~Q(user_id=caller.user_id or 0), endpoint=endpoint).delete()
        values = {"p256dh": p256dh, "auth": auth, "label": label[:80], "session": session_hash(session), "failure": ""}
        row, _made = PushDevice.objects.update_or_create(
            user_id=caller.user_id or 0, endpoint=endpoint, defaults=values
        )
        kept = PushDevice.objects.filter(user_id=row.user_id).order_by("-pk").values_list("pk", flat=True)
        PushDevice.objects.filter(pk__in=list(kept[MOST:])).delete()
    return int(row.pk)


def _sound(subscription: Any) -> tuple[str, str, str]:
    """Address and keys of a subscription. Raises Invalid."""
    given = subscription if isinstance(subscription, Mapping) else {}
    keys = given.get("keys")
    keys = keys if isinstance(keys, Mapping) else {}
    endpoint, p256dh, auth = (str(text or "") for text in (given.get("endpoint"), keys.get("p256dh"), keys.get("auth")))
    try:
        outgoing.checked(endpoint, settings.PRIVATE_HOSTS)
        webpush.receiver_key(p256dh)
        if len(webpush.decode(auth)) != AUTH_BYTES or len(endpoint) > PushDevice.LONGEST:
            raise ValueError
    except (outgoing.Refused, ValueError) as error:
        text = _("This browser gave no address to which messages can be sent. Try another browser.")
        raise Invalid({"subscription": [text]}) from error
    return endpoint, p256dh, auth


def session_hash(session: str) -> str:
    """What is kept of the key of a session."""
    return hashlib.sha256(session.encode()).hexdigest() if session else ""


def of_user(caller: Caller) -> Sequence[PushDevice]:
    """The caller's browsers, the newest first."""
    return list(PushDevice.objects.filter(user_id=caller.user_id or 0).order_by("-pk"))


def remove(caller: Caller, *, key: int = 0, endpoint: str = "") -> None:
    """Forget a browser of the caller's, by its key or its address. Raises NotFound."""
    named: dict[str, Any] = {"pk": key} if key else {"endpoint": endpoint}
    if not PushDevice.objects.filter(user_id=caller.user_id or 0, **named).delete()[0]:
        raise NotFound


def forget_session(session: str) -> None:
    """Forget the browsers that were added in a session, as it ends."""
    if session:
        PushDevice.objects.filter(session=session_hash(session)).delete()


def forget(key: int) -> None:
    """Forget a browser of which its service says that it is gone."""
    PushDevice.objects.filter(pk=key).delete()


def note(key: int, failure: str = "") -> None:
    """Note that a browser was told, or why its service refused."""
    values: dict[str, Any] = {"failure": failure[:80]} if failure else {"failure": "", "sent_at": timezone.now()}
    PushDevice.objects.filter(pk=key).update(**values)
