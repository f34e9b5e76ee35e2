"""What is done at a door about a new record that is there already, or may be: told, refused, filled in, queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.features.duplicates import finding
from rapport.features.duplicates.finding import Match
from rapport.features.duplicates.keys import identified
from rapport.features.duplicates.models import DoorPolicy, Source
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import audit, users
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import Text
from rapport.registry.types.contacts import ContactsType

TABLE = DoorPolicy._meta.db_table
NOTHING, WARN, BLOCK, MERGE, QUEUE = "nothing", "warn", "block", "merge", "queue"
LABELS: dict[str, Text] = {
    NOTHING: pgettext_lazy("about a duplicate", "do nothing"),
    WARN: pgettext_lazy("about a duplicate", "warn"),
    BLOCK: pgettext_lazy("about a duplicate", "refuse"),
    MERGE: pgettext_lazy("about a duplicate", "fill in the one that is there"),
    QUEUE: pgettext_lazy("about a duplicate", "save, and queue for review"),
}
PAGE, API, IMPORT, AGENT, MAIL, EVENT, OTHER = "page", "rest", "import", "mcp", "mail", "event", "other"
DOORS: dict[str, Text] = {
    PAGE: _("Forms"), API: _("Programs (API)"), IMPORT: _("Imports"), AGENT: _("Agents (MCP)"),
    MAIL: _("Mail that comes in"), EVENT: _("Events"), OTHER: _("Everything else"),
}  # fmt: skip
ARRIVING = frozenset({MAIL, EVENT})
"""Doors at which nobody waits for an answer, and an identity says who is meant: only objects that have some come so."""
SOURCES = {
    PAGE: Source.FORM, API: Source.API, IMPORT: Source.IMPORT, AGENT: Source.AGENT, MAIL: Source.MAIL,
    EVENT: Source.EVENT,
}  # fmt: skip
"""What is told of a pair to have found it; of every other door, `Source.OTHER`."""
ASKED = frozenset({WARN, BLOCK, MERGE})
"""What must be known before a record is made."""
AT_ONCE = 100
"""Records that are looked for at once."""
INTERACTIVE, SILENT = (NOTHING, WARN, BLOCK, MERGE, QUEUE), (NOTHING, QUEUE)


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done when an identity is the same (`exact`), and when records are merely alike (`near`)."""

    exact: str
    near: str

    @property
    def asks(self) -> bool:
        """Whether matches must be known before a record is made."""
        return not ASKED.isdisjoint((self.exact, self.near))

    @property
    def looks(self) -> bool:
        """Whether new records are looked at at all."""
        return (self.exact, self.near) != (NOTHING, NOTHING)

    def about(self, matches: list[Match]) -> str:
        """What is done about these matches; nothing where there are none."""
        if not matches:
            return NOTHING
        return self.exact if matches[0].exact else self.near

    def queues(self, match: Match) -> bool:
        """Whether a pair with this match is queued for review: also where one was made that was to be filled in."""
        return self.exact in {QUEUE, MERGE} if match.exact else self.near == QUEUE


