"""Invoices, credit notes and payments: numbers without gaps, what is owed, and what can't be changed any more."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.commerce import documents, lines, numbering
from rapport.apps.commerce.filling import fill, filling
from rapport.apps.commerce.models import InvoiceKind, InvoiceStatus
from rapport.lib.money import Money
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.records.write import Batch, Entry
from rapport.registry.objects import Action, Made

SERIES = {InvoiceKind.INVOICE: "I", InvoiceKind.CREDIT: "C"}
PAYABLE = dt.timedelta(days=14)
FIXED = ("number", "company", "person", "currency", "order", "issued_on", "note")
"""What stays as it was issued."""


def prepare(batch: Batch) -> None:
    """Days and status; an issued invoice keeps what was printed, and its status follows from what was paid."""
    documents.start(batch)
    fill(batch)
    credited = _credited([e.id for e in batch.entries if e.before])
    for entry in batch.entries:
        if not entry.before:
            entry.values["paid"] = Money(0, entry.get("currency"))
        elif entry.before["status"] != InvoiceStatus.DRAFT:
            for name in FIXED:
                if entry.changes(name):
                    entry.refuse(name, _("This invoice is issued. Cancel it by a credit note and make a new one."))
        if entry.before and entry.changes("status"):
            _check_status(entry, entry.id in credited)
        if entry.get("status") != InvoiceStatus.DRAFT and entry.get("issued_on") is None:
            entry.values["issued_on"] = batch.moment(entry).astimezone(batch.env.zone).date()
        if entry.get("due_on") is None and entry.get("issued_on") is not None:
            entry.values["due_on"] = entry.get("issued_on") + PAYABLE


def _check_status(entry: Entry, credited: bool) -> None:
    was, now = entry.before["status"], entry.get("status")
    true = state(entry.get("total"), entry.get("paid"), credited)
    if was == InvoiceStatus.DRAFT and now == InvoiceStatus.OPEN:
        entry.values["status"] = true
    elif now == InvoiceStatus.DRAFT:
        entry.refuse("status", _("This invoice is issued. Cancel it by a credit note and make a new one."))
    elif was == InvoiceStatus.DRAFT:
        entry.refuse("status", _("Issue the invoice first."))
    elif now != true:
        entry.refuse("status", _("The status follows from payments and credit notes: record one."))


def state(total: Money | None, paid: Money | None, credited: bool) -> InvoiceStatus:
    """The status of an issued invoice."""
    owed, got = (total.amount if total else 0), (paid.amount if paid else 0)
    if credited:
        return InvoiceStatus.CANCELLED
    if got == owed or (owed > 0 and got > owed) or (owed < 0 and got < owed):
        return InvoiceStatus.PAID
    return InvoiceStatus.PARTLY if got else InvoiceStatus.OPEN


def _credited(ids: list[int]) -> set[int]:
    """Those of the invoices for which there is a credit note."""
    if not ids:
        return set()
    text = f"SELECT credits_id FROM commerce_invoice WHERE credits_id IN ({db.marks(ids)}) AND deleted_at IS NULL"
    return {row[0] for row in db.rows(Sql(text, tuple(ids)))}


def settle(batch: Batch) -> None:
    """The next number of the series when an invoice is issued; a provisional one for a draft."""
    drafts = [e for e in batch.entries if e.get("status") == InvoiceStatus.DRAFT and not e.get("number")]
    numbering.give(batch, numbering.DRAFT, drafts)
    for kind, series in SERIES.items():
        issued = [e for e in batch.entries if e.get("kind") == kind and _unnumbered(e)]
        numbering.give(batch, series, issued, "issued_on")


def _unnumbered(entry: Entry) -> bool:
    number = str(entry.get("number") or "")
    return entry.get("status") != InvoiceStatus.DRAFT and (not number or number.startswith(f"{numbering.DRAFT}-"))


def effects(batch: Batch) -> None:
    """Nobody but the system, when it removes the demo, moves issued invoices to the trash. Raises Invalid."""
    by_someone = batch.action == "delete" and batch.caller.user_id is not None
    if by_someone and any(e.before["status"] != InvoiceStatus.DRAFT for e in batch.entries):
        raise Invalid({"": [_("An issued invoice can't be deleted. Cancel it by a credit note.")]})


def issue(caller: Caller, ids: list[int]) -> str:
    """Give invoices their numbers and ask for the money. Raises Invalid, Forbidden."""
    if set(ids) - documents.having_lines("invoice", ids):
        raise Invalid({"": [_("Add a line first.")]})
    errors = write.update_many(caller, "invoice", ids, {"status": InvoiceStatus.OPEN.value})
    if errors:
        raise Invalid(next(iter(errors.values())))
    return ngettext("%(count)d invoice issued.", "%(count)d invoices issued.", len(ids)) % {"count": len(ids)}


@transaction.atomic
def credit(caller: Caller, ids: list[int]) -> Made:
    """A credit note for each invoice, which is cancelled by it. Raises Invalid, Forbidden."""
    numbers = []
    for key in ids:
        view = visible(caller, "invoice").get(key)
        if view.values["status"] == InvoiceStatus.DRAFT or _credited([key]):
            raise Invalid({"": [_("Only an issued invoice can be cancelled, and only once.")]})
        with filling("invoice", kind=InvoiceKind.CREDIT.value, credits=key):
            made = write.create(caller, "invoice", {**documents.whom(view.values), "order": view.values.get("order")})
        documents.copy_lines(caller, "invoice", key, "invoice", made, sign=-1)
        write.update(caller, "invoice", made, {"status": InvoiceStatus.OPEN.value})
        write.update(caller, "invoice", key, {"status": InvoiceStatus.CANCELLED.value})
        numbers.append(visible(caller, "invoice").get(made).title)
    return Made(_("Credit note made: %(numbers)s.") % {"numbers": ", ".join(numbers)}, "invoice", made)


@transaction.atomic
def settle_open(caller: Caller, ids: list[int]) -> str:
    """Record that all that is open was paid today. Raises Invalid, Forbidden."""
    created = write.create_many(caller, "payment", [{"invoice": key} for key in ids])
    if created.errors:
        raise Invalid(next(iter(created.errors.values())))
    return ngettext("%(count)d payment recorded.", "%(count)d payments recorded.", len(ids)) % {"count": len(ids)}


# -- payments ----------------------------------------------------------------------------------------------------------


def prepare_payment(batch: Batch) -> None:
    """Today and what is still open, where nothing was given; the currency is that of the invoice."""
    ids = sorted({e.get("invoice") for e in batch.entries} - {None})
    found = _standing(ids)
    for entry in batch.entries:
        if entry.get("paid_on") is None:
            entry.values["paid_on"] = batch.moment(entry).astimezone(batch.env.zone).date()
        if (standing := found.get(entry.get("invoice"))) is None:
            continue
        amount = entry.get("amount")
        if not entry.get("reference"):
            entry.values["reference"] = standing.number
        if amount is None:
            entry.values["amount"] = Money(standing.total - standing.paid, standing.currency)
        elif amount.currency != standing.currency:
            entry.refuse("amount", _("This document is in %(currency)s.") % {"currency": standing.currency})


class Standing(NamedTuple):
    """What is known of an invoice when it is paid: amounts in minor units."""

    currency: str
    status: str
    total: int
    paid: int
    number: str


def _standing(ids: list[int]) -> dict[int, Standing]:
    """Invoices by key."""
    found: dict[int, Standing] = {}
    for part in db.chunks(ids):
        text = f"SELECT id, currency, status, total, paid, number FROM commerce_invoice WHERE id IN ({db.marks(part)})"
        for key, currency, status, total, paid, number in db.rows(Sql(text, tuple(part))):
            found[key] = Standing(currency, status, total or 0, paid or 0, number)
    return found


def payment_effects(batch: Batch) -> None:
    """What was paid of the invoices, and the status that follows."""
    ids = lines.targets(batch, "invoice")
    got: dict[int, int] = dict.fromkeys(ids, 0)
    for part in db.chunks(ids):
        text = (
            f"SELECT invoice_id, SUM(amount) FROM commerce_payment WHERE invoice_id IN ({db.marks(part)}) "
            "AND deleted_at IS NULL GROUP BY invoice_id"
        )
        got.update({key: int(total or 0) for key, total in db.rows(Sql(text, tuple(part)))})
    standing = _standing(ids)
    write.derive("invoice", "paid", {key: Money(got[key], now.currency) for key, now in standing.items()})
    credited = _credited(ids)
    changes: list[tuple[int, dict[str, Any]]] = []
    for key, now in standing.items():
        true = state(Money(now.total, now.currency), Money(got[key], now.currency), key in credited)
        if now.status not in {InvoiceStatus.DRAFT, true}:
            changes.append((key, {"status": true.value}))
    write.update_each(documents.after(batch.caller), "invoice", changes)


ISSUE = Action(
    key="issue", label=gettext_lazy("Issue"), icon="check", run=issue,
    offered={"field": "status", "op": "is", "value": "draft"},
)  # fmt: skip
PAY = Action(
    key="pay", label=gettext_lazy("Mark as paid"), icon="credit-card", run=settle_open,
    offered={"field": "status", "op": "in", "value": ["open", "partly"]},
)  # fmt: skip
CREDIT = Action(
    key="credit", label=gettext_lazy("Cancel by credit note"), icon="receipt", run=credit,
    offered={
        "all": [
            {"field": "status", "op": "in", "value": ["open", "partly", "paid"]},
            {"field": "kind", "op": "is", "value": "invoice"},
        ]
    },
)  # fmt: skip
