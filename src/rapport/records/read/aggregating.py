"""Measures over records, whole or by the values of a field: count, sum, average, minimum, maximum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rapport.lib.sql import Sql
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import live
from rapport.records.errors import Invalid
from rapport.records.filters import FilterCompiler
from rapport.records.read.select import PEOPLE
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.computed import ComputedType
from rapport.registry.types.numbers import MoneyType

MEASURES = {"count": "COUNT(*)", "sum": "SUM({v})", "average": "AVG({v})", "minimum": "MIN({v})", "maximum": "MAX({v})"}
MOST = 1000
"""Groups of one answer."""
MONTH = ":month"
"""Behind the name of a date: by its month."""
DATES = frozenset({"date", "datetime"})


@dataclass(frozen=True, slots=True)
class Measured:
    """One group: its value in JSON form (a month as `2026-11`), how many records, and the measure.

    Amounts of money are in minor units of `currency`, each currency a group of its own.
    """

    group: Any
    currency: str
    count: int
    value: Any


def statement(
    caller: Caller, obj: RegisteredObject, where: Sql, *, measure: str, of: str, by: str
) -> tuple[Sql, FieldSpec | None]:
    """The statement whose rows are value of the group, currency, count, measure. Raises Invalid."""
    compiler = FilterCompiler(caller)
    field = _measured(caller, obj, measure, of)
    group = _group(compiler, obj, by)
    value, currency = Sql("COUNT(*)"), Sql("''")
    if field is not None:
        each = _expression(compiler, field)
        value = Sql(MEASURES[measure].format(v=each.text), each.params)
        if isinstance(field.type, MoneyType):
            currency = Sql(f"COALESCE({field.type.currency_expression(field, 't', compiler.env.dialect)}, '')")
    columns = f"{group.text}, {currency.text}, COUNT(*), {value.text}"
    positions = [str(at) for at, part in enumerate((group, currency), start=1) if part.text not in ("NULL", "''")]
    text = f'SELECT {columns} FROM "{obj.table}" t WHERE {where.text}'
    if positions:
        text += f" GROUP BY {', '.join(positions)} ORDER BY 3 DESC, 1 LIMIT {MOST}"
    return Sql(text, (*group.params, *currency.params, *value.params, *where.params)), field


def _measured(caller: Caller, obj: RegisteredObject, measure: str, of: str) -> FieldSpec | None:
    if measure not in MEASURES:
        raise Invalid({"measure": [_("Choose one of: %(options)s.") % {"options": ", ".join(MEASURES)}]})
    if measure == "count":
        return None
    field = caller.visible_fields(obj).get(of)
    dates = measure in {"minimum", "maximum"} and field is not None and field.type.key in DATES
    if field is None or not (field.type.numeric or dates):
        raise Invalid({"field": [_("Choose a field with numbers to measure.")]})
    return field


def _expression(compiler: FilterCompiler, field: FieldSpec) -> Sql:
    if isinstance(field.type, ComputedType):
        return field.type.compute(field, "t", compiler)
    return Sql(field.type.expression(field, "t", compiler.env.dialect))


def _group(compiler: FilterCompiler, obj: RegisteredObject, by: str) -> Sql:
    """What the records are grouped by; a reference to what the caller may not see is none."""
    if not by:
        return Sql("NULL")
    name, monthly = by.removesuffix(MONTH), by.endswith(MONTH)
    field, dialect = compiler.caller.visible_fields(obj).get(name), compiler.env.dialect
    if field is None or not (field.type.key in DATES if monthly else field.type.groupable):
        raise Invalid({"group_by": [_("Choose a field with options, a reference or a user to group by.")]})
    expression = field.type.expression(field, "t", dialect)
    if monthly:
        text = field.custom and field.type.key == "date"
        return Sql(f"substr({expression}, 1, 7)" if text else dialect.month(expression))
    if field.target and field.type.key not in PEOPLE:
        target = catalog.current()[field.target]
        seen = live(compiler.caller, target, "read", "g")
        return Sql(f'(SELECT g.id FROM "{target.table}" g WHERE g.id = {expression} AND {seen.text})', seen.params)
    return Sql(expression)


def measured(rows: Sequence[tuple[Any, ...]], field: FieldSpec | None, by: FieldSpec | None) -> list[Measured]:
    """The rows of `statement`; values of groups in JSON form."""
    found = []
    for group, currency, count, value in rows:
        if by is not None and by.type.key == "boolean" and group is not None:
            group = bool(group)
        found.append(Measured(None if group == "" else group, currency, int(count), _plain(field, value)))
    return found


def _plain(field: FieldSpec | None, value: Any) -> Any:
    if value is None or field is None:
        return int(value or 0) if field is None else None
    if field.type.key in DATES:
        return field.type.to_json(field.type.from_columns(field, [value]))
    number = float(value)
    if isinstance(field.type, MoneyType):
        return round(number)
    return int(number) if number == int(number) else round(number, 6)
