"""Order and cursor pages: one field and the key, empty values last, whichever way.

Two stretches are walked one after the other, the records with a value and those without, so that both databases can
use the same index in both directions.

SQLite's planner misjudges by a thousand times whether to walk an index or to sort what matches, so this decides:
where nothing narrows the list, its index is walked; else the matching keys are collected, and when there are so many
that the walk soon meets a page of them, the index is walked after all. A list that had many keeps its walk for
`REMEMBERED` seconds. What is sorted is sorted as keys alone, before anything is joined. Where rights alone narrow a
list, an index for each ground of them is walked (`merging`).
"""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DataError, ProgrammingError, connection
from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.lib.sql import FALSE, TRUE, Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.base import SortIndex
from rapport.records.errors import Invalid
from rapport.records.filters import FilterCompiler
from rapport.records.read import merging
from rapport.records.read.records import Select
from rapport.registry.catalog import SYSTEM, RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.computed import ComputedType
from rapport.registry.types.text import TextType

REMEMBERED, MOST_REMEMBERED = 60.0, 200
ALL, HELD, SOME, CHOSEN = "all", "held", "some", "chosen"
"""What a list is narrowed by: nothing, rights, a filter, keys that were given."""
SORT = "sort"
"""The way to rows for which there is no index: their keys are sorted first."""


@dataclass(frozen=True, slots=True)
class Order:
    """A sort: the field, the direction, its SQL on the row `t`, and the index that can be walked for it."""

    field: FieldSpec | None
    descending: bool
    expression: Sql
    filled: Sql
    blank: Sql | None
    index: str

    def is_default(self, obj: RegisteredObject) -> bool:
        """Whether this is the order that the object declares."""
        return obj.spec.sort == f"{'-' if self.descending else ''}{self.field.name if self.field else 'id'}"


def order(caller: Caller, obj: RegisteredObject, sort: str) -> Order:
    """The order that `sort` names. Raises Invalid for a field that is not there or can't be sorted by."""
    name = (sort or obj.spec.sort).removeprefix("-")
    descending = (sort or obj.spec.sort).startswith("-")
    if name == "id":
        return Order(None, descending, Sql("t.id"), TRUE, None, "")
    field = obj.fields.get(name)
    if field is None or not caller.sees(obj, field) or not field.type.sortable:
        if not sort:
            return Order(None, descending, Sql("t.id"), TRUE, None, "")
        raise Invalid({"sort": [_("You can't sort by %(name)s.") % {"name": name[:60]}]})
    if isinstance(field.type, ComputedType):
        expression = field.type.compute(field, "t", FilterCompiler(caller)).wrapped()
    else:
        expression = Sql(field.type.sort_expression(field, "t", db.dialect()))
    if name in SYSTEM:
        return Order(field, descending, expression, TRUE, None, _index(obj, field))
    if isinstance(field.type, TextType) or field.type.key == "choice":
        filled = Sql(f"{expression.text} > ''", expression.params)
        plain = field.type.expression(field, "t", db.dialect())
        blank = Sql(f"({plain} IS NULL OR {plain} = '')")
    else:
        filled = Sql(f"{expression.text} IS NOT NULL", expression.params)
        blank = Sql(f"{expression.text} IS NULL", expression.params)
    return Order(field, descending, expression, filled, blank, _index(obj, field))


def _index(obj: RegisteredObject, field: FieldSpec) -> str:
    if field.custom:
        return f"custom_{obj.key}_{field.name}" if field.indexed else ""
    for index in obj.spec.model._meta.indexes:
        first = [f.lstrip("-") for f in index.fields[:1]] == [field.name]
        if first and (isinstance(index, SortIndex) or not isinstance(field.type, TextType)):
            return str(index.name)
    return ""


def fetch(
    caller: Caller, obj: RegisteredObject, select: Select, where: Sql, order: Order, *, reach: str, cursor: str,
    size: int, limit: float,
) -> tuple[list[Sequence[Any]], str | None]:  # fmt: skip
    """Rows of one page, each as the select says, and the next cursor. Raises Invalid, TooSlow.

    `reach` is ALL, HELD, SOME or CHOSEN.
    """
    size = max(1, min(size, 500))
    at = _read_cursor(cursor, order)
    if where == FALSE:
        return [], None
    rows: list[Sequence[Any]] = []
    with db.time_limit(limit), _refused_values():
        walks = _walks(caller, obj, order) if reach == HELD else ()
        where, way = (where, "") if walks else _way(caller, obj, where, order, reach, size)
        if at is None or not at[0]:
            position = at[1:] if at else None
            rows = _stretch(obj, select, all_of([where, order.filled]), order, position, size + 1, way, walks=walks)
        if order.blank is not None and len(rows) <= size:
            after = at[2] if at and at[0] else None
            blank = all_of([where, order.blank])
            found = _stretch(obj, select, blank, None, after, size + 1 - len(rows), "", order.descending)
            rows += [(*row, None, True) for row in found]
    more = len(rows) > size
    rows = rows[:size]
    return rows, _write_cursor(rows[-1]) if more else None


