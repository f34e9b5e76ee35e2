"""Sums over several currencies in one: each amount at the rate of its day, never added raw.

An amount is converted at the rate in force on its day: that of the newest day with a rate up to it, or, before the
first one known, the first. Rates multiply major units; the result is rounded half to even once for each currency and
rate, so that a sum is exact to one minor unit for each of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from rapport.lib.money import Money, exponent
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read.grouping import Group, Sum
from rapport.registry.fields import FieldSpec
from rapport.registry.types.numbers import MoneyType

TABLE = "rates_exchangerate"
Rates = Mapping[tuple[str, dt.date], Decimal]


@dataclass(frozen=True, slots=True)
class Total:
    """`amount` and `weighted` (by a probability) in the organisation's currency, minor units, of all that has a rate.

    `left` are the sums in currencies without any rate, by currency: they are told beside it, not added.
    """

    currency: str
    amount: int = 0
    weighted: int = 0
    left: Mapping[str, int] = field(default_factory=dict)


def converted(money: Money, rate: Decimal, currency: str) -> Money:
    """Money in another currency: major units times `rate`, rounded half to even."""
    exact = money.major * rate
    return Money(int(exact.scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_EVEN)), currency)


def period(caller: Caller, amount: FieldSpec, dated: FieldSpec | None, alias: str = "t") -> Sql | None:
    """The day of the rate that holds for a row's amount: by the date in `dated`, or today's where there is none.

    NULL for the organisation's currency and for one without rates. None when no rates are kept at all.
    """
    if not isinstance(amount.type, MoneyType) or not any_kept(caller.currency):
        return None
    env = caller.env()
    day = today(caller)
    if dated is not None:
        at = env.dialect.day(dated.type.expression(dated, alias, env.dialect))
        day = Sql(f"COALESCE({at}, {day.text})", day.params)
    return in_force(caller, amount.type.currency_expression(amount, alias, env.dialect), day)


def in_force(caller: Caller, currency: str, day: Sql) -> Sql:
    """The day of the rate of a currency (an expression) that holds on a day (as well)."""
    own = caller.currency
    known = f'FROM "{TABLE}" r WHERE r.base = %s AND r.currency = {currency}'
    return Sql(
        f"CASE WHEN {currency} = %s THEN NULL ELSE COALESCE("
        f"(SELECT MAX(r.day) {known} AND r.day <= {day.text}), (SELECT MIN(r.day) {known})) END",
        (own, own, *day.params, own),
    )


def today(caller: Caller, day: dt.date | None = None) -> Sql:
    """Today where the caller is, or another day, as a value."""
    env = caller.env()
    value = day or env.now.astimezone(env.zone).date()
    return Sql("%s::date" if env.dialect.vendor == "postgresql" else "%s", (value,))


def any_kept(base: str) -> bool:
    """Whether there is any rate into a currency."""
    return db.row(Sql(f'SELECT 1 FROM "{TABLE}" WHERE base = %s LIMIT 1', (base,))) is not None


def totals(caller: Caller, groups: Iterable[Group]) -> dict[Any, Total]:
    """The sums of groups (made with `part=period(…)`) in the organisation's currency, by the groups' values."""
    groups = list(groups)
    rates = rates_of(caller.currency, [s for g in groups for s in g.parts])
    return {group.value: total(caller.currency, group.parts, rates) for group in groups}


def total(own: str, parts: Sequence[Sum], rates: Rates) -> Total:
    """Sums by currency and day of the rate, as one."""
    amount, weighted, left = 0, Decimal(0), dict[str, int]()
    for part in parts:
        rate = Decimal(1) if part.currency == own else rates.get((part.currency, _day(part.part)))
        if rate is None:
            left[part.currency] = left.get(part.currency, 0) + int(part.amount)
            continue
        amount += converted(Money(int(part.amount), part.currency), rate, own).amount
        weighted += Decimal(converted(Money(int(part.weighted), part.currency), rate, own).amount) / 100
    return Total(own, amount, int(weighted.quantize(Decimal(1), ROUND_HALF_EVEN)), left)


def _day(value: Any) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value or dt.date.min


def rates_of(base: str, parts: Sequence[Sum]) -> Rates:
    """The rates that sums name."""
    wanted = {(s.currency, _day(s.part)) for s in parts if s.currency != base and s.part is not None}
    found: dict[tuple[str, dt.date], Decimal] = {}
    for chunk in db.chunks(sorted(wanted), 200):
        any_of = " OR ".join(["(currency = %s AND day = %s)"] * len(chunk))
        params = tuple(value for pair in chunk for value in pair)
        statement = Sql(f'SELECT currency, day, rate FROM "{TABLE}" WHERE base = %s AND ({any_of})', (base, *params))
        found |= {(row[0], _day(row[1])): Decimal(str(row[2])) for row in db.rows(statement)}
    return found
