"""`Caller`: who acts, through which door, and what they may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from rapport.records import db
from rapport.records.accounts import epochs
from rapport.records.accounts.models import Organisation, Share, Team, User
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.env import Env
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import ALL, LEVELS, NONE

HIDDEN, READ, EDIT = "hidden", "read", "edit"
WEEK_START = "week_start"
"""The preference that holds the first day of a user's week."""
CURRENCY = "currency"
"""The preference that holds the currency in which a user enters amounts, where it is not the organisation's."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What is left of a caller's rights, such as to a token: keys of objects to read and to write; None: all."""

    reads: frozenset[str] | None = None
    writes: frozenset[str] | None = None


@dataclass(frozen=True, eq=False)
class Caller:
    """A user (or the system) with rights resolved. Immutable; made anew when the rights epoch rises.

    `teams` are the caller's teams with all below them. `levels` holds what roles say, object to action to level;
    `fields` object to field to hidden or read. `week_start` is the first day of the week, 0 for Monday. Sums are
    told in `currency`, the organisation's; `enters_in` is the one in which they enter amounts. `shared` names the
    objects of which something is shared with the caller.
    """

    user_id: int | None
    name: str
    email: str = ""
    is_admin: bool = False
    team_id: int | None = None
    teams: tuple[int, ...] = ()
    roles: tuple[tuple[Mapping[str, Mapping[str, str]], Mapping[str, Mapping[str, str]]], ...] = ()
    shared: frozenset[str] = frozenset()
    zone: str = "UTC"
    language: str = "en"
    theme: str = "auto"
    week_start: int = 0
    currency: str = "EUR"
    enters_in: str = "EUR"
    country: str = "DE"
    door: str = "page"
    batch: str = ""
    reach: Reach | None = None
    """What narrows all of it, such as the scopes of a token."""
    session_hash: str = field(default="", repr=False)
    cache: dict[Any, Any] = field(default_factory=dict, repr=False)

    def level(self, obj: RegisteredObject, action: str) -> str:
        """How far `action` reaches on records of `obj`: none, own, team or all.

        The widest of what roles say counts; where none says anything, the object's own declaration.
        """
        if self.bars(obj, action):
            return NONE
        if self.is_admin:
            return ALL
        said = (rights.get(obj.key, {}).get(action) or rights.get("*", {}).get(action) for rights, _f in self.roles)
        levels = [level for level in said if level]
        return max(levels, key=LEVELS.index) if levels else str(getattr(obj.spec.access, action))

    def may(self, obj: RegisteredObject, action: str) -> bool:
        """Whether `action` reaches any record of `obj` at all."""
        shared = action in {"read", "edit"} and obj.key in self.shared and not self.bars(obj, action)
        return shared or self.level(obj, action) != NONE

    def bars(self, obj: RegisteredObject, action: str) -> bool:
        """Whether the caller's reach leaves out `action` on records of `obj`, whatever roles say."""
        if self.reach is None:
            return False
        keys = self.reach.reads if action in {"read", "export"} else self.reach.writes
        return keys is not None and obj.key not in keys

    def field_right(self, obj: RegisteredObject, name: str) -> str:
        """hidden, read or edit; the most generous role counts."""
        if self.is_admin or not self.roles:
            return EDIT
        order = (HIDDEN, READ, EDIT)
        said = (fields.get(obj.key, {}).get(name, EDIT) for _r, fields in self.roles)
        return max(said, key=order.index)

    def sees(self, obj: RegisteredObject, spec: FieldSpec) -> bool:
        """Whether the caller may read a field; a computed one only with everything that it is computed from."""
        if self.field_right(obj, spec.name) == HIDDEN:
            return False
        return spec.type.storage != "computed" or self._sees_inputs(obj, spec)

    def _sees_inputs(self, obj: RegisteredObject, spec: FieldSpec) -> bool:
        if self.is_admin or not self.roles:
            return True
        if "relation" not in spec.options:
            return all(self.field_right(obj, name) != HIDDEN for name in spec.options.get("inputs", ()))
        current = catalog.current()
        relation = current.relations[obj.key][spec.options["relation"]]
        names = {relation.field, spec.options.get("of"), *fields_of(spec.options.get("where") or {})} - {None, ""}
        return all(self.field_right(current[relation.target], str(name)) != HIDDEN for name in names)

    def edits(self, obj: RegisteredObject, spec: FieldSpec) -> bool:
        """Whether the caller may set a field."""
        return spec.editable and spec.type.storage != "computed" and self.field_right(obj, spec.name) == EDIT

    def visible_fields(self, obj: RegisteredObject) -> dict[str, FieldSpec]:
        """The fields that the caller may read, in order. Kept with the caller: not to be changed."""
        kept = self.cache.get(("visible", obj.key))
        if kept is None or kept[0] is not obj:
            kept = self.cache[("visible", obj.key)] = (obj, {n: f for n, f in obj.fields.items() if self.sees(obj, f)})
        found: dict[str, FieldSpec] = kept[1]
        return found

    def env(self) -> Env:
        """Time, zone and database for cleaning and filtering."""
        return Env(
            dialect=db.dialect(), now=timezone.now(), zone=ZoneInfo(self.zone), user_id=self.user_id,
            currency=self.currency, country=self.country,
        )  # fmt: skip

    def through(self, door: str, batch: str = "") -> Caller:
        """The same caller at another door, or within a named bulk act."""
        return replace(self, door=door, batch=batch or self.batch)

    def within(self, reach: Reach) -> Caller:
        """The same caller with no more than this reach."""
        return replace(self, reach=reach, cache={})


