"""Takes back what the change log tells: one act on a record, or a whole bulk act."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
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
from rapport.records.history.using import used
from rapport.records.merging.finding import apart, merges_of
from rapport.records.read import visible
from rapport.records.write import delete, restore, unmerge, update, update_each
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject


@dataclass(slots=True)
class Reverted:
    """What was taken back of one record: `fields` that are as before, `kept` ones that were changed since."""

    fields: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


class Why(StrEnum):
    """Why something of a bulk act was left as it is."""

    CHANGED = "changed"
    USED = "used"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Left:
    """An act that was not taken back: the whole of it, or these `fields`."""

    object_key: str
    record_id: int
    action: str
    why: Why
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class RevertedBatch:
    """What was taken back of a bulk act: `count` acts; `left` what stays, of an act that was taken back in part too."""

    count: int = 0
    left: list[Left] = field(default_factory=list)

    @property
    def kept(self) -> int:
        """How many acts were left, wholly or in part: for later changes, use by others or lack of rights."""
        return len(self.left)


@dataclass(frozen=True, slots=True)
class Row:
    """An act of a batch as the change log has it."""

    id: int
    object_key: str
    record_id: int
    action: str
    diff: dict[str, Any]


MADE = frozenset({"create", "restore"})
LAST = 2**63 - 1
SET = 250


def revert(caller: Caller, key: str, record_id: int, change_id: int, *, only: Sequence[str] | None = None) -> Reverted:
    """Take back one act on a record, or `only` some of its fields, through the write path.

    A change is taken back field by field, where the field still has the value that the act gave it. A deletion is
    undone by restoring, a creation by deleting, a merge by bringing the merged records back. Raises NotFound,
    Forbidden, Invalid.
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
        if action == "merge":
            return _unmerge(caller, key, record_id, change_id)
        if action != "update":
            raise Invalid({"": [_("This can't be taken back.")]})
        seen = caller.visible_fields(view.obj)
        diff = {n: p for n, p in diff.items() if n in seen and (only is None or n in only)}
        back, kept = _back(caller, view.obj, diff, view.values)
        if back:
            update(caller, key, record_id, back)
        return Reverted(sorted(back), kept)


def _unmerge(caller: Caller, key: str, record_id: int, change_id: int) -> Reverted:
    found = db.row(Sql("SELECT version FROM records_change WHERE id = %s", (change_id,)))
    merges = merges_of(key, record_id, [found[0]] if found else [])
    if not merges:
        raise NotFound
    (row,) = merges.values()
    done = unmerge(caller, key, row.pk)
    return Reverted(sorted(set(row.diff) - set(done.kept)), list(done.kept))


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
        now = now if now != "" else None
        if now != after and now != before:
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


def is_of(batch: str, user_id: int | None) -> bool:
    """Whether a bulk act is there and everything in it was done by this user."""
    found = db.row(
        Sql(
            "SELECT COUNT(*), SUM(CASE WHEN actor_id = %s THEN 1 ELSE 0 END) FROM records_change WHERE batch = %s",
            (user_id, batch),
        )
    )
    return bool(batch) and found is not None and found[0] > 0 and found[0] == found[1]


def count(batch: str, most: int | None = None) -> int:
    """How many acts a bulk act consists of, counted to `most`."""
    limit = f"LIMIT {int(most)}" if most else ""
    found = db.row(Sql(f"SELECT COUNT(*) FROM (SELECT 1 FROM records_change WHERE batch = %s {limit}) c", (batch,)))
    return int(found[0]) if found else 0


def revert_batch(caller: Caller, batch: str) -> RevertedBatch:
    """Take back all that a bulk act did, newest first, as far as nobody changed or uses it since and the caller may.

    Runs in sets, each a transaction of its own; may be run again. Raises NotFound for a batch without acts.
    """
    objects_of(batch)
    result, last = RevertedBatch(), int(LAST)
    while True:
        with transaction.atomic():
            reached = revert_set(caller, batch, last, result)
        if reached is None:
            return result
        last = reached


def revert_set(caller: Caller, batch: str, before: int, result: RevertedBatch) -> int | None:
    """Take back the newest acts of a batch that are older than act `before`, in the transaction at hand.

    Newest first whatever the object: what an act pointed at was there before it, and goes after it. What became of
    them is told in `result`. Answers the oldest of them, None where there was none left.
    """
    rows = _acts(batch, before)
    if not rows:
        return None
    caller = caller.through(caller.door, undo_of(batch))
    for key, acts in groupby(rows, attrgetter("object_key")):
        if (obj := catalog.current().objects.get(key)) is not None:
            _revert_acts(caller, obj, batch, list(acts), result)
    return rows[-1].id


def _acts(batch: str, before: int) -> list[Row]:
    text = (
        "SELECT id, object_key, record_id, action, diff FROM records_change WHERE batch = %s AND id < %s "
        f"ORDER BY id DESC LIMIT {SET}"
    )
    return [Row(r[0], r[1], r[2], r[3], json.column(r[4])) for r in db.rows(Sql(text, (batch, before)))]


