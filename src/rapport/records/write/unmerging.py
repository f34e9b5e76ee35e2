"""`unmerge`: merged records come back with the values and relations that they had."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.lib.sql import TRUE, Sql, all_of, one_of
from rapport.records import db, links
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import fixed, rights
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.merging.choosing import UNITED, united, without
from rapport.records.merging.finding import successor
from rapport.records.merging.models import Merge, MergedRecord, MergeMove, lost_by
from rapport.records.write import storing
from rapport.records.write.absorbing import Absorption, release, revive
from rapport.records.write.batch import MERGE, MERGED, MOVE, RESTORE, UNMERGE, UNMERGED, UPDATE, Batch, Entry
from rapport.records.write.claiming import let_go, stand_again
from rapport.records.write.creating import finish, registered
from rapport.records.write.trashing import mark
from rapport.records.write.updating import load, write_updates
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec

OURS = (MERGE, MERGED, UNMERGE, UNMERGED, MOVE)
"""Acts of the log that are no edits."""


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What came of it: the records that are back, and the fields that stay as they are, since they were edited."""

    survivor: int
    ids: tuple[int, ...]
    kept: tuple[str, ...]


def unmerge(caller: Caller, key: str, merge_id: int) -> Unmerged:
    """Take a merge back. Raises NotFound, Forbidden, and Invalid that says why it can't be."""
    obj = registered(key)
    caller = caller.through(caller.door, caller.batch or secrets.token_hex(8))
    try:
        with transaction.atomic():
            return _unmerge(caller, obj, merge_id)
    except IntegrityError as error:
        raise Invalid({"": [_("Another record has taken a unique value of one of these.")]}) from error


def _unmerge(caller: Caller, obj: RegisteredObject, merge_id: int) -> Unmerged:
    row = Merge.objects.select_for_update().filter(pk=merge_id, object_key=obj.key).first()
    if row is None:
        raise NotFound
    _check(caller, obj, row)
    survivor = load(caller, obj, [row.survivor_id])[0]
    others = _others(caller, obj, row.others)
    run = Absorption(caller, row.pk)
    release(run, _survivors(row.pk))
    revive(run, (obj.key, row.others))
    MergedRecord.objects.filter(merge_id=row.pk).delete()  # from here on, nothing stands in the survivor
    back, kept = _values_back(caller, obj, row, survivor)
    _write_back(caller, obj, survivor, back, row.pk, pure=not kept)
    batch = Batch(caller, obj, RESTORE, others, caller.env(), told_as=UNMERGED)
    let_go(obj, row.survivor_id, row.others)
    mark(batch, None)
    stand_again(obj, row.others)
    finish(batch)
    MergeMove.objects.filter(merge_id=row.pk).delete()
    Merge.objects.filter(pk=row.pk).update(undone_at=batch.at)
    return Unmerged(row.survivor_id, tuple(row.others), kept)


def _check(caller: Caller, obj: RegisteredObject, row: Merge) -> None:
    """Refuse a merge that is taken back already, whose values are gone, or whose survivor stands in another one.

    To whoever may not see the survivor, there is none.
    """
    message, seen = "", rights(caller, obj, "read", "t")
    text = f'SELECT t.deleted_at FROM "{obj.table}" t WHERE t.id = %s AND {seen.text}'
    found = db.row(Sql(text, (row.survivor_id, *seen.params)))
    if found is None and not (row.emptied and seen == TRUE):
        raise NotFound
    if row.undone_at is not None:
        message = _("This merge has been taken back already.")
    elif row.emptied:
        message = _("This merge can't be taken back: somebody in it was erased, and their values with them.")
    elif MergedRecord.objects.filter(object_key=obj.key, record_id=row.survivor_id).exists():
        message = _("The record has been merged into another one since. Take that merge back first.")
    elif found is not None and found[0] is not None:
        message = _("The record is in the trash. Take it out first.")
    if message:
        raise Invalid({"": [message]}, message)


def _others(caller: Caller, obj: RegisteredObject, ids: Sequence[int]) -> list[Entry]:
    """The merged records, whole and locked. Raises Forbidden for one that the caller could not bring back."""
    where = all_of(
        [one_of("t.id", ids), fixed(obj, "t"), rights(caller, obj, "read", "t"), rights(caller, obj, "delete", "t")]
    )
    entries = storing.full_rows(obj, where)
    if len(entries) < len(ids):
        raise Forbidden(_("You may not bring back all of the merged records. Ask their owners or an administrator."))
    return entries


