"""Selling on timelines: quotes sent and answered, orders, for a person, a company and a deal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rapport.features.timeline.entries import Before, Entry, Phrase, Ref, Strong
from rapport.features.timeline.sql import older
from rapport.lib.format import format_money
from rapport.lib.sql import TRUE, Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource
from rapport.registry.types.dates import DateTimeType, DateType

OBJECTS = ("person", "company", "deal")
NOON = dt.time(12, tzinfo=dt.UTC)
"""When something happened of which only the day is known."""
_DATETIME, _DATE = DateTimeType(), DateType()
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
    """The newest orders, at noon of their days."""
    order = catalog.current()["order"]
    if not caller.may(order, "read") or "ordered_on" not in visible(caller, order).fields:
        return []
    about = Sql(f"t.{obj.key}_id = %s AND t.ordered_on IS NOT NULL", (record_id,))
    where = all_of([about, visible(caller, order).where(), _earlier(before)])
    text = (
        "SELECT t.id, t.ordered_on, t.number, t.status, t.total, t.currency FROM commerce_order t "
        f"WHERE {where.text} ORDER BY t.ordered_on DESC, t.id DESC LIMIT {int(limit)}"
    )
    priced = caller.sees(order, order.fields["total"])
    known = caller.sees(order, order.fields["status"])
    found = []
    for key, day, number, status, total, currency in db.rows(Sql(text, where.params)):
        cancelled = known and status == "cancelled"
        found.append(
            Entry(
                at=dt.datetime.combine(_DATE.from_json(day) or dt.date.min, NOON),
                tie=key,
                icon="shopping-cart",
                tone="neutral" if cancelled else "green",
                title=Phrase(_("Order {order}"), {"order": Ref("order", key, number)}),
                meta=_sum(total, currency, priced),
                badges=((_("Cancelled"), "red"),) if cancelled else (),
            )
        )
    return found


def _earlier(before: Before) -> Sql:
    """Orders that come after a position of the timeline."""
    if before is None:
        return TRUE
    moment, tie = before
    day = moment.astimezone(dt.UTC).date()
    noon = dt.datetime.combine(day, NOON)
    if moment == noon:
        return Sql("(t.ordered_on < %s OR (t.ordered_on = %s AND t.id < %s))", (day, day, tie))
    return Sql(f"t.ordered_on {'<=' if moment > noon else '<'} %s", (day,))


SOURCES = (
    TimelineSource(name="quotes", label=gettext_lazy("Quotes"), objects=OBJECTS, entries=quotes),
    TimelineSource(name="orders", label=gettext_lazy("Orders"), objects=OBJECTS, entries=orders),
)
