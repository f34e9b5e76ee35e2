"""Applications that make themselves known (RFC 7591), as agents do that meet a server for the first time."""

from __future__ import annotations

from typing import Annotated

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from rapport.features.programs import limits
from rapport.records.accounts import api_tokens, applications
from rapport.records.errors import Invalid
from rapport.surfaces.web.accounts.auditing import address

MOST_BYTES = 20_000
MOST_A_MINUTE = 10
WITHOUT_SECRET = "none"  # noqa: S105  # its name in RFC 7591
METHODS = (WITHOUT_SECRET, "client_secret_basic", "client_secret_post")
Short = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\x00]*$")]


class Wish(msgspec.Struct):
    """What a client tells of itself; whatever else it says is not needed."""

    redirect_uris: list[Short]
    client_name: Short = ""
    grant_types: tuple[str, ...] = ("authorization_code",)
    response_types: tuple[str, ...] = ("code",)
    token_endpoint_auth_method: str = "client_secret_basic"  # noqa: S105  # the default of RFC 7591
    scope: str = ""


@require_POST
@never_cache
def register(request: HttpRequest) -> HttpResponse:
    """Make a client known. It is never allowed more than to read and write; users are told that nobody knows it."""
    if not settings.OAUTH_REGISTRATION:
        raise Http404
    if limits.often(f"register {address(request)}", MOST_A_MINUTE):
        response = _wrong("temporarily_unavailable", "Too many registrations. Try again in a minute.", 429)
        response["Retry-After"] = str(limits.WINDOW)
        return response
    if len(request.body) > MOST_BYTES:
        return _wrong("invalid_client_metadata", "Send less.", 413)
    try:
        wish = msgspec.json.decode(request.body, type=Wish)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return _wrong("invalid_client_metadata", str(error)[:200])
    return _registered(wish)


def _registered(wish: Wish) -> HttpResponse:
    unknown = set(wish.grant_types) - set(applications.GRANTS) or set(wish.response_types) - {"code"}
    if unknown or wish.token_endpoint_auth_method not in METHODS:
        known = f"{', '.join(applications.GRANTS)}; code; {', '.join(METHODS)}"
        return _wrong("invalid_client_metadata", f"Known are: {known}.")
    scopes = wish.scope.split()
    level = api_tokens.READ if scopes and not any(s.startswith(api_tokens.WRITE) for s in scopes) else api_tokens.WRITE
    confidential = wish.token_endpoint_auth_method != WITHOUT_SECRET
    try:
        client, secret = applications.register(wish.client_name, wish.redirect_uris, level, confidential=confidential)
    except Invalid as error:
        said = " ".join(str(m) for messages in error.errors.values() for m in messages)
        about = "invalid_redirect_uri" if "redirect_uris" in error.errors else "invalid_client_metadata"
        return _wrong(about, said)
    made = {
        "client_id": client.pk, "client_name": client.name, "client_id_issued_at": int(client.created_at.timestamp()),
        "redirect_uris": client.get_redirect_uris(), "grant_types": client.get_grant_types(),
        "response_types": ["code"], "token_endpoint_auth_method": wish.token_endpoint_auth_method,
        "scope": " ".join([*applications.IDENTITY, *applications.LEVELS[: applications.LEVELS.index(level) + 1]]),
    }  # fmt: skip
    if secret:
        made |= {"client_secret": secret, "client_secret_expires_at": 0}
    return JsonResponse(made, status=201)


def _wrong(error: str, said: str, status: int = 400) -> HttpResponse:
    return JsonResponse({"error": error, "error_description": said}, status=status)
