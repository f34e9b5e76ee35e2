"""Order and cursor pages: one field and the key, empty values last, whichever way.

Two stretches are walked one after the other, the records with a value and those without, so that both databases can
use the same index in both directions.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import DataError, ProgrammingError, connection
from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.lib.sql import TRUE, Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.base import SortIndex
from rapport.records.errors import Invalid
from rapport.records.filters import FilterCompiler
from rapport.records.read.records import Select
from rapport.registry.catalog import SYSTEM, RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.computed import ComputedType
from rapport.registry.types.text import TextType

PROBE = 10_000


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
        leads = [f.lstrip("-") for f in index.fields[:1]] == [field.name]
        if leads and (isinstance(index, SortIndex) or not isinstance(field.type, TextType)):
            return str(index.name)
    return ""


def fetch(
    obj: RegisteredObject, select: Select, where: Sql, order: Order, cursor: str, size: int, limit: float | None
) -> tuple[list[Sequence[Any]], str | None]:
    """Rows of one page, each as the select says, and the next cursor. Raises Invalid, TooSlow."""
    size = max(1, min(size, 500))
    at = _read_cursor(cursor, order)
    rows: list[Sequence[Any]] = []
    with db.time_limit(limit) if limit else nullcontext(), _refused_values():
        hint = _hint(obj, where, order) if limit else ""
        if at is None or not at[0]:
            position = at[1:] if at else None
            rows = _stretch(obj, select, all_of([where, order.filled]), order, position, size + 1, hint)
        if order.blank is not None and len(rows) <= size:
            after = at[2] if at and at[0] else None
            found = _stretch(
                obj, select, all_of([where, order.blank]), None, after, size + 1 - len(rows), "", order.descending
            )
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
    obj: RegisteredObject, select: Select, where: Sql, order: Order | None, after: Any, size: int, hint: str,
    descending: bool = False,
) -> list[Sequence[Any]]:  # fmt: skip
    """Rows in order; those of a stretch with values carry `(sort value, False)` at their end."""
    downwards = order.descending if order else descending
    sign, word = ("<", "DESC") if downwards else (">", "ASC")
    columns, values = select.columns, ()
    if order is None:
        by, values = f"t.id {word}", ()
        if after is not None:
            where = all_of([where, Sql(f"t.id {sign} %s", (after,))])
    else:
        columns = Sql(f"{columns.text}, {order.expression.text}, 1 = 0", (*columns.params, *order.expression.params))
        by, values = f"{order.expression.text} {word}, t.id {word}", order.expression.params
        if order.field is None:
            by, values = f"t.id {word}", ()
        if after is not None:
            pair = Sql(f"({order.expression.text}, t.id) {sign} (%s, %s)", (*order.expression.params, *after))
            where = all_of([where, pair])
    return list(
        db.rows(
            Sql(
                f'SELECT {columns.text} FROM "{obj.table}" t {hint} {select.joins.text} WHERE {where.text} '
                f"ORDER BY {by} LIMIT {size}",
                (*columns.params, *select.joins.params, *where.params, *values),
            )
        )
    )


def _hint(obj: RegisteredObject, where: Sql, order: Order) -> str:
    """`INDEXED BY` where many records match: SQLite's planner would sort them all instead of walking the index."""
    if connection.vendor != "sqlite" or not order.index:
        return ""
    probe = f'SELECT COUNT(*) FROM (SELECT 1 FROM "{obj.table}" t WHERE {where.text} LIMIT {PROBE}) p'
    found = db.row(Sql(probe, where.params))
    return f'INDEXED BY "{order.index}"' if found and found[0] >= PROBE else ""


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