def fields_of(filter_: Any) -> Iterator[str]:
    """The fields that a filter names, the first step of each path."""
    if isinstance(filter_, Mapping):
        if "field" in filter_:
            yield str(filter_["field"]).partition(".")[0]
            return
        filter_ = list(filter_.values())
    if isinstance(filter_, list):
        for inner in filter_:
            yield from fields_of(inner)


_cache: dict[int, tuple[int, Caller]] = {}


def system(door: str = "system", batch: str = "") -> Caller:
    """The system itself: sees and may everything."""
    organisation = Organisation.objects.first()
    return Caller(
        user_id=None, name="Rapport", is_admin=True, door=door, batch=batch,
        zone=organisation.zone if organisation else "UTC",
        currency=organisation.currency if organisation else "EUR",
        enters_in=organisation.currency if organisation else "EUR",
        country=organisation.country if organisation else "DE",
    )  # fmt: skip


def of_user(user_id: int, epoch: int | None = None) -> Caller | None:
    """The caller of a user; None when there is no active user with this key. Cached for as long as rights stay."""
    epoch = epochs.read()[epochs.RIGHTS] if epoch is None else epoch
    if (cached := _cache.get(user_id)) and cached[0] == epoch:
        return cached[1]
    user = User.objects.filter(pk=user_id, is_active=True).prefetch_related("teams", "roles").first()
    if user is None:
        _cache.pop(user_id, None)
        return None
    caller = _load(user)
    _cache[user_id] = (epoch, caller)
    return caller


def forget() -> None:
    """Empty the cache of callers, after a rollback or between tests."""
    _cache.clear()


def _load(user: User) -> Caller:
    own = [team.pk for team in user.teams.all()]
    teams = below(own)
    organisation = Organisation.objects.first() or Organisation(name="")
    shared = Share.objects.filter(user=user).values_list("object_key", flat=True).distinct()
    by_team = Share.objects.filter(team__in=teams).values_list("object_key", flat=True).distinct()
    return Caller(
        user_id=user.pk,
        name=str(user),
        email=user.email,
        is_admin=user.is_admin,
        team_id=own[0] if own else None,
        teams=teams,
        roles=tuple((role.rights, role.fields) for role in user.roles.all()),
        shared=frozenset((*shared, *by_team)),
        zone=user.zone,
        language=user.language,
        theme=user.theme,
        week_start=int(user.preferences.get(WEEK_START, 0)),
        currency=organisation.currency,
        enters_in=str(user.preferences.get(CURRENCY) or organisation.currency),
        country=organisation.country,
        session_hash=user.get_session_auth_hash(),
    )


def below(teams: Iterable[int]) -> tuple[int, ...]:
    """The teams and all teams below them in the tree."""
    children: dict[int | None, list[int]] = {}
    for key, parent in Team.objects.values_list("pk", "parent_id"):
        children.setdefault(parent, []).append(key)
    found: dict[int, None] = {}
    queue = list(teams)
    while queue:
        team = queue.pop()
        if team not in found:
            found[team] = None
            queue.extend(children.get(team, ()))
    return tuple(sorted(found))
