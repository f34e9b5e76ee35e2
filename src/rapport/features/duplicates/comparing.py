"""New records, looked at in sets after their commit: keys where an act made many, near matches for the review queue."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from rapport.features.duplicates import finding, keeping, keys, policies
from rapport.features.duplicates.models import KeyState, NewRecords, Source
from rapport.features.duplicates.suggesting import Suggestion, suggest
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import fixed
from rapport.records.jobs import queue
from rapport.records.read import visible
from rapport.records.write import storing
from rapport.records.write.batch import Entry
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject

NEW, STATE = NewRecords._meta.db_table, KeyState._meta.db_table
JOB, EVENTS = "duplicates-new", ("*.create",)
SET, DROPPED = 500, 5_000
"""Records that are written at once, and keys that are dropped at once."""
WAIT = dt.timedelta(seconds=5)
"""How long new records gather before they are looked at."""
SCHEME = "1"
"""Raised when other keys are made of the same fields."""


def note(events: Sequence[Any]) -> None:
    """Note new records, to be looked at. It writes one row for each act, whatever the number of its records."""
    wanted, known = False, catalog.current().objects
    for event in events:
        obj = known.get(event.object_key)
        if obj is None or not obj.matching or not event.ids:
            continue
        text = "SELECT door FROM records_change WHERE object_key = %s AND record_id = %s AND action = 'create'"
        row = db.row(Sql(text, (obj.key, event.ids[0])))
        door, many = row[0] if row else "", len(event.ids) > keeping.AT_ONCE
        if not policies.of(obj, door).looks:
            door = ""
        if door or many:
            _note(obj, min(event.ids) - 1, max(event.ids), door, event.actor_id)
            wanted = True
    if wanted:
        queue.wake(JOB, JOB, at=timezone.now() + WAIT)


def _note(obj: RegisteredObject, after: int, last: int, door: str, actor_id: int | None) -> None:
    text = (
        f"INSERT INTO {NEW} (object_key, keyed_to, compared_to, last_id, door, actor_id) "
        "VALUES (%s, %s, %s, %s, %s, %s)"
    )
    db.execute(Sql(text, (obj.key, after, after, last, door, actor_id)))


def look(context: Any) -> dict[str, int]:
    """The job: keys of all that is noted first, so that records of one import find each other, then what is alike."""
    done = {"records": 0, "pairs": 0}
    while (row := NewRecords.objects.order_by("id").first()) is not None:
        for waiting in NewRecords.objects.order_by("id"):
            _key(context, waiting, done)
        row.refresh_from_db()
        _compare(context, row, done)
        db.execute(Sql(f"DELETE FROM {NEW} WHERE id = %s", (row.pk,)))
    return done


def _key(context: Any, row: NewRecords, done: dict[str, int]) -> None:
    """Write the keys of noted records, a set in each transaction, with as much rest between for others to write."""
    obj = catalog.current().objects.get(row.object_key)
    if obj is None:
        return
    for ids in _sets(obj, row.keyed_to, row.last_id):
        begun = time.monotonic()
        with transaction.atomic():
            keeping.put(obj, _whole(obj, ids, lock=True))
            _reached("keyed_to", row, ids[-1])
        done["records"] += len(ids)
        context.progress(done["records"])
        context.stop.wait(min(time.monotonic() - begun, 1.0))
    _reached("keyed_to", row, row.last_id)


def _reached(how_far: str, row: NewRecords, record_id: int) -> None:
    db.execute(Sql(f"UPDATE {NEW} SET {how_far} = %s WHERE id = %s", (record_id, row.pk)))


def _sets(obj: RegisteredObject, after: int, last: int) -> Iterator[list[int]]:
    """Keys of live records, ascending, a set at a time."""
    where = all_of([Sql("t.id > %s AND t.id <= %s"), Sql("t.deleted_at IS NULL"), fixed(obj, "t")])
    text = f'SELECT t.id FROM "{obj.table}" t WHERE {where.text} ORDER BY t.id LIMIT {SET}'
    while ids := [key for (key,) in db.rows(Sql(text, (after, last, *where.params)))]:
        yield ids
        after = ids[-1]


def _whole(obj: RegisteredObject, ids: Sequence[int], *, lock: bool = False) -> list[Entry]:
    """Those of the records that are live by now."""
    where = all_of([db.dialect().among("t.id", ids), Sql("t.deleted_at IS NULL"), fixed(obj, "t")])
    return storing.full_rows(obj, where, lock=lock)


def _compare(context: Any, row: NewRecords, done: dict[str, int]) -> None:
    obj = catalog.current().objects.get(row.object_key)
    if obj is None or not row.door:
        return
    system, policy = callers.system(), policies.of(obj, row.door)
    actor = callers.of_user(row.actor_id) if row.actor_id else None
    for ids in _sets(obj, row.compared_to, row.last_id):
        entries = _whole(obj, ids)
        found = finding.find_each(system, obj, [(e.id, e.before.get) for e in entries])
        pairs = [
            Suggestion(entry.id, match.id, match.score, match.reasons)
            for entry, matches in zip(entries, found, strict=True)
            for match in matches
            if policy.queues(match) or _is_hidden(actor, obj, match.id)
        ]
        with transaction.atomic():
            suggest(obj.key, pairs, policies.SOURCES.get(row.door, Source.OTHER))
            _reached("compared_to", row, ids[-1])
        done["pairs"] += len(pairs)
        context.progress(done["records"])


def _is_hidden(actor: Caller | None, obj: RegisteredObject, record_id: int) -> bool:
    """Whether its maker could not be told of a record, so that somebody else must be."""
    return actor is not None and record_id not in visible(actor, obj).allowed([record_id])


def follow(context: Any) -> dict[str, list[str]]:
    """Now and then: objects whose matching fields are others than their keys were made of get them anew."""
    known = dict(KeyState.objects.values_list("object_key", "fields"))
    current = catalog.current().objects
    for gone in known.keys() - {key for key, obj in current.items() if obj.matching}:
        _drop(context, gone)
        db.execute(Sql(f"DELETE FROM {STATE} WHERE object_key = %s", (gone,)))
    changed = [obj for obj in current.values() if obj.matching and known.get(obj.key) != signature(obj)]
    for obj in changed:
        if obj.key in known:
            _drop(context, obj.key)
        last = db.row(Sql(f'SELECT MAX(id) FROM "{obj.table}"'))
        with transaction.atomic():
            _note(obj, 0, int(last[0] or 0) if last else 0, "", None)
            text = (
                f"INSERT INTO {STATE} VALUES (%s, %s) ON CONFLICT (object_key) DO UPDATE SET fields = excluded.fields"
            )
            db.execute(Sql(text, (obj.key, signature(obj))))
            queue.wake(JOB, JOB)
    return {"objects": [obj.key for obj in changed]} if changed else {}


def signature(obj: RegisteredObject) -> str:
    """What the keys of an object are made of."""
    return f"{SCHEME} " + " ".join(f"{name}:{match}" for name, match in sorted(obj.matching.items()))


def _drop(context: Any, object_key: str) -> None:
    """Take out the keys of an object, in steps, so that no writer waits long."""
    first, last = keys.key_range(object_key)
    part = f"SELECT key, record_id FROM {keeping.TABLE} WHERE key BETWEEN %s AND %s ORDER BY key LIMIT {DROPPED}"
    text = f"DELETE FROM {keeping.TABLE} WHERE (key, record_id) IN ({part})"
    while db.execute(Sql(text, (first, last))):
        context.progress(0)
