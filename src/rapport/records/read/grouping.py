"""Counts and sums of records by the values of a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.lib.sql import Sql
from rapport.registry.env import Env
from rapport.registry.fields import FieldSpec
from rapport.registry.types.numbers import MoneyType


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum in one currency (`""` for plain numbers) and one part; `weighted` is the sum of amount × per cent."""

    currency: str
    part: Any
    amount: int | float
    weighted: int | float = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Records with one value of the field grouped by: how many, and the sum of a field per currency (or `""`)."""

    value: Any
    count: int
    sums: dict[str, int | float] = field(default_factory=dict)
    parts: tuple[Sum, ...] = ()
    """The same sums, divided further by the parts that were asked for."""


def statement(
    table: str, where: Sql, env: Env, fields: Mapping[str, FieldSpec], *, by: str, total: str, weight: str,
    part: Sql | None,
) -> Sql:  # fmt: skip
    """Value, currency, part, count, sum and weighted sum of each group; without `by` of all rows together."""
    key = fields[by].type.expression(fields[by], "t", env.dialect) if by else "NULL"
    amount, weighted, currency = "0", "0", "''"
    if total:
        type_ = fields[total].type
        each = type_.expression(fields[total], "t", env.dialect)
        amount = f"COALESCE(SUM({each}), 0)"
        if isinstance(type_, MoneyType):
            currency = f"COALESCE({type_.currency_expression(fields[total], 't', env.dialect)}, '')"
        if weight:
            share = fields[weight].type.expression(fields[weight], "t", env.dialect)
            weighted = f"COALESCE(SUM({each} * COALESCE({share}, 0)), 0)"
    divided = part if part is not None and total else Sql("NULL")
    columns = (key, currency, divided.text)
    by_columns = ", ".join(str(at) for at, text in enumerate(columns, start=1) if text not in ("NULL", "''"))
    text = f'SELECT {", ".join(columns)}, COUNT(*), {amount}, {weighted} FROM "{table}" t WHERE {where.text}'
    return Sql(f"{text} GROUP BY {by_columns}" if by_columns else text, (*divided.params, *where.params))


def grouped(rows: Sequence[tuple[Any, str, Any, int, Any, Any]]) -> list[Group]:
    """The rows of `statement` as groups, in the order in which the values came."""
    counts: dict[Any, int] = {}
    parts: dict[Any, list[Sum]] = {}
    for value, currency, part, count, amount, weighted in rows:
        counts[value] = counts.get(value, 0) + count
        if amount:
            parts.setdefault(value, []).append(Sum(currency, part, amount, weighted))
    return [
        Group(value, count, _by_currency(parts.get(value, ())), tuple(parts.get(value, ())))
        for value, count in counts.items()
    ]


def _by_currency(parts: Sequence[Sum]) -> dict[str, int | float]:
    sums: dict[str, int | float] = {}
    for part in parts:
        sums[part.currency] = sums.get(part.currency, 0) + part.amount
    return sums
