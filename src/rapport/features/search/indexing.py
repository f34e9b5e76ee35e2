"""Keeps the index in step: in the transaction of every write, in sets."""

from __future__ import annotations

from collections.abc import Sequence

from rapport.features.search import vocabulary
from rapport.features.search.texts import Searched, searched
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.write import Batch
from rapport.records.write.batch import CREATE, DELETE, UPDATE, Entry

_PUT = (
    "INSERT INTO search_entry (id, text) VALUES (%s, %s) "
    "ON CONFLICT (id) DO UPDATE SET text = excluded.text WHERE search_entry.text <> excluded.text"
)


def run(batch: Batch) -> None:
    """The part of a write that the index has."""
    plan = searched(batch.obj)
    if not plan.fields:
        return
    if batch.action == DELETE:
        remove([plan.doc(record_id) for record_id in batch.ids])
        return
    entries = batch.entries
    if batch.action == UPDATE:
        entries = [e for e in entries if not plan.names.isdisjoint(e.values)]
    store(plan, entries, fresh=batch.action == CREATE)


def store(plan: Searched, entries: Sequence[Entry], *, fresh: bool = False) -> None:
    """Write the entries of records; `fresh` ones have none yet."""
    words: set[str] = set()
    rows = [(plan.doc(e.id), plan.entry(e.get, words)) for e in entries]
    if fresh and db.dialect().vendor == "postgresql":
        db.insert_many("search_entry", ("id", "text"), rows)
    elif rows:
        db.execute_many(_PUT, rows)
    if words:
        vocabulary.learn(words)


def remove(docs: Sequence[int]) -> None:
    """Take entries out of the index."""
    for part in db.chunks(docs):
        db.execute(Sql(f"DELETE FROM search_entry WHERE id IN ({db.marks(part)})", tuple(part)))
