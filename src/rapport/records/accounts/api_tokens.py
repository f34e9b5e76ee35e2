"""Tokens with which programs act as a user: made once, shown once, limited by scopes, ended by date or by hand.

Those of applications that a user has allowed (`accounts.applications`) are used here as well.

A scope is `read`, `write` or `admin`, or `read:OBJECT` or `write:OBJECT` with the key of an object. `write` includes
reading the same; `admin` includes both and, for administrators, users, rights and definitions. A token never gives more
than its user has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import audit, tokens
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller, Reach
from rapport.records.accounts.models import ApiToken, User
from rapport.records.errors import Invalid, NotFound
from rapport.registry import catalog
from rapport.registry.types.dates import DateTimeType

READ, WRITE, ADMIN = "read", "write", "admin"
PREFIX = "rpt_"
RESOURCES = {"rest": "/api/v1", "mcp": "/mcp"}
"""What an application's token may be for, by the door that it opens: its audience, below the base address."""
MOST = 100
"""Tokens that one user may have at once."""
_DATETIME = DateTimeType()


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token gives: who acts, how far, and the counters of rights and definitions at this moment."""

    token_id: int
    caller: Caller
    scopes: tuple[str, ...]
    rights_epoch: int
    generation: int

    def allows(self, scope: str, key: str = "") -> bool:
        """Whether the token has a scope: for everything, or for the object `key`."""
        wanted = {READ: (READ, WRITE, ADMIN), WRITE: (WRITE, ADMIN), ADMIN: (ADMIN,)}[scope]
        return any(w in self.scopes or (key != "" and f"{w}:{key}" in self.scopes) for w in wanted)


def create(
    caller: Caller, *, name: str, scopes: Iterable[str] = (READ,), expires_at: dt.datetime | None = None
) -> tuple[ApiToken, str]:
    """A token of the caller's own, and its text, which is never shown again. Raises Invalid, NotFound."""
    if caller.user_id is None:
        raise NotFound
    chosen = _checked(name := " ".join(name.split())[:100], tuple(dict.fromkeys(scopes)), expires_at)
    with transaction.atomic():
        if len(of_user(caller)) >= MOST:
            raise Invalid({"": [_("You have %(max)d tokens already. Revoke one first.") % {"max": MOST}]})
        secret, _hash = tokens.new()
        text = f"{PREFIX}{secret}"
        made = ApiToken.objects.create(
            user_id=caller.user_id, name=name, token_hash=tokens.hashed(text), hint=text[:8], scopes=list(chosen),
            expires_at=expires_at,
        )  # fmt: skip
        detail = {"scopes": list(chosen), "until": expires_at.isoformat() if expires_at else ""}
        audit.record("token made", caller=caller, subject=name, detail=detail)
    return made, text


def _checked(name: str, scopes: tuple[str, ...], expires_at: dt.datetime | None) -> tuple[str, ...]:
    errors: dict[str, list[Any]] = {}
    if not name:
        errors["name"] = [_("This is needed.")]
    wrong = [s for s in scopes if not is_scope(s)]
    if wrong or not scopes:
        known = _("read, write, admin, read:OBJECT or write:OBJECT with the key of an object")
        errors["scopes"] = [_("Choose among: %(known)s.") % {"known": known}]
    if expires_at is not None and expires_at <= timezone.now():
        errors["expires_at"] = [_("Choose a moment in the future.")]
    if errors:
        raise Invalid(errors)
    return scopes


def is_scope(scope: str) -> bool:
    """Whether it is a scope, of an object that there is."""
    kind, colon, key = scope.partition(":")
    if not colon:
        return kind in (READ, WRITE, ADMIN)
    return kind in (READ, WRITE) and key in catalog.current().objects


def of_user(caller: Caller) -> list[ApiToken]:
    """The caller's own tokens that are not revoked, newest first; expired ones too."""
    return list(ApiToken.objects.filter(user_id=caller.user_id or 0, revoked_at=None, application="").order_by("-id"))


def revoke(caller: Caller, token_id: int) -> None:
    """End one of the caller's tokens at once. Raises NotFound."""
    with transaction.atomic():
        own = ApiToken.objects.filter(user_id=caller.user_id or 0, revoked_at=None, application="")
        found = own.filter(pk=token_id).first()
        if found is None:
            raise NotFound
        ApiToken.objects.filter(pk=found.pk).update(revoked_at=timezone.now())
        audit.record("token revoked", caller=caller, subject=found.name)


