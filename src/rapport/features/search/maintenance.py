"""Makes the index anew, tidies it, and takes out what it holds of erased records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import CASCADE
from django.utils import timezone

from rapport.features.search import vocabulary
from rapport.features.search.backends import back_end
from rapport.features.search.indexing import store
from rapport.features.search.texts import CODE_OBJECTS, ID_BITS, Searched, doc_range, searched
from rapport.lib import json
from rapport.lib.sql import Sql, all_of, one_of
from rapport.records import db
from rapport.records.accounts.scope import fixed
from rapport.records.customising.models import CustomObject
from rapport.records.jobs import queue
from rapport.records.write import storing
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject

CHUNK = 1_000
SCRUB, SCRUB_AFTER = "search-scrub", dt.timedelta(minutes=10)
"""The job that clears the index of erased words, and how long it waits for more of them."""

Progress = Callable[[int, int | None], Any]


def reindex(object_key: str, progress: Progress = lambda done, total: None) -> int:
    """Bring the entries of an object up to date with its records, in steps, while others work; how many there are.

    For a searched field that came, went or returned, and for a restored custom object. Raises KeyError.
    """
    obj = catalog.current()[object_key]
    plan, done = searched(obj), 0
    if plan.fields:
        for ids in _live(obj):
            with transaction.atomic():
                store(plan, storing.full_rows(obj, all_of([one_of("t.id", ids), Sql("t.deleted_at IS NULL")])))
            done += len(ids)
            progress(done, None)
    drop_orphans(obj)
    upsert = "INSERT INTO search_state (number, fields) VALUES (%s, %s) ON CONFLICT (number) DO UPDATE SET fields = %s"
    db.execute(Sql(upsert, (plan.number, _fields(obj), _fields(obj))))
    return done


def follow(progress: Progress = lambda done, total: None) -> list[str]:
    """Reindex the objects of which other fields are searched than when that was last done; their keys."""
    known = dict(db.rows(Sql("SELECT number, fields FROM search_state")))
    changed = [o for o in catalog.current().objects.values() if known.get(searched(o).number) != _fields(o)]
    for obj in changed:
        reindex(obj.key, progress)
    return [obj.key for obj in changed]


def _fields(obj: RegisteredObject) -> str:
    return " ".join(sorted(f"{field.name}:{group}" for field, group in searched(obj).fields))


def rebuild(progress: Progress = lambda done, total: None) -> int:
    """Make the whole index anew; how many entries it has."""
    if connection.vendor == "sqlite":
        db.execute(Sql("INSERT INTO search_words (search_words) VALUES ('rebuild')"))
    done = fill(progress)
    tidy()
    return done


def fill(progress: Progress = lambda done, total: None) -> int:
    """Bring the entries of all objects up to date with their records; how many there are."""
    done = 0
    for key in catalog.current().objects:
        done += reindex(key, _after(done, progress))
    return done


def _after(before: int, progress: Progress) -> Progress:
    return lambda done, total: progress(before + done, total)


def tidy() -> dict[str, int]:
    """Take out entries without a live record, and words that no entry holds any more; how many."""
    entries = sum(drop_orphans(obj) for obj in catalog.current().objects.values())
    known = {searched(obj).number for obj in catalog.current().objects.values()}
    known |= {CODE_OBJECTS + pk for pk in CustomObject.objects.values_list("pk", flat=True)}
    for number in _numbers():
        if number not in known:
            entries += _drop(doc_range(number), "")
    words = 0
    for part in _words():
        words += len(_forget_unused(part))
    back_end().tend()
    return {"entries": entries, "words": words}


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Take out what the index holds of records, of what goes with them, and words that only they had.

    A job clears away what of them is left in the files of the index.
    """
    _erase(obj, ids)
    queue.enqueue(SCRUB, key=SCRUB, due_at=timezone.now() + SCRUB_AFTER)


