"""Identities: kept equal to the contact points of live people, one holder each.

Where an address already tells who someone else is, the person is saved with the contact point but without the identity;
the answer is the same as for an unknown one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.write import Batch

SELF, EMAIL, PHONE = "self", "email", "phone"
_KINDS = {"emails": EMAIL, "phones": PHONE}


def effects(batch: Batch) -> None:
    """Give new people an identity of their own; follow changed contact points; let go in the trash."""
    if batch.action == "create":
        claim(wanted for e in batch.entries for wanted in ((e.id, SELF, str(e.id)), *_wanted(e.id, e.values)))
    elif batch.action == "update":
        changed = [e for e in batch.entries if e.changes("emails") or e.changes("phones")]
        release([e.id for e in changed])
        claim(wanted for e in changed for wanted in _wanted(e.id, {**e.before, **e.values}))
    elif batch.action == "delete":
        release(batch.ids)
    elif batch.action == "restore":
        claim(wanted for e in batch.entries for wanted in _wanted(e.id, e.before))


def _wanted(person: int, values: dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    for field, kind in _KINDS.items():
        for point in values.get(field) or ():
            if not point.get("shared"):
                yield person, kind, normal(kind, point["value"])


def normal(kind: str, value: str) -> str:
    """The form in which a value is compared: addresses in lower case, phones without spaces."""
    if kind == EMAIL:
        return value.lower()
    return value if value[1:].isalnum() else "".join(c for c in value if c.isalnum() or c == "+")


def claim(wanted: Iterable[tuple[int, str, str]]) -> None:
    """Record identities of people; one that another live person holds, or an older one wants, is left out."""
    rows = sorted(set(wanted), key=itemgetter(1, 2, 0))
    db.insert_missing("customers_identity", ("person_id", "kind", "value"), rows, unique=("kind", "value"))


def release(people: Iterable[int]) -> None:
    """Let go of what people are reached by; what history points at stays, as does their own identity."""
    keys = sorted(people)
    for part in db.chunks(keys):
        marks = db.marks(part)
        db.execute(
            Sql(
                f"DELETE FROM customers_identity WHERE person_id IN ({marks}) AND kind <> 'self' AND NOT EXISTS "
                "(SELECT 1 FROM customers_participant p WHERE p.identity_id = customers_identity.id)",
                tuple(part),
            )
        )


def own(people: Iterable[int]) -> dict[int, int]:
    """The own identity of each person, to point at."""
    found: dict[int, int] = {}
    for part in db.chunks(sorted(set(people))):
        text = f"SELECT person_id, id FROM customers_identity WHERE kind = 'self' AND person_id IN ({db.marks(part)})"
        found.update(db.rows(Sql(text, tuple(part))))
    return found


def find(kind: str, values: Iterable[str]) -> dict[str, int]:
    """Who holds an identity: normalised value to person."""
    found: dict[str, int] = {}
    for part in db.chunks(sorted({normal(kind, v) for v in values})):
        text = f"SELECT value, person_id FROM customers_identity WHERE kind = %s AND value IN ({db.marks(part)})"
        found.update(db.rows(Sql(text, (kind, *part))))
    return found
