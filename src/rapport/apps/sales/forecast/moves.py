"""What moved since a day: deals that closed, came, slipped or changed their amount."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.apps.sales.forecast import states
from rapport.apps.sales.forecast.tables import MONTHS, following, may_see
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.filters.compiler import Filter
from rapport.records.read import visible


@dataclass(frozen=True, slots=True)
class Move:
    """A deal of which a forecast counts something else than on a day: as it was and as it is (None: not there)."""

    deal: int
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


MOST = 100
_SHOWN = ("amount", "amount_currency", "closes", "forecast", "outcome")


def moves(
    caller: Caller, day: dt.date, first: dt.date, months: int = MONTHS, filter_: Filter | None = None
) -> list[Move]:
    """Deals that closed, came, slipped or changed their amount since a day, the largest first. Raises Invalid."""
    found = visible(caller, "deal")
    if not may_see(caller):
        return []
    then, now, where = states.then(day), states.now(), found.where(filter_)
    differ = " OR ".join(f"COALESCE(CAST(b.{c} AS text), '') <> COALESCE(CAST(a.{c} AS text), '')" for c in _SHOWN)
    last = following(first, months)
    shown = ", ".join(f"{side}.{c}" for side in ("b", "a") for c in _SHOWN)
    text = (
        f"SELECT t.id, t.name, b.deal_id, a.deal_id, {shown} FROM sales_deal t "
        f"LEFT JOIN ({then.text}) b ON b.deal_id = t.id LEFT JOIN ({now.text}) a ON a.deal_id = t.id "
        f"WHERE {where.text} AND ({differ}) "
        "AND ((b.closes >= %s AND b.closes < %s) OR (a.closes >= %s AND a.closes < %s)) "
        f"ORDER BY COALESCE(a.amount, b.amount, 0) DESC, t.id LIMIT {MOST}"
    )
    params = (*then.params, *now.params, *where.params, first, last, first, last)
    with db.time_limit(8.0):
        rows = db.rows(Sql(text, params))
    return [_move(row) for row in rows]


def _move(row: Sequence[Any]) -> Move:
    key, name, was, is_, *values = row
    before = dict(zip(_SHOWN, values[: len(_SHOWN)], strict=True)) if was else None
    after = dict(zip(_SHOWN, values[len(_SHOWN) :], strict=True)) if is_ else None
    for side in (before, after):
        if side and isinstance(side["closes"], str):
            side["closes"] = dt.date.fromisoformat(side["closes"])
    return Move(key, name, before, after)