def _erase(obj: RegisteredObject, ids: list[int]) -> None:
    plan, words = searched(obj), set[str]()
    for part in db.chunks(ids):
        for entry in storing.full_rows(obj, one_of("t.id", part)):
            plan.entry(entry.get, words)
        for values in _former(obj, plan, part):
            plan.entry(values.get, words)
        back_end().remove([plan.doc(record_id) for record_id in part])
        for other, column in _going_along(obj):
            text = f'SELECT id FROM "{other.table}" WHERE "{column}" IN ({db.marks(part)})'
            if found := [i for (i,) in db.rows(Sql(text, tuple(part)))]:
                _erase(other, found)
    _forget_unused(sorted(words))


def drop_orphans(obj: RegisteredObject) -> int:
    """Take out entries of an object whose record is gone, or of which nothing is searched any more; how many."""
    plan = searched(obj)
    if not plan.fields:
        return _drop(doc_range(plan.number), "")
    held = fixed(obj, "t")
    gone = (
        f'AND NOT EXISTS (SELECT 1 FROM "{obj.table}" t WHERE t.id = search_entry.id - {plan.number << ID_BITS} '
        f"AND t.deleted_at IS NULL AND {held.text})"
    )
    return _drop(doc_range(plan.number), gone, held.params)


def _drop(range_: tuple[int, int], gone: str, params: tuple[Any, ...] = ()) -> int:
    """Delete the entries of a range that satisfy a condition, in steps, so that no writer waits long."""
    dropped = 0
    text = f"SELECT id FROM search_entry WHERE id BETWEEN %s AND %s {gone} LIMIT {CHUNK}"
    while docs := [doc for (doc,) in db.rows(Sql(text, (*range_, *params)))]:
        with transaction.atomic():
            back_end().remove(docs)
        dropped += len(docs)
    return dropped


def _live(obj: RegisteredObject) -> Iterator[list[int]]:
    """Keys of live records, ascending, in steps."""
    held, last = fixed(obj, "t"), 0
    text = (
        f'SELECT t.id FROM "{obj.table}" t WHERE t.id > %s AND t.deleted_at IS NULL AND {held.text} '
        f"ORDER BY t.id LIMIT {CHUNK}"
    )
    while ids := [i for (i,) in db.rows(Sql(text, (last, *held.params)))]:
        yield ids
        last = ids[-1]


def _numbers() -> Iterator[int]:
    """Numbers of the objects that have entries."""
    doc = -1
    while (found := db.row(Sql("SELECT MIN(id) FROM search_entry WHERE id > %s", (doc,)))) and found[0] is not None:
        yield found[0] >> ID_BITS
        doc = doc_range(found[0] >> ID_BITS)[1]


def _words() -> Iterator[list[str]]:
    """All known words, in steps."""
    last = ""
    text = f"SELECT word FROM search_key WHERE key = word AND key > %s ORDER BY key LIMIT {CHUNK}"
    while words := [w for (w,) in db.rows(Sql(text, (last,)))]:
        yield words
        last = words[-1]


def _forget_unused(words: Iterable[str]) -> list[str]:
    """Forget those of the words that no entry holds; which."""
    occurs = back_end().occurs
    unused = [word for word in vocabulary.learnable(words) if not occurs(word)]
    vocabulary.forget(unused)
    return unused


def _former(obj: RegisteredObject, plan: Searched, ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Values that searched fields had, by the change log."""
    text = f"SELECT diff FROM records_change WHERE object_key = %s AND record_id IN ({db.marks(ids)})"
    for (raw,) in db.rows(Sql(text, (obj.key, *ids))):
        diff = json.column(raw) or {}
        for at in (0, 1):
            yield {n: obj.fields[n].type.from_json(diff[n][at]) for n in plan.names & diff.keys()}


def _going_along(obj: RegisteredObject) -> Iterator[tuple[RegisteredObject, str]]:
    """Objects whose records are removed with those that they refer to, and the column that refers."""
    for relation in obj.spec.model._meta.related_objects:
        if relation.on_delete is not CASCADE:
            continue
        for other in catalog.current().objects.values():
            if other.spec.model is relation.related_model and not other.custom_object:
                yield other, str(relation.field.column)
