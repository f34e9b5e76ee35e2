"""The forecast as a table: amounts by row, month and category."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.apps.sales.forecast import states
from rapport.features.rates import converting
from rapport.features.rates.converting import Total
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.filters.compiler import Filter
from rapport.records.read import visible
from rapport.records.read.grouping import Group, Sum
from rapport.records.read.select import labels_of
from rapport.registry import catalog

WON, COMMIT, BEST, PIPELINE = "won", "commit", "best", "pipeline"
CATEGORIES = (WON, COMMIT, BEST, PIPELINE)
BY = ("owner", "team", "pipeline", "category")
MONTHS = 6


@dataclass(slots=True)
class Cell:
    """One month of one row: amounts by category and weighted, minor units of the organisation's currency."""

    amounts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CATEGORIES, 0))
    weighted: int = 0
    count: int = 0
    left: dict[str, int] = field(default_factory=dict)

    def add(self, category: str, count: int, total: Total) -> None:
        """Count deals in."""
        self.amounts[category] += total.amount
        self.weighted += total.weighted if category != WON else total.amount
        self.count += count
        for currency, amount in total.left.items():
            self.left[currency] = self.left.get(currency, 0) + amount

    @property
    def sure(self) -> int:
        """Won and committed."""
        return self.amounts[WON] + self.amounts[COMMIT]


Table = dict[Any, dict[str, Cell]]
"""Cells by the value of a row (None: nobody, nothing) and the month (`2026-11`)."""


def forecast(
    caller: Caller, by: str, first: dt.date, months: int = MONTHS, *, filter_: Filter | None = None,
    as_of: dt.date | None = None,
) -> Table:  # fmt: skip
    """Won and open deals that close in the months from `first` on; open ones of earlier months count in the first.

    Raises Invalid for a filter that can't be read.
    """
    found = visible(caller, "deal")
    if not may_see(caller):
        return {}
    last = following(first, months)
    source = states.then(as_of) if as_of else states.now()
    row = {"owner": "x.owner_id", "team": "x.team_id", "pipeline": "x.pipeline_id", "category": _CATEGORY}[by]
    period = _period(caller, as_of)
    due = Sql("x.closes < %s AND (x.outcome = 'open' OR x.closes >= %s)", (last, first))
    where = all_of([found.where(filter_), due])
    month = db.dialect().month("x.closes")
    text = (
        f"SELECT {row}, CASE WHEN x.closes < %s THEN %s ELSE {month} END, {_CATEGORY}, x.amount_currency, "
        f"{period.text}, "
        "COUNT(*), COALESCE(SUM(x.amount), 0), COALESCE(SUM(x.amount * COALESCE(x.probability, 0)), 0) "
        f"FROM ({source.text}) x JOIN sales_deal t ON t.id = x.deal_id WHERE {where.text} "
        f"AND x.outcome <> 'lost' AND (x.outcome = 'won' OR x.forecast <> 'omitted') GROUP BY 1, 2, 3, 4, 5"
    )
    params = (first, f"{first:%Y-%m}", *period.params, *source.params, *where.params)
    with db.time_limit(8.0):
        return _table(caller, db.rows(Sql(text, params)))


def may_see(caller: Caller) -> bool:
    """Whether the caller may see deals and what of them a forecast counts."""
    deal = catalog.current()["deal"]
    return (
        caller.may(deal, "read") and {"amount", "outcome", "close_on", "forecast"} <= caller.visible_fields(deal).keys()
    )


_CATEGORY = "CASE WHEN x.outcome = 'won' THEN 'won' ELSE x.forecast END"


def _period(caller: Caller, as_of: dt.date | None) -> Sql:
    """The day of the rate: of the close for what is won, of the day looked at for what is open."""
    if not converting.any_kept(caller.currency):
        return Sql("NULL")
    day = converting.today(caller, as_of)
    at = Sql(f"CASE WHEN x.outcome = 'won' THEN x.closes ELSE {day.text} END", day.params)
    return converting.in_force(caller, "x.amount_currency", at)


def _table(caller: Caller, rows: Sequence[tuple[Any, ...]]) -> Table:
    groups = [
        Group((row, month, category), count, parts=(Sum(currency or caller.currency, part, amount, weighted),))
        for row, month, category, currency, part, count, amount, weighted in rows
    ]
    rates = converting.rates_of(caller.currency, [s for g in groups for s in g.parts])
    table: Table = {}
    for group in groups:
        row, month, category = group.value
        cell = table.setdefault(row, {}).setdefault(month, Cell())
        cell.add(category, group.count, converting.total(caller.currency, group.parts, rates))
    return table


def months_from(first: dt.date, count: int = MONTHS) -> list[str]:
    """The keys of months: `2026-11`, `2026-12`, …"""
    return [f"{following(first, i):%Y-%m}" for i in range(count)]


def following(first: dt.date, months: int) -> dt.date:
    """The first day of the month so many months later."""
    at = first.year * 12 + first.month - 1 + months
    return dt.date(at // 12, at % 12 + 1, 1)


def summed(table: Mapping[Any, Mapping[str, Cell]], months: Sequence[str]) -> dict[str, Cell]:
    """All rows of a table as one."""
    total = {month: Cell() for month in months}
    for cells in table.values():
        for month, cell in cells.items():
            into = total.setdefault(month, Cell())
            for category in CATEGORIES:
                into.amounts[category] += cell.amounts[category]
            into.weighted += cell.weighted
            into.count += cell.count
            for currency, amount in cell.left.items():
                into.left[currency] = into.left.get(currency, 0) + amount
    return total


def labels(by: str, caller: Caller, values: Sequence[Any]) -> dict[Any, str]:
    """What the values of rows are called, as far as the caller may see them."""
    if by == "category":
        return {}
    deal = catalog.current()["deal"]
    return labels_of(caller, deal.fields[by], {v for v in values if v is not None})
