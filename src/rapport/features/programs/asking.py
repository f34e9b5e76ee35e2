"""Who asks at a door for programs, and in which language they are answered."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.features.programs import limits
from rapport.features.programs.problems import Problem
from rapport.records.accounts import api_tokens, audit
from rapport.records.accounts.api_tokens import Grant

METADATA = "/.well-known/oauth-protected-resource"
"""Where clients read how to come in (RFC 9728), followed by the path of what they want to open."""
_LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


def language(request: HttpRequest) -> str:
    """English, unless the program asks for another language."""
    for part in request.headers.get("Accept-Language", "").split(",")[:5]:
        code = part.partition(";")[0].strip().lower()[:2]
        if code in _LANGUAGES:
            return code
    return "en"


def challenge(door: str, **more: str) -> str:
    """What `WWW-Authenticate` tells a client: where it reads how to come in, and `more`, such as a scope."""
    metadata = f"{settings.BASE_URL}{METADATA}{api_tokens.RESOURCES[door]}"
    said = {"realm": "Rapport", "resource_metadata": metadata, **more}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in said.items())


def grant(request: HttpRequest, door: str, **told: str) -> Grant:
    """What the token of a request gives; `told` to whoever has none that holds. Raises Problem."""
    kind, _gap, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text:
        detail = _("Send the header Authorization: Bearer with a token of yours.")
        raise Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": challenge(door, **told)})
    found = api_tokens.use(text.strip(), door)
    if found is not None:
        return found
    address = str(get_adapter().get_client_ip(request))
    if limits.failed(address):
        raise Problem(
            429, "too-many", _("Too many tokens from this address were refused."), headers={"Retry-After": "60"}
        )
    audit.record("token refused", subject=f"{text.strip()[:8]}…", address=address)
    headers = {"WWW-Authenticate": challenge(door, **told, error="invalid_token")}
    raise Problem(401, "unauthenticated", _("This token is unknown, revoked or has expired."), headers=headers)
