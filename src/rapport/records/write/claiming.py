"""Unique custom values of merged records: the survivor stands for them, so that a program that sends one finds it."""

from __future__ import annotations

from collections.abc import Sequence

from rapport.lib.sql import Sql, one_of
from rapport.records import db
from rapport.records.merging.finding import below
from rapport.records.write import storing
from rapport.registry.catalog import RegisteredObject

_COLUMNS = ("object_key", "field", "value", "record_id")


def _values(obj: RegisteredObject, ids: Sequence[int]) -> list[tuple[str, str]]:
    """Field and compared form of the unique custom values that records hold, or would hold if they were live."""
    fields = [f for f in obj.customs if f.unique]
    if not fields or not ids:
        return []
    entries = storing.full_rows(obj, one_of("t.id", sorted(ids)), lock=False)
    pairs = ((f.name, storing.unique_text(f, e.before.get(f.name))) for e in entries for f in fields)
    return sorted({(name, text) for name, text in pairs if text})


def stand_for(obj: RegisteredObject, survivor: int, others: Sequence[int]) -> None:
    """Claim for the survivor what the others, and what stands in them, held."""
    values = _values(obj, [*others, *below(obj.key, others)])
    rows = [(obj.key, name, text, survivor) for name, text in values]
    db.insert_missing("records_uniquevalue", _COLUMNS, rows, unique=_COLUMNS[:3])


def let_go(obj: RegisteredObject, survivor: int, others: Sequence[int]) -> None:
    """Give up for the survivor what the others held, but for its own values."""
    own = set(_values(obj, [survivor]))
    values = [pair for pair in _values(obj, [*others, *below(obj.key, others)]) if pair not in own]
    for name, text in values:
        where = "object_key = %s AND field = %s AND value = %s AND record_id = %s"
        db.execute(Sql(f"DELETE FROM records_uniquevalue WHERE {where}", (obj.key, name, text, survivor)))


def stand_again(obj: RegisteredObject, ids: Sequence[int]) -> None:
    """Claim again for records that are back what stands in each of them."""
    for record_id in ids:
        stand_for(obj, record_id, below(obj.key, [record_id]))