@contextmanager
def _refused_values() -> Iterator[None]:
    """A cursor that somebody wrote by hand holds values that the database can't compare."""
    try:
        yield
    except (DataError, ProgrammingError, OverflowError) as error:
        raise Invalid({"cursor": [_("Start again from the first page.")]}) from error


def _stretch(
    obj: RegisteredObject, select: Select, where: Sql, order: Order | None, after: Any, size: int, way: str,
    descending: bool = False, walks: Sequence[merging.Walk] = (),
) -> list[Sequence[Any]]:  # fmt: skip
    """Rows in order; those of a stretch with values carry `(sort value, False)` at their end."""
    downwards = order.descending if order else descending
    sign, word = ("<", "DESC") if downwards else (">", "ASC")
    columns, by, beyond = select.columns, Sql(f"t.id {word}"), TRUE
    if order is None:
        if after is not None:
            beyond = Sql(f"t.id {sign} %s", (after,))
    else:
        columns = Sql(f"{columns.text}, {order.expression.text}, 1 = 0", (*columns.params, *order.expression.params))
        if order.field is not None:
            by = Sql(f"{order.expression.text} {word}, t.id {word}", order.expression.params)
        if after is not None:
            beyond = Sql(f"({order.expression.text}, t.id) {sign} (%s, %s)", (*order.expression.params, *after))
    where = all_of([where, beyond])
    if walks and order and order.field:
        keys = merging.keys(obj, walks, beyond, order.field.column, word, size)
        where, way = all_of([db.dialect().chosen("t.id", keys), where]), db.dialect().walked("")
    source = _source(obj, select, where, by, size, way)
    text = f"SELECT {columns.text} FROM {source.text} ORDER BY {by.text} LIMIT {size}"
    return list(db.rows(Sql(text, (*columns.params, *source.params, *by.params))))


def _source(obj: RegisteredObject, select: Select, where: Sql, by: Sql, size: int, way: str) -> Sql:
    """What stands behind FROM, the condition included."""
    if way == SORT:
        keys = f'SELECT t.id AS key FROM "{obj.table}" t WHERE {where.text} ORDER BY {by.text} LIMIT {size}'
        text = f'({keys}) k JOIN "{obj.table}" t ON t.id = k.key {select.joins.text}'
        return Sql(text, (*where.params, *by.params, *select.joins.params))
    text = f'"{obj.table}" t {way} {select.joins.text} WHERE {where.text}'
    return Sql(text, (*select.joins.params, *where.params))


def _way(caller: Caller, obj: RegisteredObject, where: Sql, order: Order, reach: str, size: int) -> tuple[Sql, str]:
    """The condition to use, and how to come to the rows: SORT, a hint for the table, or nothing in particular."""
    if reach == CHOSEN:
        return where, ""
    if connection.vendor != "sqlite":
        return where, "" if order.index or order.field is None else SORT
    walk = db.dialect().walked(order.index) if order.index else "" if order.field is None else SORT
    key = ("many", obj.key, where)
    if reach == ALL or walk in {"", SORT} or caller.cache.get(key, 0.0) > time.monotonic():
        return where, walk
    many = _many(obj, size)
    probe = f'SELECT t.id FROM "{obj.table}" t WHERE {where.text} LIMIT {many}'
    keys = [row[0] for row in db.rows(Sql(probe, where.params))]
    if len(keys) < many:
        return db.dialect().among("t.id", keys), SORT
    if sum(k[0] == "many" for k in caller.cache) >= MOST_REMEMBERED:
        caller.cache.clear()
    caller.cache[key] = time.monotonic() + REMEMBERED
    return where, walk


def _walks(caller: Caller, obj: RegisteredObject, order: Order) -> tuple[merging.Walk, ...]:
    """The walks that make up a list narrowed by rights alone; none where it is in an order without indexes for them."""
    if order.field is None or order.blank is not None or order.expression.text != f't."{order.field.column}"':
        return ()
    return merging.walks(caller, obj, order.field.column)


def _many(obj: RegisteredObject, size: int) -> int:
    """How many hits make a walk the shorter way: of `n` records with `h` hits it meets a page after `size * n / h`."""
    newest = db.row(Sql(f'SELECT MAX(id) FROM "{obj.table}"'))
    return max(size + 1, math.isqrt(size * int((newest and newest[0]) or 0)))


def _write_cursor(row: Sequence[Any]) -> str:
    """The position after a row: whether its value is empty, the value, the key."""
    value, blank = row[-2], bool(row[-1])
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    elif hasattr(value, "as_tuple"):
        value = str(value)
    return base64.urlsafe_b64encode(json.dumps([blank, value, row[0]]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, order: Order) -> tuple[bool, Any, int] | None:
    if not cursor:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        blank, value, key = json.loads(text)
        if not isinstance(blank, bool) or not isinstance(key, int) or isinstance(value, (list, dict)):
            raise ValueError
    except (ValueError, TypeError) as error:
        raise Invalid(
            {"cursor": [_("This link to the next page is out of date. Start from the first page.")]}
        ) from error
    if order.field is not None and order.field.type.key == "datetime" and isinstance(value, str):
        moment = order.field.type.from_json(value)
        value = db.dialect().moment(moment)
    return blank, value, key
