"""Takes back what the change log tells: one act on a record, or a whole bulk act."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.lib.sql import Sql, all_of, one_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import fixed, rights
from rapport.records.errors import Invalid, NotFound, RecordsError
from rapport.records.history.reading import record_or_trashed
from rapport.records.read import visible
from rapport.records.write import delete, restore, update, update_each
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject


@dataclass(slots=True)
class Reverted:
    """What was taken back of one record: `fields` that are as before, `kept` ones that were changed since."""

    fields: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RevertedBatch:
    """What was taken back of a bulk act: `count` acts; `kept` those left, for later changes or lack of rights."""

    count: int = 0
    kept: int = 0


Row = tuple[int, int, str, dict[str, Any]]
"""Act, record, action, diff."""
LAST = 2**63 - 1
SET = 250


def revert(caller: Caller, key: str, record_id: int, change_id: int, *, only: Sequence[str] | None = None) -> Reverted:
    """Take back one act on a record, or `only` some of its fields, through the write path.

    A change is taken back field by field, where the field still has the value that the act gave it. A deletion is
    undone by restoring, a creation by deleting. Raises NotFound, Forbidden, Invalid.
    """
    with transaction.atomic():
        view = record_or_trashed(caller, key, record_id)
        found = db.row(
            Sql(
                "SELECT action, diff FROM records_change WHERE id = %s AND object_key = %s AND record_id = %s",
                (change_id, key, record_id),
            )
        )
        if found is None:
            raise NotFound
        action, diff = str(found[0]), json.column(found[1])
        if action in {"create", "restore"}:
            delete(caller, key, [record_id])
            return Reverted()
        if action == "delete":
            restore(caller, key, [record_id])
            return Reverted()
        if action != "update":
            raise Invalid({"": [_("This can't be taken back.")]})
        seen = caller.visible_fields(view.obj)
        diff = {n: p for n, p in diff.items() if n in seen and (only is None or n in only)}
        back, kept = _back(caller, view.obj, diff, view.values)
        if back:
            update(caller, key, record_id, back)
        return Reverted(sorted(back), kept)


def _back(
    caller: Caller, obj: RegisteredObject, diff: dict[str, Any], values: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Values to write back, and the fields that are not as the act left them or that can't be written."""
    back: dict[str, Any] = {}
    kept: list[str] = []
    for name, (before, after) in diff.items():
        spec = obj.fields.get(name)
        if spec is None or name not in values:
            kept.append(name)
            continue
        if not caller.edits(obj, spec):
            continue
        now = spec.type.to_json(values[name])
        if (now if now != "" else None) != after:
            kept.append(name)
        else:
            back[name] = spec.type.from_json(before)
    return back, kept


def undo_of(batch: str) -> str:
    """The batch of what takes a bulk act back."""
    return f"undo-{batch}"[:40]


def objects_of(batch: str) -> list[str]:
    """Keys of the objects that a bulk act touched and that are still there. Raises NotFound for one without acts."""
    found = db.rows(Sql("SELECT DISTINCT object_key FROM records_change WHERE batch = %s", (batch,))) if batch else []
    if not found:
        raise NotFound
    return sorted(key for (key,) in found if key in catalog.current().objects)


def count(batch: str, most: int | None = None) -> int:
    """How many acts a bulk act consists of, counted to `most`."""
    limit = f"LIMIT {int(most)}" if most else ""
    found = db.row(Sql(f"SELECT COUNT(*) FROM (SELECT 1 FROM records_change WHERE batch = %s {limit}) c", (batch,)))
    return int(found[0]) if found else 0


def revert_batch(caller: Caller, batch: str) -> RevertedBatch:
    """Take back all that a bulk act did, newest first, as far as nobody changed it since and the caller may.

    Runs in sets, each a transaction of its own; may be run again. Raises NotFound for a batch without acts.
    """
    result = RevertedBatch()
    for key in objects_of(batch):
        last: int | None = LAST
        while last is not None:
            with transaction.atomic():
                last = revert_set(caller, batch, key, last, result)
    return result


def revert_set(caller: Caller, batch: str, key: str, before: int, result: RevertedBatch) -> int | None:
    """Take back the newest acts of a batch on an object that are older than act `before`, in the transaction at hand.

    What became of them is counted in `result`. Answers the oldest of them, None where there was none left.
    """
    rows = _acts(batch, key, before)
    if not rows:
        return None
    _revert_acts(caller.through(caller.door, undo_of(batch)), catalog.current()[key], rows, result)
    return rows[-1][0]


def _acts(batch: str, key: str, before: int) -> list[Row]:
    text = (
        "SELECT id, record_id, action, diff FROM records_change WHERE batch = %s AND object_key = %s AND id < %s "
        f"ORDER BY id DESC LIMIT {SET}"
    )
    return [(r[0], r[1], r[2], json.column(r[3])) for r in db.rows(Sql(text, (batch, key, before)))]


def _revert_acts(caller: Caller, obj: RegisteredObject, rows: Sequence[Row], result: RevertedBatch) -> None:
    """Take back acts on records of one object."""
    made = [r[1] for r in rows if r[2] in {"create", "restore"}]
    gone = [r[1] for r in rows if r[2] == "delete"]
    removed = _all_or_each(lambda ids: delete(caller, obj.key, ids), visible(caller, obj).allowed(made, "delete"))
    back = _all_or_each(lambda ids: restore(caller, obj.key, ids), _restorable(caller, obj, gone))
    result.count += removed + back
    result.kept += len(made) + len(gone) - removed - back
    _revert_changes(caller, obj, [r for r in rows if r[2] == "update"], result)


def _all_or_each(run: Callable[[list[int]], int], ids: Collection[int]) -> int:
    """Run for all at once; where one is in the way, for each alone. How many it was done to."""
    if not ids:
        return 0
    try:
        return run(sorted(ids))
    except RecordsError:
        return sum(_all_or_each(run, [key]) for key in sorted(ids)) if len(ids) > 1 else 0


def _restorable(caller: Caller, obj: RegisteredObject, ids: Sequence[int]) -> list[int]:
    """Those that are in the trash and that the caller may bring back."""
    if not ids:
        return []
    in_trash = (Sql("t.deleted_at IS NOT NULL"), fixed(obj, "t"), rights(caller, obj, "delete", "t"))
    where = all_of([one_of("t.id", ids), *in_trash])
    return [r[0] for r in db.rows(Sql(f'SELECT t.id FROM "{obj.table}" t WHERE {where.text}', where.params))]


def _revert_changes(caller: Caller, obj: RegisteredObject, rows: Sequence[Row], result: RevertedBatch) -> None:
    ids = sorted({r[1] for r in rows})
    if not ids:
        return
    allowed = visible(caller, obj).allowed(ids, "edit")
    names = tuple({name for r in rows for name in r[3] if name in obj.fields})
    now = {row.id: row for row in visible(caller, obj).page(columns=names, ids=sorted(allowed), size=db.CHUNK).rows}
    items: dict[int, dict[str, Any]] = {}
    for _id, record_id, _action, diff in rows:
        row = now.get(record_id)
        if row is None:
            result.kept += 1
            continue
        back, kept = _back(caller, obj, diff, {**row.values, **items.get(record_id, {})})
        items.setdefault(record_id, {}).update(back)
        result.count += bool(back)
        result.kept += bool(kept)
    errors = update_each(caller, obj.key, [(key, values) for key, values in items.items() if values])
    result.count -= len(errors)
    result.kept += len(errors)
