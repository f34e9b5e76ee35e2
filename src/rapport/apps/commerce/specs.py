"""Products, prices, quotes, orders, invoices and payments, declared."""

from __future__ import annotations

from typing import Any

from rapport.apps.commerce import invoices, lines, models, numbering, orders, pricing, quotes
from rapport.registry.objects import ALL, OWN, TEAM, Access, Board, ObjectSpec

_SHARED = Access(create=ALL, read=ALL, edit=ALL, delete=OWN)
_OURS = Access(create=ALL, read=ALL, edit=TEAM, delete=OWN)
_SUMS = ("net", "tax", "total")
_HEAD = ("number", "company", "person", "deal", "currency")
_LINE = (
    "position", "product", "description", "quantity", "unit", "price", "discount", "tax_rate", "optional", "chosen",
)  # fmt: skip

product = ObjectSpec(
    model=models.Product, icon="package", navigation=44, menu="sales",
    subtitle=("code",), search=("name", "code", "description"),
    columns=("name", "code", "category", "unit", "tax_rate", "active"), quick=("name", "code", "unit", "tax_rate"),
    sort="name", settle=numbering.settle_product, access=_SHARED,
    choosable={"field": "active", "op": "is_not", "value": False},
)  # fmt: skip

price_list = ObjectSpec(
    model=models.PriceList, icon="tag", sort="name", prepare=pricing.prepare_list, access=_SHARED, merges=False,
    columns=("name", "currency", "valid_from", "valid_to", "is_default"),
)  # fmt: skip

price = ObjectSpec(
    model=models.Price, icon="currency-euro", subtitle=("price_list",), prepare=pricing.prepare_price,
    parent="price_list", columns=("name", "price_list", "from_quantity", "amount"),
    form=("price_list", "product", "from_quantity", "amount", "name"),
    quick=("price_list", "product", "from_quantity", "amount"), merges=False,
)  # fmt: skip

quote = ObjectSpec(
    model=models.Quote, icon="file-text", navigation=45, menu="sales", title="number", subtitle=("company", "person"),
    columns=("number", "company", "person", "status", "total", "valid_until", "owner"),
    form=(*_HEAD, "price_list", "status", "valid_until", "note", "owner", "team"),
    quick=("company", "person", "currency", "valid_until"), search=("number", "note"),
    board=Board(field="status", total="total", card=("company", "total", "valid_until", "owner")),
    calendar="valid_until", derived=_SUMS, hidden=("lines_version",),
    readonly=("revision", "replaces", "sent_at", "answered_at", "answered_by", "evidence"),
    prepare=quotes.prepare, settle=quotes.settle, effects=(quotes.effects,),
    actions=(quotes.SEND, quotes.ORDER, quotes.RENEW), access=_OURS, merges=False,
)  # fmt: skip

order = ObjectSpec(
    model=models.Order, icon="shopping-cart", navigation=46, menu="sales",
    title="number", subtitle=("company", "person"),
    columns=("number", "company", "person", "ordered_on", "status", "total", "owner"),
    form=(*_HEAD, "quote", "price_list", "status", "ordered_on", "amount", "every", "next_on", "note", "owner", "team"),
    quick=("company", "person", "currency", "ordered_on"), search=("number", "note"), sort="-ordered_on",
    board=Board(field="status", total="total", card=("company", "total", "ordered_on", "owner")),
    calendar="ordered_on", derived=_SUMS, hidden=("lines_version",), readonly=("source",),
    prepare=orders.prepare, settle=orders.settle, actions=(orders.CONFIRM, orders.INVOICE), access=_OURS,
    merges=False,
)  # fmt: skip

invoice = ObjectSpec(
    model=models.Invoice, icon="file-invoice", navigation=47, menu="sales",
    title="number", subtitle=("company", "person"),
    columns=("number", "kind", "company", "status", "total", "paid", "due_on", "owner"),
    form=(*_HEAD, "order", "status", "issued_on", "due_on", "note", "owner", "team"),
    quick=("company", "person", "currency", "due_on"), search=("number", "note"),
    board=Board(field="status", total="total", card=("company", "total", "due_on", "owner")),
    calendar="due_on", derived=(*_SUMS, "paid"), hidden=("lines_version",), readonly=("kind", "credits"),
    prepare=invoices.prepare, settle=invoices.settle, effects=(invoices.effects,),
    actions=(invoices.ISSUE, invoices.PAY, invoices.CREDIT), access=_OURS, merges=False,
)  # fmt: skip

payment = ObjectSpec(
    model=models.Payment, icon="credit-card", title="reference", subtitle=("invoice",), parent="invoice",
    columns=("reference", "invoice", "paid_on", "amount", "method"),
    form=("invoice", "paid_on", "amount", "method", "reference"),
    quick=("invoice", "paid_on", "amount", "method", "reference"), search=("reference",), sort="-paid_on",
    prepare=invoices.prepare_payment, effects=(invoices.payment_effects,), merges=False,
)  # fmt: skip


def _lines(model: Any, document: str) -> ObjectSpec:
    return ObjectSpec(
        model=model, icon="list-details", title="description", subtitle=(document,), parent=document, sort="position",
        columns=("description", document, "product", "quantity", "price", "discount", "net"), form=(document, *_LINE),
        quick=(document, "product", "description", "quantity"), readonly=("net",),
        prepare=lines.prepare, effects=(lines.effects,), merges=False,
    )  # fmt: skip


SPECS = (
    product, price_list, price, quote, order, invoice, payment, _lines(models.QuoteLine, "quote"),
    _lines(models.OrderLine, "order"), _lines(models.InvoiceLine, "invoice"), _lines(models.DealLine, "deal"),
)  # fmt: skip
