"""Orders: their day, those that come again, and the invoice from them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.commerce import documents, numbering
from rapport.apps.commerce.filling import fill, filling
from rapport.apps.commerce.models import Every, OrderStatus
from rapport.lib.money import Money
from rapport.records import write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.records.write import Batch, Entry
from rapport.registry.extensions import Job
from rapport.registry.objects import Action, Made

SERIES = "O"
MOST = 60
"""Orders that one run makes up for, at most, of one that comes again."""
STEPS = {
    Every.WEEK: relativedelta(weeks=1), Every.MONTH: relativedelta(months=1), Every.QUARTER: relativedelta(months=3),
    Every.YEAR: relativedelta(years=1),
}  # fmt: skip


def prepare(batch: Batch) -> None:
    """The day, the sums of an order without lines, and when it comes again."""
    for entry in batch.entries:
        if entry.get("ordered_on") is None and not entry.before:
            entry.values["ordered_on"] = batch.moment(entry).astimezone(batch.env.zone).date()
    documents.start(batch)
    _amounts(batch)
    for entry in batch.entries:
        if entry.changes("every") and not entry.changes("next_on"):
            entry.values["next_on"] = following(entry, entry.get("ordered_on")) if entry.get("every") else None
    fill(batch)


def _amounts(batch: Batch) -> None:
    changed = [e for e in batch.entries if e.changes("amount")]
    with_lines = documents.having_lines("order", [e.id for e in changed if e.before])
    for entry in changed:
        amount, currency = entry.get("amount"), entry.get("currency")
        if amount is not None and amount.currency != currency:
            entry.refuse("amount", _("This document is in %(currency)s.") % {"currency": currency})
        elif entry.id in with_lines:
            entry.refuse("amount", _("This order has lines: its total follows from them."))
        else:
            whole = amount or Money(0, currency)
            entry.values |= {"net": whole, "tax": Money(0, currency), "total": whole}


def following(entry: Entry, after: dt.date | None) -> dt.date | None:
    """The next day after a given one, counted from the day of the order, so that the 31st comes back."""
    first, step = entry.get("ordered_on"), STEPS.get(entry.get("every"))
    return next_day(first, step, after) if first and step and after else None


def next_day(first: dt.date, step: relativedelta, after: dt.date) -> dt.date:
    """The first of `first + n × step` that lies after a day; the last day of a month that is too short."""
    count = 1
    while (day := first + step * count) <= after:
        count += 1
    return day


def settle(batch: Batch) -> None:
    """A number where none was given, by the year of the order."""
    numbering.give(batch, SERIES, [e for e in batch.entries if not e.get("number")], "ordered_on")


@transaction.atomic
def invoice(caller: Caller, ids: list[int]) -> Made:
    """A draft of an invoice from each order. Raises Invalid, Forbidden."""
    numbers = []
    for key in ids:
        values = visible(caller, "order").get(key).values
        made = write.create(caller, "invoice", {**documents.whom(values), "order": key})
        if not documents.copy_lines(caller, "order", key, "invoice", made, counting=True):
            whole = {"invoice": made, "description": values["number"], "quantity": 1, "price": values["total"]}
            write.create(caller, "invoiceline", whole)
        numbers.append(visible(caller, "invoice").get(made).title)
    return Made(_("Invoice made: %(numbers)s.") % {"numbers": ", ".join(numbers)}, "invoice", made)


def repeat(context: Any) -> int:
    """Orders that are due again, each in a transaction of its own; how many were made."""
    system = callers.system()
    due = {
        "all": [
            {"field": "every", "op": "not_empty"},
            {"field": "next_on", "op": "not_empty"},
            {"not": {"field": "next_on", "op": "after", "value": "today"}},
            {"field": "status", "op": "is_not", "value": OrderStatus.CANCELLED.value},
        ]
    }
    return sum(_repeated(system, key) for key in visible(system, "order").ids(due))


def _repeated(system: Caller, key: int) -> int:
    """Make up for all days of one order up to today."""
    made = 0
    today = system.env().today
    for _n in range(MOST):
        with transaction.atomic():
            view = visible(system, "order").get(key)
            day, step = view.values["next_on"], STEPS.get(view.values["every"])
            if day is None or step is None or day > today:
                break
            moved = {"next_on": next_day(view.values["ordered_on"] or day, step, day)}
            write.update(system, "order", key, moved, version=view.version)
            _again(system, key, view.values, day)
        made += 1
    return made


def _again(system: Caller, key: int, values: dict[str, Any], day: dt.date) -> None:
    taken = {**documents.whom(values), "price_list": values.get("price_list"), "note": values.get("note") or ""}
    with filling("order", source=key):
        made = write.create(system, "order", {**taken, "ordered_on": day, "amount": values.get("amount")})
    documents.copy_lines(system, "order", key, "order", made, counting=True)


def confirm(caller: Caller, ids: list[int]) -> str:
    """Confirm orders. Raises Invalid, Forbidden."""
    errors = write.update_many(caller, "order", ids, {"status": OrderStatus.CONFIRMED.value})
    if errors:
        raise Invalid(next(iter(errors.values())))
    return str(_("Confirmed."))


CONFIRM = Action(
    key="confirm", label=gettext_lazy("Confirm"), icon="check", run=confirm,
    offered={"field": "status", "op": "is", "value": "new"},
)  # fmt: skip
INVOICE = Action(
    key="invoice", label=gettext_lazy("Make invoice"), icon="file-invoice", run=invoice, needs="read",
    offered={"field": "status", "op": "is_not", "value": "cancelled"},
)  # fmt: skip
REPEAT = Job(
    name="repeat-orders", run=repeat, label=gettext_lazy("Make orders that come again"), every=dt.timedelta(days=1)
)
