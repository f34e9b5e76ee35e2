"""What timelines tell of selling, page by page."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from tests import factories as f
from tests.apps.commerce.conftest import document

from rapport.apps.commerce import invoices, quotes, timeline
from rapport.features.timeline.entries import Entry, Ref
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog


def told(entries: list[Entry]) -> list[str]:
    """Titles with their parts put in."""
    shown = []
    for entry in entries:
        pieces = [getattr(piece, "text", piece) for piece in entry.title.split()]
        shown.append("".join(map(str, pieces)))
    return shown


def walked(caller: Caller, source: str, key: str, record_id: int) -> list[Entry]:
    """All entries, one a page."""
    found: list[Entry] = []
    before = None
    while page := getattr(timeline, source)(caller, catalog.current()[key], record_id, before, 1):
        found += page
        before = (page[-1].at, page[-1].tie)
    return found


def test_quotes_sent_and_answered(ada: Caller) -> None:
    deal = f.make(ada, "deal")
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False):
        quote = document(ada, "quote", {"price": "100 EUR"}, deal=deal, number="Q-1")
        quotes.send(ada, [quote])
    with time_machine.travel("2026-03-02T10:00:00Z", tick=False):
        write.update(ada, "quote", quote, {"status": "declined"})
    found = walked(ada, "quotes", "deal", deal)
    assert told(found) == ["Ada declined quote Q-1", "Quote Q-1 was sent"]
    assert {entry.meta for entry in found} == {"€119.00"}
    blind = f.user("Ben", fields={"quote": {"total": "hidden"}})
    assert {entry.meta for entry in walked(blind, "quotes", "deal", deal)} == {""}
    assert walked(f.user("Eve", rights={"quote": {"read": "own"}}), "quotes", "deal", deal) == []


@pytest.mark.parametrize("moment", ["11:59", "12:00", "12:01"])
def test_orders_by_day(ada: Caller, moment: str) -> None:
    person = f.make(ada, "person")
    for number, day in (("O-1", "2026-01-01"), ("O-2", "2026-01-02"), ("O-3", "2026-01-02"), ("O-4", "2026-01-03")):
        f.make(ada, "order", person=person, number=number, ordered_on=day, amount="5 EUR")
    found = walked(ada, "orders", "person", person)
    assert told(found) == ["Order O-4", "Order O-3", "Order O-2", "Order O-1"]
    third = next(entry.title.parts["order"] for entry in found if "O-3" in told([entry])[0])
    assert isinstance(third, Ref)
    at = dt.datetime.fromisoformat(f"2026-01-02T{moment}+00:00")
    rest = timeline.orders(ada, catalog.current()["person"], person, (at, third.id), 9)
    expected = {"11:59": ["O-1"], "12:00": ["O-2", "O-1"], "12:01": ["O-3", "O-2", "O-1"]}[moment]
    assert told(list(rest)) == [f"Order {number}" for number in expected]


def test_invoices_and_payments(ada: Caller) -> None:
    company = f.make(ada, "company")
    with time_machine.travel("2026-03-01T10:00:00Z", tick=False):
        invoice = document(ada, "invoice", {"price": "100 EUR"}, company=company)
        draft = document(ada, "invoice", {"price": "1 EUR"}, company=company)
        assert walked(ada, "invoices", "company", company) == []
        invoices.issue(ada, [invoice])
        write.create(ada, "payment", {"invoice": invoice, "amount": "19 EUR"})
    write.create(ada, "payment", {"invoice": invoice, "amount": "-9 EUR", "paid_on": "2026-03-05"})
    with time_machine.travel("2026-03-09T10:00:00Z", tick=False):
        invoices.credit(ada, [invoice])
    assert draft
    found = walked(ada, "invoices", "company", company)
    assert told(found) == ["Credit note C-2026-0001 was issued", "Invoice I-2026-0001 was issued"]
    assert [(e.meta, bool(e.badges)) for e in found] == [("-€119.00", False), ("€119.00", True)]
    paid = walked(ada, "payments", "company", company)
    assert told(paid) == ["Paid back on invoice I-2026-0001", "Payment for invoice I-2026-0001"]
    assert [(e.meta, e.at.isoformat()) for e in paid] == [
        ("-€9.00", "2026-03-05T12:00:00+00:00"), ("€19.00", "2026-03-01T10:00:00+00:00"),
    ]  # fmt: skip
    blind = f.user("Ben", fields={"payment": {"amount": "hidden"}, "invoice": {"total": "hidden"}})
    assert {e.meta for s in ("invoices", "payments") for e in walked(blind, s, "company", company)} == {""}
    stranger = f.user("Eve", rights={"invoice": {"read": "own"}})
    assert [walked(stranger, s, "company", company) for s in ("invoices", "payments")] == [[], []]


def test_what_is_done_one_after_the_other_is_told_so(ada: Caller) -> None:
    deal = f.make(ada, "deal")
    moments = {}
    for hour in ("08", "14"):
        with time_machine.travel(f"2026-03-01T{hour}:30:00Z", tick=False):
            key = f.make(ada, "order", deal=deal, number=f"O-{hour}", ordered_on="2026-03-01", amount="5 EUR")
            moments[key] = f"2026-03-01T{hour}:30:00+00:00"
    assert [e.at.isoformat() for e in walked(ada, "orders", "deal", deal)] == sorted(moments.values(), reverse=True)
