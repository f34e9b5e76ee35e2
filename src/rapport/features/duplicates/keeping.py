"""Keeps the blocking keys in step: in the transaction of a write, or in sets right after it where many are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapport.features.duplicates.facts import facts_of
from rapport.features.duplicates.keys import keys_of
from rapport.lib.sql import Sql, all_of, one_of
from rapport.records import db
from rapport.records.write import Batch, storing
from rapport.records.write.batch import CREATE, DELETE, RESTORE, UPDATE, Entry
from rapport.registry.catalog import RegisteredObject

TABLE, COLUMNS = "duplicates_key", ("key", "record_id")
AT_ONCE = 20
"""More new records than this in one act, as an import makes them, get their keys by the job that compares them."""


def run(batch: Batch) -> None:
    """The part of a write that the keys have."""
    obj = batch.obj
    if not obj.matching or (batch.action == CREATE and len(batch.entries) > AT_ONCE):
        return
    if batch.action in {CREATE, RESTORE}:
        put(obj, batch.entries)
    elif batch.action == DELETE:
        _remove(_pairs(obj, batch.entries, before=True))
    elif batch.action == UPDATE:
        changed = [e for e in batch.entries if not obj.matching.keys().isdisjoint(e.values)]
        old, new = set(_pairs(obj, changed, before=True)), set(_pairs(obj, changed))
        _remove(sorted(old - new))
        _add(sorted(new - old))


def put(obj: RegisteredObject, entries: Sequence[Entry]) -> None:
    """Write the keys of records that have none, or not all of them."""
    _add(sorted(_pairs(obj, entries)))


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Remove the keys of records that are erased."""
    if obj.matching:
        for part in db.chunks(ids):
            live = all_of([one_of("t.id", part), Sql("t.deleted_at IS NULL")])
            _remove(_pairs(obj, storing.full_rows(obj, live), before=True))


def _pairs(obj: RegisteredObject, entries: Iterable[Entry], *, before: bool = False) -> list[tuple[int, int]]:
    return [
        (key, entry.id)
        for entry in entries
        for key in keys_of(obj, facts_of(obj.matching, entry.before.get if before else entry.get))
    ]


def _add(pairs: Sequence[tuple[int, int]]) -> None:
    db.insert_missing(TABLE, COLUMNS, pairs, unique=COLUMNS)


def _remove(pairs: Sequence[tuple[int, int]]) -> None:
    if pairs:
        db.execute_many(f"DELETE FROM {TABLE} WHERE key = %s AND record_id = %s", pairs)