def _revert_acts(caller: Caller, obj: RegisteredObject, batch: str, rows: Sequence[Row], result: RevertedBatch) -> None:
    """Take back acts of a batch on records of one object.

    A record that somebody changed since it was made stays, and one that others point at.
    """
    _revert_merges(caller, obj, [r for r in rows if r.action == "merge"], result)
    made = {r.record_id: r.action for r in rows if r.action in MADE}
    changed = _changed_since(batch, obj.key, rows)
    allowed = visible(caller, obj).allowed(made, "delete") - changed
    in_use = used(obj, allowed)
    removed = _all_or_each(lambda ids: delete(caller, obj.key, ids), allowed - in_use)
    for key, action in made.items():
        if key not in removed and not _is_gone(obj, key):
            why = Why.CHANGED if key in changed else Why.USED if key in in_use else Why.REFUSED
            result.left.append(Left(obj.key, key, action, why))
    gone = [r.record_id for r in rows if r.action == "delete"]
    back = _all_or_each(lambda ids: restore(caller, obj.key, ids), _restorable(caller, obj, gone))
    result.left += [Left(obj.key, key, "delete", Why.REFUSED) for key in gone if key not in back]
    result.count += len(removed) + len(back)
    _revert_changes(caller, obj, [r for r in rows if r.action == "update" and r.record_id not in removed], result)


def _is_gone(obj: RegisteredObject, record_id: int) -> bool:
    """Whether a record is in the trash already, or not there at all."""
    return not db.row(Sql(f'SELECT 1 FROM "{obj.table}" WHERE id = %s AND deleted_at IS NULL', (record_id,)))


def _revert_merges(caller: Caller, obj: RegisteredObject, rows: Sequence[Row], result: RevertedBatch) -> None:
    """Bring merged records back, before what they were is looked at."""
    for row in rows:
        try:
            done = _unmerge(caller, obj.key, row.record_id, row.id)
        except RecordsError:
            result.left.append(Left(obj.key, row.record_id, row.action, Why.REFUSED))
        else:
            result.count += 1
            if done.kept:
                result.left.append(Left(obj.key, row.record_id, row.action, Why.CHANGED, tuple(done.kept)))


def _changed_since(batch: str, key: str, rows: Sequence[Row]) -> set[int]:
    """Records that the acts made and that somebody changed afterwards, not in the batch or in taking it back."""
    made = {r.record_id: r.id for r in rows if r.action in MADE}
    found: set[int] = set()
    for part in db.chunks(sorted(made)):
        text = (
            "SELECT record_id, MAX(id) FROM records_change WHERE object_key = %s AND action = 'update' "
            "AND actor_id IS NOT NULL AND batch NOT IN (%s, %s) "
            f"AND record_id IN ({db.marks(part)}) GROUP BY record_id"
        )
        found |= {r for r, last in db.rows(Sql(text, (key, batch, undo_of(batch), *part))) if last > made[r]}
    return found


def _all_or_each(run: Callable[[list[int]], int], ids: Collection[int]) -> set[int]:
    """Run for all at once; where one is in the way, for each alone. Those to which it was done."""
    if not ids:
        return set()
    try:
        run(sorted(ids))
    except RecordsError:
        return {key for one in sorted(ids) for key in _all_or_each(run, [one])} if len(ids) > 1 else set()
    return set(ids)


def _restorable(caller: Caller, obj: RegisteredObject, ids: Sequence[int]) -> list[int]:
    """Those that are in the trash and that the caller may bring back."""
    if not ids:
        return []
    in_trash = (Sql("t.deleted_at IS NOT NULL"), apart(obj.key), fixed(obj, "t"), rights(caller, obj, "delete", "t"))
    where = all_of([one_of("t.id", ids), *in_trash])
    return [r[0] for r in db.rows(Sql(f'SELECT t.id FROM "{obj.table}" t WHERE {where.text}', where.params))]


def _revert_changes(caller: Caller, obj: RegisteredObject, rows: Sequence[Row], result: RevertedBatch) -> None:
    ids = sorted({r.record_id for r in rows})
    if not ids:
        return
    allowed = visible(caller, obj).allowed(ids, "edit")
    names = tuple({name for r in rows for name in r.diff if name in obj.fields})
    now = {row.id: row for row in visible(caller, obj).page(columns=names, ids=sorted(allowed), size=db.CHUNK).rows}
    items: dict[int, dict[str, Any]] = {}
    left: dict[int, Left] = {}
    for act in rows:
        row = now.get(act.record_id)
        if row is None:
            left[act.id] = Left(obj.key, act.record_id, act.action, Why.REFUSED)
            continue
        back, kept = _back(caller, obj, act.diff, {**row.values, **items.get(act.record_id, {})})
        items.setdefault(act.record_id, {}).update(back)
        result.count += bool(back)
        if kept:
            left[act.id] = Left(obj.key, act.record_id, act.action, Why.CHANGED, tuple(kept))
    errors = update_each(caller, obj.key, [(key, values) for key, values in items.items() if values])
    result.count -= len(errors)
    result.left += left.values()
    result.left += [Left(obj.key, key, "update", Why.REFUSED, tuple(sorted(items[key]))) for key in errors]
