"""Moves what points at merged records to the survivor, in sets, and back again."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import serializers
from django.db import IntegrityError, transaction

from rapport.lib import json
from rapport.lib.sql import TRUE, Sql, one_of
from rapport.records import db
from rapport.records.accounts.caller import Caller, system
from rapport.records.base import Record
from rapport.records.merging.models import MergedRecord, MergeMove
from rapport.records.merging.pointers import Place, assignment, key_column, places, versioned
from rapport.records.write import storing
from rapport.records.write.batch import DELETE, MERGED, MOVE, RESTORE, UNMERGED, Batch, Entry
from rapport.records.write.creating import finish
from rapport.records.write.trashing import mark
from rapport.registry import catalog
from rapport.registry.catalog import SYSTEM, RegisteredObject

TOLD_NOTHING = frozenset({"owner", "team", *SYSTEM})
"""Fields that make no difference between two rows that say the same."""


@dataclass(slots=True)
class Absorption:
    """One merge at work: `caller` does it, `merge_id` is what its rows are kept under."""

    caller: Caller
    merge_id: int


def absorb(run: Absorption, obj: RegisteredObject, survivor: int, others: Sequence[int]) -> None:
    """Move every pointer from the others to the survivor. A row that would say nothing more is set aside."""
    for place in places(obj):
        _set_aside(run, place, survivor, list(others))
        _move(run, place, survivor, list(others))


def catch_up(events: Sequence[Any]) -> None:
    """Move what was pointed at merged records while their merge was being committed.

    On PostgreSQL, whoever refers to a record waits for the merge that has locked it, and goes on with its old key.
    """
    for event in events:
        if event.object_key not in catalog.current().objects:
            continue
        obj = catalog.current()[event.object_key]
        rows = MergedRecord.objects.filter(object_key=obj.key, record_id__in=event.ids, survivor_id__isnull=False)
        for row in rows:
            if row.survivor_id is not None:
                absorb(Absorption(system(), row.merge_id), obj, row.survivor_id, [row.record_id])


def _move(run: Absorption, place: Place, survivor: int, others: list[int]) -> None:
    where, key = place.pointing(others), f't."{key_column(place)}"'
    merged = [survivor, *others]
    beyond = Sql(f't."{place.holder}" NOT IN ({db.marks(merged)})', tuple(merged)) if place.own else TRUE
    kept = TRUE
    if place.obj is not None:  # rows that stand in their twin keep their values
        kept = Sql(
            f"NOT EXISTS (SELECT 1 FROM records_mergedrecord m WHERE m.merge_id = %s AND m.object_key = %s "
            f"AND m.record_id = {key})",
            (run.merge_id, place.obj.key),
        )
    count = db.execute(
        Sql(
            "INSERT INTO records_mergemove (merge_id, place, row_id, was, now) "
            f'SELECT %s, %s, {key}, {place.expression}, %s FROM "{place.table}" t '
            f"WHERE {where.text} AND {beyond.text} AND {kept.text}",
            (run.merge_id, place.name, survivor, *where.params, *beyond.params, *kept.params),
        )
    )
    if not count:
        return
    _point(run, place, survivor, back=False)


def _point(run: Absorption, place: Place, survivor: int, *, back: bool) -> None:
    """Set the pointers of rows that the merge noted, to the survivor or back; and tell of records among them."""
    mine = "m.merge_id = %s AND m.place = %s AND m.now = %s AND m.aside IS NULL"
    given = (run.merge_id, place.name, survivor)
    key = key_column(place)
    was = f'(SELECT m.was FROM records_mergemove m WHERE {mine} AND m.row_id = "{place.table}"."{key}")'
    target = Sql(was, given) if back else Sql(str(int(survivor)))
    told = ', version = "version" + 1' if versioned(place) else ""
    rows = Sql(f'"{key}" IN (SELECT m.row_id FROM records_mergemove m WHERE {mine})', given)
    if back:
        _note(run, place, survivor, back=True)
    db.execute(
        Sql(
            f'UPDATE "{place.table}" SET {assignment(place, target.text)}{told} WHERE {rows.text}',
            (*target.params, *rows.params),
        )
    )
    if not back:
        _note(run, place, survivor, back=False)


def _note(run: Absorption, place: Place, survivor: int, *, back: bool) -> None:
    """A change row for each moved record, and an event."""
    if not versioned(place) or place.obj is None:
        return
    env, name = run.caller.env(), place.field
    now, batch = env.dialect.moment(env.now), run.caller.batch
    mine = "merge_id = %s AND place = %s AND now = %s AND aside IS NULL"
    given = (run.merge_id, place.name, survivor)
    for (was,) in db.rows(Sql(f"SELECT DISTINCT was FROM records_mergemove WHERE {mine} ORDER BY was", given)):
        diff = json.dumps({name: [survivor, was] if back else [was, survivor]})
        version = "t.version + 1" if back else "t.version"
        db.execute(
            Sql(
                "INSERT INTO records_change (at, actor_id, door, object_key, record_id, action, version, diff, batch) "
                f"SELECT %s, %s, %s, %s, t.id, %s, {version}, %s, %s FROM records_mergemove m "
                f'JOIN "{place.table}" t ON t.id = m.row_id WHERE m.{mine.replace(" AND ", " AND m.")} AND m.was = %s',
                (now, run.caller.user_id, run.caller.door, place.obj.key, MOVE, diff, batch, *given, was),
            )
        )
    moved = [r[0] for r in db.rows(Sql(f"SELECT row_id FROM records_mergemove WHERE {mine} ORDER BY row_id", given))]
    events = [
        (f"{place.obj.key}.{MOVE}", json.dumps(list(part)), json.dumps([name]), run.caller.user_id, now)
        for part in db.chunks(moved, 1000)
    ]
    db.insert_many("records_outboxentry", ("event", "ids", "fields", "actor_id", "at"), events)


# -- what is there already -------------------------------------------------------------------------------------------


def _set_aside(run: Absorption, place: Place, survivor: int, others: list[int]) -> None:
    if place.obj is not None and place.cascade:
        _set_twins_aside(run, place, place.obj, survivor, others)
    for names, condition in place.constraints():
        found = _clashing(place, names, condition, survivor, others)
        if not found:
            continue
        if place.obj is not None and issubclass(place.model, Record):
            entries = storing.full_rows(place.obj, one_of("t.id", sorted(found)))
            _fold(run, place.obj, [(entry, found[entry.id]) for entry in entries])
        else:
            _take_out(run, place, sorted(found))


def _clashing(
    place: Place, names: tuple[str, ...], condition: Any, survivor: int, others: list[int]
) -> dict[int, int | None]:
    """Rows that could not point at the survivor beside those that do already, each with the row that stays."""
    rest = [n for n in names if n != place.attribute]
    rows = place.model._base_manager.filter(condition, **{f"{place.attribute}__in": [survivor, *others]})
    rows = rows.filter(**dict(zip(("object_key", "field"), place.where.params, strict=False)))
    if place.own:
        rows = rows.exclude(**{f"{place.holder}__in": [survivor, *others]})
    kept: dict[tuple[Any, ...], int] = {}
    clashing: dict[int, int | None] = {}
    order = {record: at for at, record in enumerate([survivor, *others])}
    found = sorted(rows.values_list("pk", place.attribute, *rest), key=lambda row: (order[row[1]], row[0]))
    for pk, _pointer, *values in found:
        if None in values:
            continue
        if (first := kept.setdefault(tuple(values), pk)) != pk:
            clashing[pk] = first
    return clashing


def _take_out(run: Absorption, place: Place, keys: list[int]) -> None:
    """Keep rows that are no records with the merge, and remove them."""
    for part in db.chunks(keys):
        rows = place.model._base_manager.filter(pk__in=part)
        MergeMove.objects.bulk_create(
            MergeMove(
                merge_id=run.merge_id, place=place.name, row_id=row.pk, was=getattr(row, place.attribute),
                aside=json.loads(serializers.serialize("json", [row]))[0],
            )
            for row in rows
        )  # fmt: skip
        text = f'DELETE FROM "{place.table}" WHERE "{key_column(place)}" IN ({db.marks(part)})'
        db.execute(Sql(text, tuple(part)))


def _set_twins_aside(run: Absorption, place: Place, obj: RegisteredObject, survivor: int, others: list[int]) -> None:
    """Set aside rows that belong to a merged record and would say nothing that another row does not say.

    Such is a second employment at the same company without anything new, or a relation between two of them.
    """
    merged = {survivor, *others}
    where = Sql(f't."{place.column}" IN ({db.marks([survivor, *others])}) AND t.deleted_at IS NULL',
                (survivor, *others))  # fmt: skip
    target = obj.fields[place.field].target if place.field in obj.fields else ""
    kept: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    aside: list[tuple[Entry, int | None]] = []
    found = storing.full_rows(obj, where)
    for entry in sorted(found, key=lambda e: (e.before.get(place.field) != survivor, e.id)):
        values = _as_moved(obj, entry, target, merged, survivor)
        if entry.before.get(place.field) != survivor or _loops(obj, values, place.field, target, survivor):
            if _loops(obj, values, place.field, target, survivor):
                aside.append((entry, None))
                continue
            twin = next((k for k in kept.get(_refers(obj, values), ()) if _says_all(obj, k, values)), None)
            if twin is not None:
                aside.append((entry, int(twin["id"])))
                continue
        kept.setdefault(_refers(obj, values), []).append({**values, "id": entry.id})
    _fold(run, obj, aside)


def _as_moved(obj: RegisteredObject, entry: Entry, target: str, merged: set[int], survivor: int) -> dict[str, Any]:
    return {
        name: survivor if f.target == target and f.type.storage == "column" and entry.before.get(name) in merged
        else entry.before.get(name)
        for name, f in obj.fields.items()
        if f.type.storage != "computed" and name not in TOLD_NOTHING and not f.derived
    }  # fmt: skip


def _loops(obj: RegisteredObject, values: dict[str, Any], name: str, target: str, survivor: int) -> bool:
    """Whether a row would tie the survivor to itself."""
    others = (n for n, f in obj.fields.items() if f.target == target and n != name and f.required)
    return any(values.get(other) == survivor for other in others)


def _refers(obj: RegisteredObject, values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        values.get(n) for n, f in obj.fields.items() if f.target and f.type.storage == "column" and n in values
    )


def _says_all(obj: RegisteredObject, kept: dict[str, Any], values: dict[str, Any]) -> bool:
    return all(obj.fields[n].type.is_empty(v) or kept.get(n) == v for n, v in values.items())


def _fold(run: Absorption, obj: RegisteredObject, rows: Sequence[tuple[Entry, int | None]]) -> None:
    """Let records stand in their twins, with what points at them."""
    if not rows:
        return
    MergedRecord.objects.bulk_create(
        MergedRecord(merge_id=run.merge_id, object_key=obj.key, record_id=entry.id, survivor_id=twin)
        for entry, twin in rows
    )
    batch = Batch(run.caller, obj, DELETE, [entry for entry, _twin in rows], run.caller.env(), told_as=MERGED)
    mark(batch, batch.env.dialect.moment(batch.at))
    for entry, twin in rows:
        if twin is not None:
            absorb(run, obj, twin, [entry.id])
    finish(batch)


# -- back ------------------------------------------------------------------------------------------------------------


def release(run: Absorption, objects: Sequence[tuple[RegisteredObject, int]]) -> None:
    """Point back what still points at the survivors (object and key each), and put back what was set aside."""
    for obj, survivor in objects:
        for place in places(obj):
            _forget_changed(run, place, survivor)
            _point(run, place, survivor, back=True)
    for move in MergeMove.objects.filter(merge_id=run.merge_id, aside__isnull=False).order_by("id"):
        _put_back(move)


def _forget_changed(run: Absorption, place: Place, survivor: int) -> None:
    """Leave alone what has gone or was pointed elsewhere since."""
    here = f'SELECT t."{key_column(place)}" FROM "{place.table}" t WHERE {place.expression} = %s'
    text = f"DELETE FROM records_mergemove WHERE merge_id = %s AND place = %s AND now = %s AND row_id NOT IN ({here})"
    db.execute(Sql(text, (run.merge_id, place.name, survivor, survivor)))


def _put_back(move: MergeMove) -> None:
    """Insert a row again, unless another one has taken its place since, or what it names is gone."""
    with contextlib.suppress(IntegrityError, serializers.base.DeserializationError), transaction.atomic():
        for row in serializers.deserialize("json", json.dumps([move.aside])):
            row.save()


def revive(run: Absorption, except_for: tuple[str, Sequence[int]]) -> None:
    """Bring back the rows that stood in their twins, but for the merged records themselves."""
    key, ids = except_for
    rows = MergedRecord.objects.filter(merge_id=run.merge_id).exclude(object_key=key, record_id__in=list(ids))
    found: dict[str, list[int]] = {}
    for name, record in rows.values_list("object_key", "record_id"):
        found.setdefault(name, []).append(record)
    for name, records in found.items():
        if name not in catalog.current().objects:
            continue
        obj = catalog.current()[name]
        entries = storing.full_rows(obj, one_of("t.id", sorted(records)))
        batch = Batch(run.caller, obj, RESTORE, entries, run.caller.env(), told_as=UNMERGED)
        mark(batch, None)
        finish(batch)
