"""Batches of new records between processes: what `cleaned` gives in one is written by `insert` in another.

Caller and object do not travel: both processes have them, and have made sure that they are the same.
"""

from __future__ import annotations

from typing import Any

from rapport.records.accounts.caller import Caller
from rapport.records.write.batch import CREATE, Batch, Entry
from rapport.registry.catalog import RegisteredObject

Packed = tuple[list[tuple[Any, ...]], set[str], dict[str, Any]]


def packed(batch: Batch) -> Packed:
    """A batch of new records as plain values, to be pickled."""
    entries = [(e.values, _said(e), e.custom, e.position, e.at, e.told, e.tail) for e in batch.entries]
    return entries, batch.changed, batch.ready


def _said(entry: Entry) -> dict[str, list[str]]:
    return {name: [str(text) for text in texts] for name, texts in entry.errors.items()} if entry.errors else {}


def unpacked(caller: Caller, obj: RegisteredObject, load: Packed) -> Batch:
    """The inverse of `packed`; the records are of the moment when they are unpacked."""
    entries, changed, ready = load
    return Batch(caller, obj, CREATE, [Entry(0, 1, {}, *entry) for entry in entries], caller.env(), changed, "", ready)
