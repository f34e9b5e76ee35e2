"""What a customer has bought: sum, number, first, last and frequency of orders, each currency by itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from rapport.apps.commerce.models import OrderStatus
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry.types.dates import DateType

COLUMNS = {"person": "person_id", "company": "company_id"}
_DATE = DateType()


@dataclass(frozen=True, slots=True)
class Purchases:
    """Orders of one customer in one currency: `total` in minor units; cancelled ones do not count."""

    currency: str
    count: int
    total: int
    first: dt.date | None
    last: dt.date | None

    @property
    def days_between(self) -> float | None:
        """Days from one order to the next on average; None for fewer than two."""
        if self.count < 2 or self.first is None or self.last is None:
            return None
        return (self.last - self.first).days / (self.count - 1)


def of(caller: Caller, key: str, record_id: int) -> list[Purchases]:
    """The orders of a person or company that the caller may see, the largest sum of orders first."""
    where = visible(caller, "order").where()
    text = (
        "SELECT t.currency, COUNT(*), COALESCE(SUM(t.total), 0), MIN(t.ordered_on), MAX(t.ordered_on) "
        f"FROM commerce_order t WHERE t.{COLUMNS[key]} = %s AND t.status <> %s AND {where.text} GROUP BY t.currency"
    )
    rows = db.rows(Sql(text, (record_id, OrderStatus.CANCELLED.value, *where.params)))
    found = [
        Purchases(currency, count, int(total), _DATE.from_json(first), _DATE.from_json(last))
        for currency, count, total, first, last in rows
    ]
    return sorted(found, key=lambda p: (-p.count, p.currency))
