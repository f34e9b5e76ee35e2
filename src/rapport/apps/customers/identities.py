"""Identities: kept equal to the contact points of live people, one holder each.

Where an address already tells who someone else is, the person is saved with the contact point but without the identity;
the answer is the same as for an unknown one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from functools import partial
from operator import itemgetter
from typing import Any

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.records.write import Batch
from rapport.registry.extensions import Identity

SELF, EMAIL, PHONE = "self", "email", "phone"
_KINDS = {"emails": EMAIL, "phones": PHONE}


READY = "identities"


def prepare(batch: Batch) -> list[list[tuple[str, str]]]:
    """Kind and value of all that new people are reached by, by their position."""
    return [_points(e.values) for e in batch.entries]


def effects(batch: Batch) -> None:
    """Give new people an identity of their own; follow changed contact points; let go in the trash."""
    if batch.action == "create":
        ready = batch.ready.get(READY)
        wanted = [(e.id, SELF, str(e.id)) for e in batch.entries]
        for e in batch.entries:
            wanted += [(e.id, *point) for point in (ready[e.position] if ready else _points(e.values))]
        claim(wanted)
    elif batch.action == "update":
        changed = [e for e in batch.entries if e.changes("emails") or e.changes("phones")]
        kept = {w for e in changed for w in _wanted(e.id, {**e.before, **e.values})}
        release([e.id for e in changed], but=kept)
        claim(kept)
    elif batch.action == "delete":
        release(batch.ids)
    elif batch.action == "restore":
        claim(wanted for e in batch.entries for wanted in _wanted(e.id, e.before))


def _wanted(person: int, values: dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    return ((person, *point) for point in _points(values))


def _points(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (kind, normal(kind, point["value"]))
        for field, kind in _KINDS.items()
        for point in values.get(field) or ()
        if not point.get("shared")
    ]


def normal(kind: str, value: str) -> str:
    """The form in which a value is compared: addresses in lower case, phones without spaces."""
    if kind == EMAIL:
        return value.lower()
    return value if value[1:].isalnum() else "".join(c for c in value if c.isalnum() or c == "+")


def claim(wanted: Iterable[tuple[int, str, str]]) -> None:
    """Record identities of people; one that another live person holds, or an older one wants, is left out."""
    rows = sorted(wanted, key=itemgetter(1, 2, 0))
    db.insert_missing("customers_identity", ("person_id", "kind", "value"), rows, unique=("kind", "value"))


def release(people: Iterable[int], but: Set[tuple[int, str, str]] = frozenset()) -> None:
    """Let go of what people are reached by, `but` some; what history points at stays, as do all other identities."""
    keys = sorted(people)
    for part in db.chunks(keys):
        text = (
            f"SELECT id, person_id, kind, value FROM customers_identity WHERE person_id IN ({db.marks(part)}) "
            "AND kind IN ('email', 'phone') AND NOT EXISTS "
            "(SELECT 1 FROM customers_participant p WHERE p.identity_id = customers_identity.id)"
        )
        gone = [row[0] for row in db.rows(Sql(text, tuple(part))) if row[1:] not in but]
        for keys_gone in db.chunks(gone):
            text = f"DELETE FROM customers_identity WHERE id IN ({db.marks(keys_gone)})"
            db.execute(Sql(text, tuple(keys_gone)))


def own(people: Iterable[int]) -> dict[int, int]:
    """The own identity of each person, to point at; not one that came with a merge."""
    found: dict[int, int] = {}
    for part in db.chunks(sorted({str(person) for person in people})):
        text = f"SELECT person_id, id FROM customers_identity WHERE kind = 'self' AND value IN ({db.marks(part)})"
        found.update(db.rows(Sql(text, tuple(part))))
    return found


def find(kind: str, values: Iterable[str]) -> dict[str, int]:
    """Who holds an identity: normalised value to person."""
    found: dict[str, int] = {}
    for part in db.chunks(sorted({normal(kind, v) for v in values})):
        text = f"SELECT value, person_id FROM customers_identity WHERE kind = %s AND value IN ({db.marks(part)})"
        found.update(db.rows(Sql(text, (kind, *part))))
    return found


def known_to(caller: Caller, email: str) -> int | None:
    """The person with a mail address, if the caller may see them."""
    found = find(EMAIL, [email]).get(normal(EMAIL, email)) if email else None
    return found if found and visible(caller, "person").allowed([found], "read") else None


IDENTITIES = tuple(
    Identity(
        name=f"person-{field}", object_key="person", field=field, normal=partial(normal, kind), find=partial(find, kind)
    )
    for field, kind in _KINDS.items()
)
