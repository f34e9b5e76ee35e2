"""Keeps the index in step: in the transaction of every write, in sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapport.features.search import vocabulary
from rapport.features.search.backends import back_end
from rapport.features.search.texts import Searched, searched
from rapport.records.write import Batch, together
from rapport.records.write.batch import CREATE, DELETE, UPDATE, Entry

NAME = "search"
Prepared = tuple[list[str], frozenset[str]]
"""Texts of entries by their position, and the words of their names."""


def prepare(batch: Batch) -> Prepared | None:
    """What the index will hold of new records."""
    plan, words = searched(batch.obj), set[str]()
    return ([plan.entry(e.get, words) for e in batch.entries], frozenset(words)) if plan.fields else None


def run(batch: Batch) -> None:
    """The part of a write that the index has."""
    plan = searched(batch.obj)
    if not plan.fields:
        return
    if batch.ready.get(NAME) is not None:
        texts, words = batch.ready[NAME]
        _put([(plan.doc(e.id), texts[e.position]) for e in batch.entries], words, fresh=True)
        return
    if batch.action == DELETE:
        back_end().remove([plan.doc(record_id) for record_id in batch.ids])
        return
    entries = batch.entries
    if batch.action == UPDATE:
        entries = [e for e in entries if not plan.watched.isdisjoint(e.values)]
    store(plan, entries, fresh=batch.action == CREATE)


def store(plan: Searched, entries: Sequence[Entry], *, fresh: bool = False) -> None:
    """Write the entries of records; `fresh` ones have none yet."""
    words: set[str] = set()
    _put([(plan.doc(e.id), plan.entry(e.get, words)) for e in entries], words, fresh=fresh)


def _put(rows: Sequence[tuple[int, str]], words: Iterable[str], *, fresh: bool) -> None:
    if rows:
        back_end().put(rows, fresh=fresh)
        together.put_off(vocabulary.learn, list(words))