DEFAULTS = {
    PAGE: Policy(WARN, WARN), API: Policy(QUEUE, QUEUE), IMPORT: Policy(QUEUE, QUEUE), AGENT: Policy(WARN, WARN),
    MAIL: Policy(MERGE, QUEUE), EVENT: Policy(MERGE, QUEUE), OTHER: Policy(QUEUE, QUEUE),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about a new record, and the matches for which it is."""

    act: str
    matches: tuple[Match, ...] = ()


def offered(door: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What may be chosen at a door: for the same identity, and for what is alike, which never fills in by itself.

    Who arrives under an identity that is there is that record, so no second one is ever made of them.
    """
    if door in {IMPORT, OTHER}:
        return SILENT, SILENT
    if door in ARRIVING:
        return (NOTHING, MERGE), (*SILENT, BLOCK)
    return INTERACTIVE, tuple(choice for choice in INTERACTIVE if choice != MERGE)


def doors(obj: RegisteredObject) -> list[str]:
    """The doors by which records of an object come in."""
    return [door for door in DOORS if door not in ARRIVING or identified(obj)]


def of(obj: RegisteredObject, door: str) -> Policy:
    """What is done at a door, by what administrators chose."""
    door = door if door in DOORS else OTHER
    text = f"SELECT exact, near FROM {TABLE} WHERE object_key = %s AND door = %s"
    row = db.row(Sql(text, (obj.key, door)))
    return Policy(*row) if row else DEFAULTS[door]


def choose(caller: Caller, obj: RegisteredObject, door: str, exact: str, near: str) -> None:
    """Set what is done at a door. Raises Forbidden, and Invalid for what can't be chosen there."""
    users.check_administrator(caller)
    errors: dict[str, list[Any]] = {}
    choices = offered(door) if obj.matching and door in doors(obj) else ((), ())
    for name, value, known in zip(("exact", "near"), (exact, near), choices, strict=True):
        if value not in known:
            errors[name] = [_("Choose one of these: %(known)s.") % {"known": ", ".join(known) or "–"}]
    if errors:
        raise Invalid(errors)
    text = (
        f"INSERT INTO {TABLE} (object_key, door, exact, near) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (object_key, door) DO UPDATE SET exact = excluded.exact, near = excluded.near"
    )
    db.execute(Sql(text, (obj.key, door, exact, near)))
    audit.record(
        "duplicate policy", caller=caller, subject=obj.key, detail={"door": door, "exact": exact, "near": near}
    )


def decide(caller: Caller, obj: RegisteredObject, raw: Mapping[str, Any], wish: str = "") -> Decision:
    """What is to be done about a record with these raw values at the caller's door, and the matches they may see.

    A program's `wish` goes before what administrators chose, but for a refusal, which it can't lift.
    Filling in needs one record that is surely meant and that the caller may edit; where there is none, it is refused.
    """
    (decision,) = decide_each(caller, obj, (raw,), wish)
    return decision


def decide_each(
    caller: Caller, obj: RegisteredObject, rows: Sequence[Mapping[str, Any]], wish: str = ""
) -> list[Decision]:
    """What is to be done about each of many; they are compared with what is there, not with one another.

    Where something is asked at the door, that takes milliseconds for each: call it outside of a transaction.
    """
    if not obj.matching:
        return [Decision(NOTHING)] * len(rows)
    policy = of(obj, caller.door)
    if wish:
        policy = Policy(_wished(wish, policy.exact, near=False), _wished(wish, policy.near, near=True))
    if not policy.asks:
        return [Decision(policy.exact)] * len(rows)
    asked = [(None, finding.cleaned(caller, obj, raw).get) for raw in rows]
    found = (matches for part in db.chunks(asked, AT_ONCE) for matches in finding.find_each(caller, obj, part))
    return [_decided(caller, obj, policy, matches) for matches in found]


def _decided(caller: Caller, obj: RegisteredObject, policy: Policy, matches: list[Match]) -> Decision:
    act = policy.about(matches)
    if act == MERGE:
        meant = [match.id for match in matches if match.exact]
        if len(meant) > 1 or not visible(caller, obj).allowed(meant, "edit"):
            act = BLOCK
    return Decision(act, tuple(matches))


def _wished(wish: str, chosen: str, *, near: bool) -> str:
    if chosen == BLOCK and not (wish == MERGE and not near):
        return BLOCK
    return QUEUE if wish == MERGE and near else wish


def fill(caller: Caller, obj: RegisteredObject, record_id: int, raw: Mapping[str, Any]) -> list[str]:
    """Put raw values where a record has none yet, and contact points beside its own; names of the fields it was.

    Raises NotFound, Forbidden, Invalid.
    """
    view = visible(caller, obj).get(record_id)
    env, values = caller.env(), dict[str, Any]()
    for name, given in raw.items():
        spec = view.obj.fields.get(name)
        if spec is None or name not in view.values or not caller.edits(obj, spec):
            continue
        have = view.get(name)
        if spec.type.is_empty(have):
            values[name] = given
        elif isinstance(spec.type, ContactsType):
            new = spec.type.clean(spec, given, env)
            more = [p for p in new if all(p["value"] != held["value"] for held in have)]
            if more:
                values[name] = [{**have[0], "primary": True}, *have[1:], *more]
    if values:
        write.update(caller, obj.key, record_id, values, version=view.version)
    return list(values)
