"""Whole records by key, in the trash or not: for what tells of a change that has put them there."""

from __future__ import annotations

from collections.abc import Collection

from rapport.lib.sql import TRUE, Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import fixed, rights
from rapport.records.filters import FilterCompiler
from rapport.records.filters.compiler import Filter
from rapport.records.read.records import RecordView
from rapport.records.read.select import decode, plan
from rapport.registry.catalog import RegisteredObject


def whole(
    caller: Caller, obj: RegisteredObject, ids: Collection[int], filter_: Filter | None = None
) -> list[RecordView]:
    """Those of the records that the caller may see and that match, ascending, with every field that the caller may see.

    Raises Invalid for a filter that can't be.
    """
    select = plan(caller, obj, tuple(obj.fields))
    where = _readable(caller, obj, filter_)
    found: list[RecordView] = []
    for part in db.chunks(sorted(set(ids))):
        text = (
            f'SELECT {select.columns.text}, t.deleted_at FROM "{obj.table}" t {select.joins.text} '
            f"WHERE t.id IN ({db.marks(part)}) AND {where.text} ORDER BY t.id"
        )
        rows = db.rows(Sql(text, (*select.columns.params, *select.joins.params, *part, *where.params)))
        views = decode(select, rows, caller, obj)
        found += (
            RecordView(v.id, v.version, v.title, v.values, v.labels, deleted_at=row[-1], obj=obj)
            for v, row in zip(views, rows, strict=True)
        )
    return found


def readable(caller: Caller, obj: RegisteredObject, ids: Collection[int]) -> set[int]:
    """Those of the keys whose records the caller may see; of what is gone for good, all where the caller sees all."""
    where = _readable(caller, obj, None)
    found: set[int] = set()
    gone = set(ids) if rights(caller, obj, "read", "t") == TRUE else set()
    for part in db.chunks(sorted(set(ids))):
        text = f'SELECT t.id FROM "{obj.table}" t WHERE t.id IN ({db.marks(part)})'
        found |= {r[0] for r in db.rows(Sql(f"{text} AND {where.text}", (*part, *where.params)))}
        if gone:
            gone -= {r[0] for r in db.rows(Sql(text, tuple(part)))}
    return found | gone


def _readable(caller: Caller, obj: RegisteredObject, filter_: Filter | None) -> Sql:
    wanted = FilterCompiler(caller).where(obj, filter_)
    return all_of([fixed(obj, "t"), rights(caller, obj, "read", "t"), wanted])
