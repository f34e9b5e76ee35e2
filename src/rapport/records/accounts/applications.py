"""Applications: programs of others that users let act as them over OAuth, without giving away a password or a token.

An application is a client of django-allauth's provider. What a user has allowed it is an `ApiToken` with its id, so
that limits, the last use and pieces of agents' work are those of any token; what goes over the wire are short-lived
tokens beside it. An application never gets more than it was made for, than the user allowed, and than the user may.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.models import Client, Token
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.lib import sealing
from rapport.records.accounts import api_tokens, audit, tokens
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.changing import administering
from rapport.records.accounts.models import ApiToken, SigningKey, SpentToken
from rapport.records.errors import Invalid, NotFound

OPENID, PROFILE, EMAIL = IDENTITY = ("openid", "profile", "email")
"""Scopes that tell who the user is, and open nothing."""
LEVELS = (api_tokens.READ, api_tokens.WRITE, api_tokens.ADMIN)
GRANTS = ("authorization_code", "refresh_token")
MOST, MOST_ADDRESSES, LONGEST_ADDRESS = 500, 20, 500
REGISTERED = "registered"
"""Marks a client that made itself known, which nobody has looked at."""
UNUSED = dt.timedelta(days=7)
"""A client that made itself known and that no user allows anything is forgotten after this time."""
SPENT = dt.timedelta(days=90)
"""How long a spent refresh token is known; also how long an unused one holds."""
LENIENT = dt.timedelta(seconds=30)
"""A refresh token that comes again so soon is the repetition of a lost answer, not a theft."""
_SEALED_FOR = "signing key"
_HASHED = "sha256$"


def _check(name: str, addresses: Sequence[str], level: str) -> None:
    errors: dict[str, list[Any]] = {}
    if not name:
        errors["name"] = [_("This is needed.")]
    if level not in LEVELS:
        errors["level"] = [_("Choose one of: %(options)s.") % {"options": ", ".join(LEVELS)}]
    if not 0 < len(addresses) <= MOST_ADDRESSES:
        errors["redirect_uris"] = [_("Give from 1 to %(most)d addresses, one a line.") % {"most": MOST_ADDRESSES}]
    elif wrong := next((a for a in addresses if not is_redirect(a)), None):
        text = _(
            "%(address)s can't be returned to: give https://…, http:// with localhost or 127.0.0.1, "
            "or a scheme of the app's own such as com.example.app:/…, without #."
        )
        errors["redirect_uris"] = [text % {"address": wrong[:100]}]
    if errors:
        raise Invalid(errors)


def is_redirect(address: str) -> bool:
    """Whether an application may have its users sent to an address."""
    if len(address) > LONGEST_ADDRESS or not address.isprintable() or set(address) & set(' "<>\\^`{|}*#'):
        return False
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme in {"http", "https"}:
        local = host in {"localhost", "127.0.0.1", "::1"}
        return bool(host) and parts.username is None and (parts.scheme == "https" or local)
    return "." in parts.scheme  # a scheme of an app's own, named after a domain (RFC 8252, 7.1)


def create(
    caller: Caller, *, name: str, redirect_uris: Iterable[str], level: str, confidential: bool
) -> tuple[Client, str]:
    """An application, and its secret, which is never shown again: empty for one that can't keep any.

    Raises Forbidden, Invalid.
    """
    name, addresses = " ".join(name.split())[:100], _addresses(redirect_uris)
    with administering(caller, "application made", name, {"level": level}):
        return _made(name, addresses, level, confidential, {})


def register(name: str, redirect_uris: Iterable[str], level: str, *, confidential: bool) -> tuple[Client, str]:
    """An application that makes itself known, where that is allowed. Raises Invalid."""
    name, addresses = " ".join(name.split())[:100] or _("Unnamed application"), _addresses(redirect_uris)
    with transaction.atomic():
        made = _made(name, addresses, level, confidential, {REGISTERED: True})
        audit.record("application registered", subject=name, detail={"to": sorted(set(map(host_of, addresses)))})
    return made


def _made(
    name: str, addresses: Sequence[str], level: str, confidential: bool, data: dict[str, Any]
) -> tuple[Client, str]:
    _check(name, addresses, level)
    if Client.objects.count() >= MOST:
        raise Invalid({"": [_("There are %(max)d applications already. Remove one first.") % {"max": MOST}]})
    client = Client(name=name, type=Client.Type.CONFIDENTIAL if confidential else Client.Type.PUBLIC, data=data)
    client.set_redirect_uris(addresses)
    client.set_scopes([*IDENTITY, level])
    client.set_default_scopes([api_tokens.READ])
    client.set_grant_types(GRANTS)
    client.set_response_types(["code"])
    secret = _set_secret(client) if confidential else ""
    if not confidential:
        client.secret = ""
    client.save(force_insert=True)
    return client, secret


def _addresses(given: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, (a.strip() for a in given))))


def _set_secret(client: Client) -> str:
    secret = f"rps_{secrets.token_urlsafe(32)}"
    client.secret = f"{_HASHED}{tokens.hashed(secret)}"
    return secret


def is_secret(client: Client, secret: str) -> bool:
    """Whether it is the client's secret. A quick hash is enough for what can't be guessed."""
    return client.secret != "" and secrets.compare_digest(client.secret, f"{_HASHED}{tokens.hashed(secret)}")


def host_of(address: str) -> str:
    """Where an address leads, in short: its host, or the scheme of an app."""
    parts = urlsplit(address)
    return parts.netloc or f"{parts.scheme}:"


def level_of(client: Client) -> str:
    """The most that an application may be allowed: read, write or admin."""
    return next((level for level in reversed(LEVELS) if level in client.get_scopes()), api_tokens.READ)


def allowed(client: Client, scopes: Iterable[str]) -> list[str]:
    """Those of the scopes that may be asked for by an application."""
    most = LEVELS.index(level_of(client))

    def is_allowed(scope: str) -> bool:
        kind = scope.partition(":")[0]
        return scope in IDENTITY or (api_tokens.is_scope(scope) and LEVELS.index(kind) <= most)

    return [scope for scope in dict.fromkeys(scopes) if is_allowed(scope)]


def all_(caller: Caller) -> list[Client]:
    """Every application, by name. Raises Forbidden."""
    return list(_administered(caller).order_by("name", "id"))


def one(caller: Caller, client_id: str) -> Client:
    """An application. Raises Forbidden, NotFound."""
    found = _administered(caller).filter(pk=client_id).first()
    if found is None:
        raise NotFound
    return found


def _administered(caller: Caller) -> Any:
    from rapport.records.accounts.users import check_administrator

    check_administrator(caller)
    return Client.objects.all()


def change(caller: Caller, client_id: str, *, name: str, redirect_uris: Iterable[str], level: str) -> Client:
    """Change an application; a lower level ends what was allowed beyond it. Raises Forbidden, NotFound, Invalid."""
    client = one(caller, client_id)
    name, addresses = " ".join(name.split())[:100], _addresses(redirect_uris)
    with administering(caller, "application changed", name, {"level": level}):
        _check(name, addresses, level)
        lowered = LEVELS.index(level) < LEVELS.index(level_of(client))
        client.name = name
        client.set_redirect_uris(addresses)
        client.set_scopes([*IDENTITY, level])
        client.data = {}  # an administrator has looked at it
        client.save()
        ApiToken.objects.filter(application=client.pk).update(name=name)
        if lowered:
            _end(client.pk)
    return client


def rotate(caller: Caller, client_id: str) -> str:
    """A new secret; the old one ends at once. Raises Forbidden, NotFound, Invalid (it has none)."""
    client = one(caller, client_id)
    if client.type != Client.Type.CONFIDENTIAL:
        raise Invalid({"": [_("This application keeps no secret.")]})
    with administering(caller, "application secret made", client.name):
        secret = _set_secret(client)
        client.save(update_fields=["secret"])
    return secret


def remove(caller: Caller, client_id: str) -> None:
    """Remove an application; everything that it was allowed ends at once. Raises Forbidden, NotFound."""
    client = one(caller, client_id)
    with administering(caller, "application removed", client.name):
        _end(client.pk)
        client.delete()


def allow(caller: Caller, client: Client, scopes: Sequence[str]) -> ApiToken:
    """Note that the caller lets an application act as them."""
    if caller.user_id is None:
        raise NotFound
    with transaction.atomic():
        access, new = ApiToken.objects.get_or_create(
            user_id=caller.user_id, application=client.pk, revoked_at=None,
            defaults={"name": client.name, "token_hash": tokens.new()[1], "hint": "", "scopes": list(scopes)},
        )  # fmt: skip
        if not new:
            access.scopes = list(dict.fromkeys([*access.scopes, *scopes]))
            access.save(update_fields=["scopes"])
        audit.record("application allowed", caller=caller, subject=client.name, detail={"scopes": list(scopes)})
    return access


def is_allowed(client: Client, user_id: int) -> bool:
    """Whether a user lets an application act as them at present."""
    return ApiToken.objects.filter(user_id=user_id, application=client.pk, revoked_at=None).exists()


def of_user(caller: Caller) -> list[ApiToken]:
    """What the caller has allowed applications, newest first."""
    found = ApiToken.objects.filter(user_id=caller.user_id or 0, revoked_at=None).exclude(application="")
    return list(found.order_by("-id"))


def withdraw(caller: Caller, access_id: int) -> None:
    """Take back what the caller has allowed an application, at once. Raises NotFound."""
    with transaction.atomic():
        found = next((access for access in of_user(caller) if access.pk == access_id), None)
        if found is None or caller.user_id is None:
            raise NotFound
        _end(found.application, caller.user_id)
        audit.record("application withdrawn", caller=caller, subject=found.name)


def _end(client_id: str, user_id: int | None = None) -> None:
    """End what an application was allowed by one user, or by all."""
    whose = {} if user_id is None else {"user_id": user_id}
    now = timezone.now()
    ApiToken.objects.filter(application=client_id, revoked_at=None, **whose).update(revoked_at=now)
    Token.objects.filter(client_id=client_id, **whose).delete()


def end_token(client: Client, text: str) -> None:
    """End a token of an application, whatever it is; with one that can be exchanged, all that it has of that user."""
    found = Token.objects.filter(client=client).by_value(text).first()
    if found is not None and found.type == Token.Type.REFRESH_TOKEN:
        Token.objects.filter(client=client, user_id=found.user_id).delete()
    elif found is not None:
        found.delete()


def spend(text: str, client: Client, user_id: int) -> None:
    """Note that a refresh token was exchanged."""
    SpentToken.objects.create(token_hash=tokens.hashed(text), application=client.pk, user_id=user_id)


def check_theft(text: str, address: str = "") -> None:
    """A refresh token that was refused: when it had been exchanged before, all tokens beside it end."""
    spent = SpentToken.objects.filter(token_hash=tokens.hashed(text)).first()
    if spent is None or spent.spent_at > timezone.now() - LENIENT:
        return
    with transaction.atomic():
        ended, _by_kind = Token.objects.filter(client_id=spent.application, user_id=spent.user_id).delete()
        if ended:
            named = Client.objects.filter(pk=spent.application).values_list("name", flat=True).first() or ""
            audit.record("application token reused", actor_id=spent.user_id, subject=named, address=address)


def tidy() -> None:
    """Forget what is over: tokens, spent ones, and applications that made themselves known for nothing."""
    now = timezone.now()
    Token.objects.filter(expires_at__lt=now - dt.timedelta(days=1)).delete()
    SpentToken.objects.filter(spent_at__lt=now - SPENT).delete()
    used = ApiToken.objects.filter(revoked_at=None).exclude(application="").values("application")
    old = Client.objects.filter(created_at__lt=now - UNUSED).exclude(pk__in=used)
    for client in old:
        if (client.data or {}).get(REGISTERED):
            client.delete()


@dataclass(frozen=True, slots=True)
class Key:
    """A key that signs, in PEM, and since when."""

    pem: str
    made_at: dt.datetime


def signing_keys() -> list[Key]:
    """The keys that sign who somebody is, oldest first; the first is made when it is asked for."""
    found = [key for row in SigningKey.objects.order_by("id") if (key := _opened(row.sealed, row.made_at))]
    if found:
        return found
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    row = SigningKey.objects.create(sealed=sealing.seal(settings.SECRET_KEY, _SEALED_FOR, pem))
    return [Key(pem, row.made_at)]


@lru_cache(maxsize=8)
def _opened(sealed: str, made_at: dt.datetime) -> Key | None:
    try:
        return Key(sealing.unseal(settings.SECRET_KEY, _SEALED_FOR, sealed), made_at)
    except ValueError:  # of another secret key: a new one is made
        return None