def of_address(email: str) -> Caller | None:
    """The caller of an active user, for commands; None when there is no such user."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    return callers.of_user(user.pk) if user else None


_USE = (
    "SELECT t.id, t.user_id, t.scopes, t.expires_at, (SELECT value FROM records_epoch WHERE name = 'rights'), "
    "(SELECT value FROM records_epoch WHERE name = 'registry') FROM records_apitoken t "
    "WHERE t.token_hash = %s AND t.revoked_at IS NULL"
)
_USE_OF_APPLICATION = (
    "SELECT a.id, a.user_id, t.scopes, t.expires_at, (SELECT value FROM records_epoch WHERE name = 'rights'), "
    "(SELECT value FROM records_epoch WHERE name = 'registry'), t.data FROM allauth_idp_oidc_token t "
    "JOIN records_apitoken a ON a.user_id = t.user_id AND a.application = t.client_id AND a.revoked_at IS NULL "
    "WHERE t.type = 'at' AND t.hash = %s"
)


class _Kept(NamedTuple):
    epoch: int
    scopes: tuple[str, ...]
    base: Caller
    caller: Caller


_kept: dict[tuple[int, str], _Kept] = {}
MOST_KEPT = 2000


def use(text: str, door: str) -> Grant | None:
    """What a token gives at a door; None for one that is unknown, revoked, expired, meant for another door, or of a
    closed account.

    One statement, which also tells the epochs. It notes nothing of the use: see `note_use`.
    """
    found = _own(text) if text.startswith(PREFIX) else _of_application(text, door)
    if found is None:
        return None
    (token_id, user_id, _scopes, expires_at, rights, registry), scopes = found
    moment = _DATETIME.from_json(expires_at)
    if moment is not None and moment <= timezone.now():
        return None
    epoch = int(rights or 0)
    base = callers.of_user(user_id, epoch)
    if base is None:
        return None
    kept = _kept.get((token_id, door))
    if kept is None or kept.epoch != epoch or kept.scopes != scopes or kept.base is not base:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        kept = _kept[token_id, door] = _Kept(epoch, scopes, base, base.through(door).within(reach(scopes)))
    return Grant(token_id, kept.caller, scopes, epoch, int(registry or 0))


def _own(text: str) -> tuple[tuple[Any, ...], tuple[str, ...]] | None:
    """The row of a token that a user made, and its scopes."""
    row = db.row(Sql(_USE, (tokens.hashed(text),)))
    return (row, tuple(json.column(row[2]))) if row is not None else None


def _of_application(text: str, door: str) -> tuple[tuple[Any, ...], tuple[str, ...]] | None:
    """The row of an application's token, where it is meant for this door, and its scopes."""
    row = db.row(Sql(_USE_OF_APPLICATION, (tokens.hashed(text),)))
    if row is None or address(door) not in (json.column(row[6]) or {}).get("resources", ()):
        return None
    return row[:6], tuple(scope for scope in row[2].split("\n") if is_scope(scope))


def address(door: str) -> str:
    """The address of what a door opens: the audience of a token for it. Empty for a door without one."""
    path = RESOURCES.get(door)
    return f"{settings.BASE_URL}{path}" if path else ""


def reach(scopes: Iterable[str]) -> Reach:
    """How far scopes reach: all objects, or those that they name."""
    plain = {s for s in scopes if ":" not in s}
    named = [s.partition(":") for s in scopes if ":" in s]
    writes = None if plain & {WRITE, ADMIN} else frozenset(key for kind, _c, key in named if kind == WRITE)
    reads = None if plain else frozenset(key for _kind, _c, key in named)
    return Reach(reads, writes)


def note_use(token_id: int, moment: dt.datetime) -> None:
    """Note when a token was used last."""
    when = db.dialect().moment(moment)
    db.execute(Sql("UPDATE records_apitoken SET last_used_at = %s WHERE id = %s", (when, token_id)))


def forget() -> None:
    """Empty what is kept of tokens, after a rollback or between tests."""
    _kept.clear()
