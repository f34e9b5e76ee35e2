"""Demo data: products with prices, and a year of quotes, orders, invoices and payments of the demo's customers."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rapport.apps.commerce import documents
from rapport.apps.commerce.models import InvoiceStatus, OrderStatus, QuoteStatus
from rapport.features.demo.context import DemoContext, Made
from rapport.registry.extensions import Demo

# Code, name, unit, category, price in euros, cost in euros.
PRODUCTS = (
    ("FT-100", "Fleet tracker", "piece", "Hardware", 189, 92),
    ("FT-110", "Fleet tracker with temperature probe", "piece", "Hardware", 249, 131),
    ("GW-20", "Warehouse gateway", "piece", "Hardware", 420, 233),
    ("SC-5", "Handheld scanner", "piece", "Hardware", 315, 178),
    ("MNT-1", "Vehicle mount", "piece", "Hardware", 29, 11),
    ("SIM-EU", "Data SIM, Europe", "month", "Subscription", 4, 2),
    ("LIC-BASE", "Platform licence, base", "month", "Subscription", 240, 35),
    ("LIC-SEAT", "Platform licence, per seat", "month", "Subscription", 19, 3),
    ("LIC-DISP", "Dispatch board", "month", "Subscription", 160, 22),
    ("SUP-GOLD", "Support, gold", "month", "Subscription", 180, 90),
    ("INST-D", "Installation", "day", "Service", 980, 610),
    ("TRAIN-D", "Training", "day", "Service", 1150, 520),
    ("CONS-H", "Consulting", "hour", "Service", 145, 78),
    ("MIG-1", "Data migration", "piece", "Service", 2400, 1300),
    ("TRAVEL", "Travel, flat rate", "piece", "Service", 120, 95),
)
RATES = {"EUR": "1", "GBP": "0.9", "USD": "1.1", "SEK": "11", "DKK": "7.5", "PLN": "4.3"}
TAX = 19
ORDERS, QUOTES, RECURRING = 120, 30, 6
Lines = list[dict[str, Any]]
Rows = list[tuple[dict[str, Any], dt.datetime, dict[str, Any]]]


def load(context: DemoContext) -> None:
    """Products and prices first, then what was sold to customers."""
    chance = context.chance("commerce")
    products = _products(context)
    deals = [d for d in context.made["deal"] if d.values.get("company") and d.extra["path"]]
    won = [d for d in deals if d.extra["path"][-1][0].values["outcome"] == "won"]
    still = [d for d in deals if d.extra["path"][-1][0].values["outcome"] == "open"]
    _quotes(context, chance, products, chance.sample(still, min(QUOTES, len(still))))
    _orders(context, chance, products, won)


def _products(context: DemoContext) -> list[Made]:
    at = context.now - dt.timedelta(days=500)
    rows = [
        (
            {"code": code, "name": name, "unit": unit, "category": category, "tax_rate": TAX, "cost": f"{cost} EUR"},
            at, {"price": Decimal(price)},
        )
        for code, name, unit, category, price, cost in PRODUCTS
    ]  # fmt: skip
    made = context.create("product", rows)
    lists = context.create(
        "pricelist",
        [
            ({"name": f"Standard {code}", "currency": code, "is_default": True}, at, {"rate": r})
            for code, r in RATES.items()
        ],
    )
    prices: Rows = []
    for of in lists:
        for product in made:
            full = product.extra["price"] * Decimal(of.extra["rate"])
            for least, share in ((0, Decimal(1)), (10, Decimal("0.9"))):
                amount = f"{(full * share).quantize(Decimal('0.01'))} {of.values['currency']}"
                values = {"price_list": of.id, "product": product.id, "from_quantity": least, "amount": amount}
                prices.append((values, at, {}))
    context.create("price", prices)
    return made


def _basket(chance: random.Random, products: Sequence[Made]) -> Lines:
    """A few lines that go together; the prices come from the list."""
    lines: Lines = []
    for product in sorted(chance.sample(products, chance.randrange(1, 5)), key=lambda p: p.id):
        many = product.values["unit"] in {"piece", "month"} and product.values["category"] != "Service"
        quantity = chance.choice((1, 2, 3, 5, 12, 24)) if many else chance.choice((1, 1, 2, 3))
        lines.append({"product": product.id, "quantity": quantity})
        if chance.random() < 0.2:
            lines[-1]["discount"] = chance.choice((5, 10))
    return lines


def _whom(deal: Made) -> dict[str, Any]:
    return {n: deal.values.get(n) for n in ("company", "person", "owner")} | {"deal": deal.id}


def _add_lines(context: DemoContext, key: str, made: Sequence[Made], baskets: Sequence[Lines]) -> None:
    rows: Rows = [
        ({**line, key: document.id, "owner": document.values["owner"]}, document.at, {})
        for document, basket in zip(made, baskets, strict=True)
        for line in basket
    ]
    context.create(f"{key}line", rows)


def _numbered(series: str, rows: Rows) -> Rows:
    """In the order of time with numbers of their own, so that removing them leaves the counters as they were."""
    counts: dict[int, int] = {}
    for values, at, _extra in sorted(rows, key=lambda row: row[1]):
        counts[at.year] = counts.get(at.year, 0) + 1
        values["number"] = f"{series}-{at.year}-{counts[at.year]:04d}"
    return rows


def _quotes(context: DemoContext, chance: random.Random, products: Sequence[Made], deals: Sequence[Made]) -> None:
    """Quotes of deals that are open: drafts, sent ones, some answered."""
    rows: Rows = []
    for deal in deals:
        at = context.moment(chance, 45, 0)
        currency = str(deal.values["amount"]).split()[1]
        until = at.date() + dt.timedelta(days=30)
        rows.append(({**_whom(deal), "currency": currency, "valid_until": until}, at, {}))
    made = context.create("quote", _numbered("Q", rows))
    baskets = [_basket(chance, products) for _quote in made]
    for basket in baskets[::3]:
        basket.append({"product": products[11].id, "quantity": 1, "optional": True})
    _add_lines(context, "quote", made, baskets)
    sent = [q for q in made if chance.random() < 0.8]
    context.update("quote", [(q, {"status": QuoteStatus.SENT.value}, _later(context, q.at, 1)) for q in sent])
    answers = [(q, chance.choices(("", "accepted", "declined"), (5, 3, 2))[0]) for q in sent]
    context.update("quote", [(q, {"status": a}, _later(context, q.at, 5)) for q, a in answers if a])


def _later(context: DemoContext, at: dt.datetime, days: float) -> dt.datetime:
    return min(at + dt.timedelta(days=days, hours=2), context.now)


def _orders(context: DemoContext, chance: random.Random, products: Sequence[Made], won: Sequence[Made]) -> None:
    """Orders of a year: the first when the deal was won, others of the same customers since."""
    rows: Rows = []
    for n in range(ORDERS):
        deal = won[n] if n < len(won) else chance.choice(won)
        start = deal.extra["path"][-1][1]
        at = start if n < len(won) else context.moment(chance, max(1, (context.now - start).days), 0)
        values = {**_whom(deal), "currency": str(deal.values["amount"]).split()[1]}
        values["ordered_on"] = at.astimezone(context.zone).date()
        if n >= ORDERS - RECURRING:
            values |= {"every": "month", "next_on": context.today + dt.timedelta(days=chance.randrange(2, 28))}
        rows.append((values, max(at, start), {}))
    made = context.create("order", _numbered("O", rows))
    _add_lines(context, "order", made, [_basket(chance, products) for _order in made])
    changes = []
    for order in made:
        age = (context.now - order.at).days
        if age > 1:
            status = OrderStatus.FULFILLED if age > 10 else OrderStatus.CONFIRMED
            status = OrderStatus.CANCELLED if chance.random() < 0.04 else status
            changes.append((order, {"status": status.value}, _later(context, order.at, min(age, 6))))
    context.update("order", changes)
    cancelled = {order.id for order, values, _at in changes if values["status"] == OrderStatus.CANCELLED}
    _invoices(context, chance, [o for o in made if o.id not in cancelled and (context.now - o.at).days > 1])


def _invoices(context: DemoContext, chance: random.Random, orders: Sequence[Made]) -> None:
    """Invoices a few days after their orders; most are paid, some late, a few are open."""
    taken = ("company", "person", "deal", "owner", "currency")
    rows: Rows = []
    for order in orders:
        at = _later(context, order.at, 3)
        rows.append(({**{n: order.values.get(n) for n in taken}, "order": order.id}, at, {"order": order}))
    made = context.create("invoice", _numbered("I", rows))
    lines: Rows = []
    for invoice in made:
        copied = documents.lines_of(context.members[0].caller, "order", invoice.extra["order"].id)
        owner = invoice.values["owner"]
        lines += [({**line, "invoice": invoice.id, "owner": owner}, invoice.at, {}) for line in copied]
    context.create("invoiceline", lines)
    context.update("invoice", [(i, {"status": InvoiceStatus.OPEN.value}, i.at) for i in made])
    _payments(context, chance, made)


def _payments(context: DemoContext, chance: random.Random, invoices: Sequence[Made]) -> None:
    rows: Rows = []
    for invoice in invoices:
        at = invoice.at + dt.timedelta(days=chance.choice((4, 9, 12, 14, 16, 25)))
        if at < context.now and chance.random() < 0.93:
            method = chance.choice(("transfer", "transfer", "transfer", "debit", "card"))
            values = {"invoice": invoice.id, "paid_on": at.date(), "method": method, "owner": invoice.values["owner"]}
            rows.append((values, at, {}))
    context.create("payment", rows)


DEMO = Demo(name="commerce", load=load, after=("deals",))
