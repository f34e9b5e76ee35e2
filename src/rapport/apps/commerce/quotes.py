"""Quotes: what their status implies, and the acts on them."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.commerce import documents, numbering
from rapport.apps.commerce.filling import fill, filling
from rapport.apps.commerce.models import QuoteStatus
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.records.write import Batch
from rapport.registry.extensions import Job
from rapport.registry.objects import Action, Made

SERIES = "Q"
VALID = dt.timedelta(days=30)
ANSWERS = (QuoteStatus.ACCEPTED, QuoteStatus.DECLINED)


def prepare(batch: Batch) -> None:
    """When it was sent and answered, and by whom; an end where none was given."""
    documents.start(batch)
    for entry in batch.entries:
        if not entry.before and entry.get("valid_until") is None:
            entry.values["valid_until"] = batch.env.today + VALID
        if not entry.changes("status"):
            continue
        status, at = entry.get("status"), batch.moment(entry)
        if status == QuoteStatus.SENT:
            entry.values["sent_at"] = at
        if status in ANSWERS:
            entry.values |= {"answered_at": at, "answered_by": batch.caller.name}
        elif status in {QuoteStatus.DRAFT, QuoteStatus.SENT}:
            entry.values |= {"answered_at": None, "answered_by": "", "evidence": None}
    fill(batch)


def settle(batch: Batch) -> None:
    """A number where none was given."""
    numbering.give(batch, SERIES, [e for e in batch.entries if not e.get("number")])


def effects(batch: Batch) -> None:
    """The secret address of a quote that was sent; the same one when it is sent again."""
    sent = [e.id for e in batch.entries if e.changes("status") and e.get("status") == QuoteStatus.SENT]
    at = batch.env.dialect.moment(batch.at)
    rows = [(secrets.token_urlsafe(32), key, at) for key in sent if token_of(key) is None]
    db.insert_many("commerce_quotelink", ("token", "quote_id", "made_at"), rows)


def token_of(quote: int) -> str | None:
    """The token of a quote's secret address; None before it was sent for the first time."""
    found = db.row(Sql("SELECT token FROM commerce_quotelink WHERE quote_id = %s", (quote,)))
    return str(found[0]) if found else None


def send(caller: Caller, ids: list[int]) -> str:
    """Mark quotes as sent, which makes the address under which they can be accepted. Raises Invalid, Forbidden."""
    _refuse_without_lines(ids)
    errors = write.update_many(caller, "quote", ids, {"status": QuoteStatus.SENT.value})
    if errors:
        raise Invalid(next(iter(errors.values())))
    text = ngettext("%(count)d quote is marked as sent.", "%(count)d quotes are marked as sent.", len(ids))
    return text % {"count": len(ids)}


def _refuse_without_lines(ids: list[int]) -> None:
    if set(ids) - documents.having_lines("quote", ids):
        raise Invalid({"": [_("Add a line first.")]})


@transaction.atomic
def renew(caller: Caller, ids: list[int]) -> Made:
    """A new version of each quote, as a draft with the same lines. Raises Invalid, Forbidden."""
    made = [_renewed(caller, key) for key in ids]
    text = _("New version: %(numbers)s.") % {"numbers": ", ".join(number for _key, number in made)}
    return Made(text, "quote", made[-1][0])


def _renewed(caller: Caller, key: int) -> tuple[int, str]:
    values = visible(caller, "quote").get(key).values
    taken = {**documents.whom(values), "price_list": values.get("price_list"), "note": values.get("note") or ""}
    base, revision = _next_revision(str(values["number"]), int(values["revision"] or 1))
    with filling("quote", revision=revision, replaces=key):
        made = write.create(caller, "quote", {**taken, "number": f"{base}-V{revision}"})
    documents.copy_lines(caller, "quote", key, "quote", made)
    return made, f"{base}-V{revision}"


def _next_revision(number: str, revision: int) -> tuple[str, int]:
    """The number without its version, and the first version from the next one on that is free."""
    base = number.removesuffix(f"-V{revision}")
    revision += 1
    while db.row(Sql("SELECT 1 FROM commerce_quote WHERE number = %s", (f"{base}-V{revision}",))):
        revision += 1
    return base, revision


@transaction.atomic
def from_deal(caller: Caller, deal: int) -> int:
    """A draft for a deal with its products; the key. Raises NotFound, Forbidden, Invalid."""
    view = visible(caller, "deal").get(deal)
    amount = view.values.get("amount")
    currency = amount.currency if amount else ""
    whom = {n: view.values.get(n) for n in ("company", "person", "owner", "team") if view.values.get(n) is not None}
    made = write.create(caller, "quote", {**whom, "deal": deal, "currency": currency})
    documents.copy_lines(caller, "deal", deal, "quote", made)
    return made


@transaction.atomic
def order(caller: Caller, ids: list[int]) -> Made:
    """An order from each quote, with the lines that count. Raises Invalid, Forbidden."""
    numbers = []
    for key in ids:
        values = visible(caller, "quote").get(key).values
        taken = {**documents.whom(values), "quote": key, "price_list": values.get("price_list")}
        made = write.create(caller, "order", {**taken, "note": values.get("note") or ""})
        documents.copy_lines(caller, "quote", key, "order", made, counting=True)
        numbers.append(visible(caller, "order").get(made).title)
    return Made(_("Order made: %(numbers)s.") % {"numbers": ", ".join(numbers)}, "order", made)


def expire(context: Any) -> int:
    """Quotes that were sent and whose end has passed; how many."""
    system = callers.system()
    late = {
        "all": [
            {"field": "status", "op": "is", "value": QuoteStatus.SENT.value},
            {"field": "valid_until", "op": "before", "value": "today"},
        ]
    }
    ids = visible(system, "quote").ids(late)
    errors = write.update_many(system, "quote", ids, {"status": QuoteStatus.EXPIRED.value})
    return len(ids) - len(errors)


_DRAFT = {"field": "status", "op": "is", "value": "draft"}
_ORDERABLE = {"field": "status", "op": "in", "value": ["accepted", "sent"]}
_DONE = {"field": "status", "op": "is_not", "value": "draft"}
SEND = Action(key="send", label=gettext_lazy("Mark as sent"), icon="send", run=send, offered=_DRAFT)
ORDER = Action(
    key="order", label=gettext_lazy("Make order"), icon="shopping-cart", run=order, needs="read", offered=_ORDERABLE
)
RENEW = Action(key="renew", label=gettext_lazy("New version"), icon="copy", run=renew, needs="read", offered=_DONE)
EXPIRE = Job(
    name="expire-quotes", run=expire, label=gettext_lazy("Mark quotes that have run out"), every=dt.timedelta(days=1)
)
