"""What a product costs: by price list, currency, day and quantity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rapport.lib.money import Money
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.write import Batch


@dataclass(frozen=True, slots=True)
class Item:
    """What a line takes over from its product."""

    name: str
    unit: str
    tax_rate: Decimal | None


def items(ids: Iterable[int]) -> dict[int, Item]:
    """Products by key."""
    found = {}
    for part in db.chunks(sorted(set(ids))):
        text = f"SELECT id, name, unit, tax_rate FROM commerce_product WHERE id IN ({db.marks(part)})"
        for key, name, unit, rate in db.rows(Sql(text, tuple(part))):
            found[key] = Item(name, unit, None if rate is None else Decimal(str(rate)))
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """A price from a quantity on; `wanted` when it is of a list that may be chosen only by name."""

    price_list: int
    is_default: bool
    from_quantity: Decimal
    amount: int


class Prices:
    """The prices of some products in some currencies on one day, read at once."""

    def __init__(self, products: Iterable[int], currencies: Iterable[str], day: dt.date) -> None:
        self._steps: dict[tuple[int, str], list[Step]] = {}
        codes = sorted(set(currencies))
        for part in db.chunks(sorted(set(products))) if codes else ():
            text = (
                "SELECT p.product_id, l.currency, l.id, l.is_default, p.from_quantity, p.amount FROM commerce_price p "
                "JOIN commerce_pricelist l ON l.id = p.price_list_id WHERE p.deleted_at IS NULL "
                f"AND l.deleted_at IS NULL AND p.product_id IN ({db.marks(part)}) "
                f"AND l.currency IN ({db.marks(codes)}) AND (l.valid_from IS NULL OR l.valid_from <= %s) "
                "AND (l.valid_to IS NULL OR l.valid_to >= %s) ORDER BY p.from_quantity, p.id"
            )
            for product, code, price_list, default, least, amount in db.rows(Sql(text, (*part, *codes, day, day))):
                step = Step(price_list, bool(default), Decimal(str(least)), amount)
                self._steps.setdefault((product, code), []).append(step)

    def of(self, product: int, currency: str, price_list: int | None, quantity: Decimal) -> Money | None:
        """The price for one, on the list named if that has one, else on the default list; None where there is none."""
        steps = [s for s in self._steps.get((product, currency), ()) if s.from_quantity <= quantity]
        chosen = [s for s in steps if s.price_list == price_list] or [s for s in steps if s.is_default]
        return Money(chosen[-1].amount, currency) if chosen else None


def prepare_price(batch: Batch) -> None:
    """The product's name where none was given; the currency of the list."""
    lists = _currencies({e.get("price_list") for e in batch.entries} - {None})
    unnamed = [e for e in batch.entries if not e.get("name") and e.get("product")]
    names = items(e.get("product") for e in unnamed)
    for entry in unnamed:
        if found := names.get(entry.get("product")):
            entry.values["name"] = found.name
    for entry in batch.entries:
        amount, currency = entry.get("amount"), lists.get(entry.get("price_list"))
        if amount is not None and currency and amount.currency != currency:
            entry.refuse("amount", _("This list is in %(currency)s.") % {"currency": currency})


def _currencies(ids: set[Any]) -> dict[int, str]:
    if not ids:
        return {}
    text = f"SELECT id, currency FROM commerce_pricelist WHERE id IN ({db.marks(ids)})"
    return dict(db.rows(Sql(text, tuple(ids))))


def prepare_list(batch: Batch) -> None:
    """The organisation's currency where none was given."""
    for entry in batch.entries:
        if not entry.get("currency"):
            entry.values["currency"] = batch.env.currency