def _survivors(merge_id: int) -> list[tuple[RegisteredObject, int]]:
    """What the merge's records stand in: the survivor, and twins of rows beside it."""
    rows = MergedRecord.objects.filter(merge_id=merge_id, survivor_id__isnull=False)
    known = catalog.current().objects
    pairs = sorted(set(rows.values_list("object_key", "survivor_id")))
    return [(known[key], survivor) for key, survivor in pairs if key in known and survivor is not None]


def _write_back(
    caller: Caller, obj: RegisteredObject, survivor: Entry, back: Mapping[str, Any], merge_id: int, *, pure: bool
) -> None:
    """The survivor without what came with the merge. Where fields stay, what follows from them is filled in anew."""
    batch = Batch(caller, obj, UPDATE, [survivor], caller.env(), told_as=UNMERGE)
    survivor.values = dict(back)
    if back and not pure and obj.spec.prepare:
        obj.spec.prepare(batch)
        if survivor.errors:
            raise Invalid(survivor.errors)
        survivor.values = {n: v for n, v in survivor.values.items() if v != survivor.before.get(n)}
    _links_back(obj, survivor, merge_id)
    write_updates(batch)


def _links_back(obj: RegisteredObject, survivor: Entry, merge_id: int) -> None:
    """Links that the survivor lost by the merge come back in the rows that they were: merges before it know these."""
    for field in obj.externals:
        new = set(survivor.values.get(field.name) or ()) - set(survivor.before.get(field.name) or ())
        if new:
            moves = MergeMove.objects.filter(merge_id=merge_id, place=lost_by(field), was__in=new)
            links.put_back(obj.key, field, survivor.id, {int(move.was or 0): move.row_id for move in moves})


# -- values ----------------------------------------------------------------------------------------------------------


def _values_back(
    caller: Caller, obj: RegisteredObject, row: Merge, survivor: Entry
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The values to write back, and the fields that stay since somebody edited them."""
    edited = _edited(obj, row)
    back: dict[str, Any] = {}
    kept: list[str] = []
    for name, pair in row.diff.items():
        field = obj.fields.get(name)
        if field is None:
            continue
        before, after = (_present(field, field.type.from_json(raw)) for raw in pair)
        now = survivor.before.get(name)
        if name in edited:
            if now != before:
                kept.append(name)
        elif field.type.key in UNITED and _is_united(field, before, after):
            added = [item for item in after or () if item not in (before or ())]
            back[name] = _ordered(field, before, without(field, now, added))
        elif now == after:
            back[name] = before
        else:
            _hand_down(row, name, pair)
    seen = caller.visible_fields(obj)
    return {n: v for n, v in back.items() if v != survivor.before.get(n)}, tuple(n for n in kept if n in seen)


def _is_united(field: FieldSpec, before: Any, after: Any) -> bool:
    """Whether the merge only added to a list."""
    return bool(united(field, (after, before)) == after or set(map(str, before or ())) <= set(map(str, after or ())))


def _ordered(field: FieldSpec, before: Any, now: Any) -> Any:
    """The elements of `now` as `before` had them, in its order where it has the same."""
    if field.type.storage == "external":
        return tuple(sorted(now))
    known = [item for item in before or () if item in now]
    return (*known, *(item for item in now if item not in known))


def _edited(obj: RegisteredObject, row: Merge) -> set[str]:
    """Fields of the survivor that somebody changed since."""
    rows = db.rows(
        Sql(
            "SELECT diff FROM records_change WHERE object_key = %s AND record_id = %s AND version > %s "
            f"AND action NOT IN ({db.marks(OURS)})",
            (obj.key, row.survivor_id, row.version, *OURS),
        )
    )
    return {name for (diff,) in rows for name in json.column(diff)}


def _present(field: FieldSpec, value: Any) -> Any:
    """A reference as it is by now: to the record in which its target stands; without what is gone for good."""
    if not field.target or not value or field.target not in catalog.current().objects:
        return value
    keys = value if isinstance(value, (tuple, list)) else (value,)
    at = [successor(field.target, key) or key for key in keys]
    table = catalog.current()[field.target].table
    there = {r[0] for r in db.rows(Sql(f'SELECT id FROM "{table}" WHERE id IN ({db.marks(at)})', tuple(at)))}
    found = tuple(sorted({key for key in at if key in there}))
    return found if isinstance(value, (tuple, list)) else found[0] if found else None


def _hand_down(row: Merge, name: str, pair: Sequence[Any]) -> None:
    """A later merge took the value over: taken back, it gives what was there before this one."""
    later = Merge.objects.filter(
        object_key=row.object_key, survivor_id=row.survivor_id, version__gt=row.version, undone_at=None
    )
    for other in later.order_by("version"):
        if name in other.diff and other.diff[name][0] == pair[1]:
            other.diff[name][0] = pair[0]
            Merge.objects.filter(pk=other.pk).update(diff=other.diff)
            return
