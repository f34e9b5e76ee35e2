"""Demo data: plausible rates of a few currencies, every quarter of two years."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from rapport.features.rates import converting, keeping
from rapport.features.rates.keeping import Rate
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.registry.extensions import Demo

ORIGIN = "demo"
IN_EURO = {"USD": "0.92", "GBP": "1.17", "SEK": "0.088", "DKK": "0.134", "PLN": "0.23", "CHF": "1.05", "EUR": "1"}
"""Roughly what a unit of each was worth in euros in 2024 to 2026."""
QUARTERS = 8


def load(context: Any) -> None:
    """Rates that drift a little from quarter to quarter; none where the organisation keeps its own."""
    caller = callers.system("demo")
    if converting.any_kept(caller.currency) or caller.currency not in IN_EURO:
        return
    chance = context.chance("rates")
    own = Decimal(IN_EURO[caller.currency])
    rates = [
        Rate(code, context.today - dt.timedelta(days=91 * back), Decimal(value) / own * _drift(chance.uniform(-1, 1)))
        for code, value in IN_EURO.items()
        if code != caller.currency
        for back in range(QUARTERS)
    ]
    keeping.write(caller, rates, ORIGIN)


def _drift(by: float) -> Decimal:
    return 1 + Decimal(round(by * 0.02, 4))


def remove() -> None:
    """Take the demo's rates out again; those kept since stay."""
    db.execute(Sql(f'DELETE FROM "{converting.TABLE}" WHERE origin = %s', (ORIGIN,)))


DEMO = Demo(name="rates", load=load, remove=remove)
