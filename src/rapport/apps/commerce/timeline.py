"""Selling on timelines: quotes sent and answered, orders, invoices, payments, for a person, a company and a deal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rapport.features.timeline.entries import Before, Entry, Phrase, Ref, Strong
from rapport.features.timeline.sql import older
from rapport.lib.format import format_money
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource
from rapport.registry.types.dates import DateTimeType

OBJECTS = ("person", "company", "deal")
_DATETIME = DateTimeType()
_ANSWERS = {"accepted": ("check", "green"), "declined": ("thumb-down", "red")}


def quotes(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest quotes that were sent or answered."""
    quote = catalog.current()["quote"]
    if (
        not caller.may(quote, "read")
        or not {"status", "sent_at", "answered_at"} <= visible(caller, quote).fields.keys()
    ):
        return []
    parts, params = [], list[Any]()
    for column, answered in (("sent_at", 0), ("answered_at", 1)):
        tie = f"t.id * 2 + {answered}"
        where = all_of(
            [
                Sql(f"t.{obj.key}_id = %s AND t.{column} IS NOT NULL", (record_id,)),
                visible(caller, quote).where(),
                older(f"t.{column}", tie, before),
            ]
        )
        parts.append(
            f"SELECT {tie} AS tie, t.{column} AS at, t.id, t.number, t.status, t.answered_by, t.total, t.currency "
            f"FROM commerce_quote t WHERE {where.text}"
        )
        params += where.params
    text = f"{' UNION ALL '.join(parts)} ORDER BY at DESC, tie DESC LIMIT {int(limit)}"
    priced = caller.sees(quote, quote.fields["total"])
    return [_quote(row, priced) for row in db.rows(Sql(text, tuple(params)))]


def _quote(row: tuple[Any, ...], priced: bool) -> Entry:
    tie, at, key, number, status, who, total, currency = row
    moment = _DATETIME.from_json(at)
    assert moment is not None
    ref = Ref("quote", key, number)
    icon, tone = "send", "blue"
    title = Phrase(_("Quote {quote} was sent"), {"quote": ref})
    if tie % 2:
        icon, tone = _ANSWERS.get(status, ("check", "neutral"))
        text = _("{who} declined quote {quote}") if status == "declined" else _("{who} accepted quote {quote}")
        title = Phrase(text, {"who": Strong(who or _("Someone")), "quote": ref})
    return Entry(at=moment, tie=tie, icon=icon, tone=tone, title=title, meta=_sum(total, currency, priced))


def _sum(total: int | None, currency: str, priced: bool) -> str:
    if not priced or total is None:
        return ""
    return format_money(int(total), currency, get_language() or "en", whole=False)


def orders(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest orders."""
    order = catalog.current()["order"]
    if not caller.may(order, "read") or "ordered_on" not in visible(caller, order).fields:
        return []
    at = _moment("t.ordered_on")
    about = Sql(f"t.{obj.key}_id = %s AND t.ordered_on IS NOT NULL", (record_id,))
    where = all_of([about, visible(caller, order).where(), older(at, "t.id", before)])
    text = (
        f"SELECT t.id, {at} AS at, t.number, t.status, t.total, t.currency FROM commerce_order t "
        f"WHERE {where.text} ORDER BY at DESC, t.id DESC LIMIT {int(limit)}"
    )
    priced = caller.sees(order, order.fields["total"])
    known = caller.sees(order, order.fields["status"])
    return [
        _entry(key, raw, "shopping-cart", "green", Phrase(_("Order {order}"), {"order": Ref("order", key, number)}),
               _sum(total, currency, priced), cancelled=known and status == "cancelled")
        for key, raw, number, status, total, currency in db.rows(Sql(text, where.params))
    ]  # fmt: skip


def _moment(day: str) -> str:
    """When something happened of which the day was entered: on the day on which it was entered that moment, else noon.

    So what is done one after the other is told in this order.
    """
    dialect = db.dialect()
    return f"CASE WHEN {dialect.day('t.created_at')} = {day} THEN t.created_at ELSE {dialect.noon(day)} END"


def _entry(
    tie: int, at: Any, icon: str, tone: str, title: Phrase, meta: str, *, cancelled: bool = False
) -> Entry:  # fmt: skip
    moment = _DATETIME.from_json(at)
    assert moment is not None
    badges = ((_("Cancelled"), "red"),) if cancelled else ()
    return Entry(
        at=moment, tie=tie, icon=icon, tone="neutral" if cancelled else tone, title=title, meta=meta, badges=badges
    )


def invoices(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest invoices and credit notes that were issued."""
    invoice = catalog.current()["invoice"]
    if not caller.may(invoice, "read") or not {"status", "issued_on"} <= visible(caller, invoice).fields.keys():
        return []
    at = _moment("t.issued_on")
    about = Sql(f"t.{obj.key}_id = %s AND t.issued_on IS NOT NULL AND t.status <> 'draft'", (record_id,))
    where = all_of([about, visible(caller, invoice).where(), older(at, "t.id", before)])
    text = (
        f"SELECT t.id, {at} AS at, t.number, t.kind, t.status, t.total, t.currency FROM commerce_invoice t "
        f"WHERE {where.text} ORDER BY at DESC, t.id DESC LIMIT {int(limit)}"
    )
    priced = caller.sees(invoice, invoice.fields["total"])
    found = []
    for key, raw, number, kind, status, total, currency in db.rows(Sql(text, where.params)):
        said = _("Credit note {invoice} was issued") if kind == "credit" else _("Invoice {invoice} was issued")
        title = Phrase(said, {"invoice": Ref("invoice", key, number)})
        money = _sum(total, currency, priced)
        found.append(_entry(key, raw, "file-invoice", "blue", title, money, cancelled=status == "cancelled"))
    return found


def payments(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest payments of invoices."""
    payment = catalog.current()["payment"]
    if not caller.may(payment, "read") or "paid_on" not in visible(caller, payment).fields:
        return []
    at = _moment("t.paid_on")
    about = Sql(f"i.{obj.key}_id = %s AND t.paid_on IS NOT NULL AND i.deleted_at IS NULL", (record_id,))
    where = all_of([about, visible(caller, payment).where(), older(at, "t.id", before)])
    text = (
        f"SELECT t.id, {at} AS at, i.id, i.number, t.amount, t.amount_currency FROM commerce_payment t "
        f"JOIN commerce_invoice i ON i.id = t.invoice_id WHERE {where.text} "
        f"ORDER BY at DESC, t.id DESC LIMIT {int(limit)}"
    )
    priced = caller.sees(payment, payment.fields["amount"])
    found = []
    for key, raw, invoice, number, amount, currency in db.rows(Sql(text, where.params)):
        back = priced and amount is not None and amount < 0
        said = _("Paid back on invoice {invoice}") if back else _("Payment for invoice {invoice}")
        title = Phrase(said, {"invoice": Ref("invoice", invoice, number)})
        found.append(_entry(key, raw, "credit-card", "orange" if back else "green", title,
                            _sum(amount, currency, priced)))  # fmt: skip
    return found


SOURCES = (
    TimelineSource(name="quotes", label=gettext_lazy("Quotes"), objects=OBJECTS, entries=quotes),
    TimelineSource(name="orders", label=gettext_lazy("Orders"), objects=OBJECTS, entries=orders),
    TimelineSource(name="invoices", label=gettext_lazy("Invoices"), objects=OBJECTS, entries=invoices),
    TimelineSource(name="payments", label=gettext_lazy("Payments"), objects=OBJECTS, entries=payments),
)
