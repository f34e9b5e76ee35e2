"""From the quote to the paid invoice: numbers, acts, what can't be changed any more, orders that come again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from tests import factories as f
from tests.apps.commerce.conftest import document, only, values
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.apps.commerce import invoices, orders, quotes
from rapport.lib.money import Money
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.history.models import Change
from rapport.records.history.reverting import revert
from rapport.records.read import visible

DAY = "2026-03-02T10:00:00Z"


def numbers(caller: Caller, key: str) -> list[str]:
    """All numbers of an object, in the order made."""
    return [row.title for row in visible(caller, key).page(sort="id", size=100).rows]


@time_machine.travel(DAY, tick=False)
def test_from_deal_to_paid_invoice(ada: Caller) -> None:
    company, person = f.make(ada, "company"), f.make(ada, "person")
    deal = f.make(ada, "deal", company=company, person=person, amount="100 EUR")
    f.make(ada, "dealline", deal=deal, description="Rower", quantity=2, price="50 EUR", tax_rate=19)
    quote = quotes.from_deal(ada, deal)
    write.create(ada, "quoteline", {"quote": quote, "description": "Delivery", "price": "9 EUR", "optional": True})
    quotes.send(ada, [quote])
    sent = values(ada, "quote", quote)
    assert (sent["number"], sent["company"], sent["deal"], sent["status"]) == ("Q-2026-0001", company, deal, "sent")
    assert sent["valid_until"] == dt.date(2026, 4, 1)
    assert len(quotes.token_of(quote) or "") > 40

    quotes.order(ada, [quote])
    order = only(ada, "order", quote=quote)
    found = values(ada, "order", order)
    assert (found["number"], found["total"], found["person"]) == ("O-2026-0001", Money(11900, "EUR"), person)
    orders.invoice(ada, [order])
    invoice = only(ada, "invoice", order=order)
    assert values(ada, "invoice", invoice)["number"] == "DRAFT-2026-0001"
    invoices.issue(ada, [invoice])
    issued = values(ada, "invoice", invoice)
    assert (issued["number"], issued["status"], issued["due_on"]) == ("I-2026-0001", "open", dt.date(2026, 3, 16))

    part = write.create(ada, "payment", {"invoice": invoice, "amount": "19 EUR"})
    assert values(ada, "invoice", invoice)["status"] == "partly"
    invoices.settle_open(ada, [invoice])
    paid = values(ada, "invoice", invoice)
    assert (paid["status"], paid["paid"]) == ("paid", Money(11900, "EUR"))
    write.delete(ada, "payment", [part])
    assert values(ada, "invoice", invoice)["status"] == "partly"
    write.restore(ada, "payment", [part])
    assert values(ada, "invoice", invoice)["status"] == "paid"


@time_machine.travel(DAY, tick=False)
def test_invoice_numbers_have_no_gap_whatever_is_refused_or_deleted(ada: Caller) -> None:
    made = [document(ada, "invoice", {"price": f"{n} EUR"}) for n in (1, 2, 3)]
    write.delete(ada, "invoice", [made[0]])
    invoices.issue(ada, [made[1]])
    with pytest.raises(Invalid):
        write.update(ada, "invoice", f.make(ada, "invoice"), {"status": "open", "currency": "nothing"})
    created = write.create_many(
        ada, "invoice", [{"status": "open"}, {"status": "open", "company": 10**9}, {"status": "open"}]
    )
    assert list(created.errors) == [1]
    invoices.issue(ada, [made[2]])
    issued = sorted(n for n in numbers(ada, "invoice") if n.startswith("I-"))
    assert issued == [f"I-2026-000{n}" for n in range(1, 5)]


@time_machine.travel(DAY, tick=False)
def test_a_number_that_came_by_import_is_not_given_again(ada: Caller) -> None:
    f.make(ada, "quote", number="Q-2026-0001")
    f.make(ada, "quote", number="Q-2026-0003")
    f.make(ada, "quote")
    f.make(ada, "quote")
    assert numbers(ada, "quote") == ["Q-2026-0001", "Q-2026-0003", "Q-2026-0002", "Q-2026-0004"]
    with pytest.raises(Invalid, match="already"):
        f.make(ada, "quote", number="q-2026-0002")


def test_an_issued_invoice_stays_as_it_was_printed(ada: Caller) -> None:
    invoice = document(ada, "invoice", {"price": "10 EUR"})
    line = only(ada, "invoiceline", invoice=invoice)
    invoices.issue(ada, [invoice])
    change = Change.objects.filter(object_key="invoice", record_id=invoice, action="update").latest("id")
    before = snapshot()
    refused: list[Any] = [
        lambda: write.update(ada, "invoice", invoice, {"number": "X"}),
        lambda: write.update(ada, "invoice", invoice, {"issued_on": "2020-01-01"}),
        lambda: write.update(ada, "invoice", invoice, {"status": "draft"}),
        lambda: write.update(ada, "invoice", invoice, {"status": "paid"}),
        lambda: write.update(ada, "invoice", invoice, {"status": "cancelled"}),
        lambda: write.update(ada, "invoiceline", line, {"price": "1 EUR"}),
        lambda: write.delete(ada, "invoice", [invoice]),
        lambda: revert(ada, "invoice", invoice, change.pk),
        lambda: write.create(ada, "payment", {"invoice": invoice, "amount": "5 USD"}),
    ]
    for act in refused:
        with pytest.raises(Invalid):
            act()
    assert snapshot() == before


@time_machine.travel(DAY, tick=False)
def test_a_credit_note_cancels_an_invoice_once(ada: Caller) -> None:
    invoice = document(ada, "invoice", {"quantity": 3, "price": "19.99 EUR", "discount": 5})
    with pytest.raises(Invalid):
        invoices.credit(ada, [invoice])
    invoices.issue(ada, [invoice])
    invoices.credit(ada, [invoice])
    note = only(ada, "invoice", kind="credit")
    was, turned = values(ada, "invoice", invoice), values(ada, "invoice", note)
    assert (was["status"], turned["status"], turned["number"]) == ("cancelled", "open", "C-2026-0001")
    assert turned["credits"] == invoice
    assert turned["total"].amount == -was["total"].amount
    before = snapshot()
    with pytest.raises(Invalid):
        invoices.credit(ada, [invoice])
    assert snapshot() == before


def test_a_new_version_is_a_draft_with_the_same_lines(ada: Caller) -> None:
    quote = document(ada, "quote", {"price": "10 EUR", "description": "One"}, {"price": "5 EUR", "optional": True})
    quotes.send(ada, [quote])
    quotes.renew(ada, [quote])
    second = only(ada, "quote", replaces=quote)
    was, made = values(ada, "quote", quote), values(ada, "quote", second)
    assert (made["number"], made["revision"], made["status"]) == (f"{was['number']}-V2", 2, "draft")
    assert made["total"] == was["total"]
    quotes.send(ada, [second])
    quotes.renew(ada, [second])
    assert values(ada, "quote", only(ada, "quote", replaces=second))["number"] == f"{was['number']}-V3"
    with pytest.raises(Invalid):
        quotes.send(ada, [f.make(ada, "quote")])


def test_quotes_run_out(ada: Caller) -> None:
    late, still, draft = (
        document(ada, "quote", {"price": "1 EUR"}, valid_until=day)
        for day in ("2020-01-01", "2999-01-01", "2020-01-01")
    )
    quotes.send(ada, [late, still])
    assert quotes.expire(None) == 1
    assert [values(ada, "quote", key)["status"] for key in (late, still, draft)] == ["expired", "sent", "draft"]
    assert quotes.expire(None) == 0


def test_an_order_comes_again_on_its_days_and_once_each(ada: Caller) -> None:
    with time_machine.travel("2026-01-31T12:00:00Z", tick=False):
        order = document(ada, "order", {"price": "10 EUR"}, every="month")
    with time_machine.travel("2026-04-01T12:00:00Z", tick=False):
        assert orders.repeat(None) == 2
        assert orders.repeat(None) == 0
    made = visible(ada, "order").page(
        columns=("ordered_on", "total", "every"),
        filter={"field": "source", "op": "is", "value": order},
        sort="ordered_on",
    )
    assert [r.values["ordered_on"] for r in made.rows] == [dt.date(2026, 2, 28), dt.date(2026, 3, 31)]
    assert {(r.values["total"], r.values["every"]) for r in made.rows} == {(Money(1190, "EUR"), "")}
    assert values(ada, "order", order)["next_on"] == dt.date(2026, 4, 30)
    write.update(ada, "order", order, {"status": "cancelled"})
    with time_machine.travel("2027-01-01T12:00:00Z", tick=False):
        assert orders.repeat(None) == 0


def test_an_order_without_lines_has_its_amount(ada: Caller) -> None:
    order = f.make(ada, "order", amount="12.34 USD")
    assert (values(ada, "order", order)["total"], values(ada, "order", order)["currency"]) == (
        Money(1234, "USD"),
        "USD",
    )
    write.update(ada, "order", order, {"amount": "20 USD"})
    assert values(ada, "order", order)["net"] == Money(2000, "USD")
    line = f.make(ada, "orderline", order=order, price="5 USD", quantity=1)
    assert values(ada, "order", order)["total"] == Money(500, "USD")
    with pytest.raises(Invalid, match="lines"):
        write.update(ada, "order", order, {"amount": "1 USD"})
    write.delete(ada, "orderline", [line])
    assert values(ada, "order", order)["total"] == Money(2000, "USD")
    orders.invoice(ada, [order])
    assert values(ada, "invoice", only(ada, "invoice", order=order))["total"] == Money(2000, "USD")


def test_a_deal_takes_the_sum_of_its_products_as_amount(ada: Caller) -> None:
    client, deal = signed_in(ada), f.make(ada, "deal", amount="1 EUR")
    f.make(ada, "dealline", deal=deal, quantity=3, price="9.99 EUR", discount=0, tax_rate=19)
    path = reverse("deal-amount", args=[deal])
    assert client.post(path).status_code == 303
    assert values(ada, "deal", deal)["amount"] == Money(2997, "EUR")
    for _n in range(2):
        f.make(ada, "dealline", deal=deal, quantity=1, price="9000000000000 EUR", discount=0)
    reader = signed_in(f.user("Ben", rights={"deal": {"read": "all", "edit": "none"}}))
    before = snapshot()
    assert client.post(path).status_code == 422
    assert client.get(reverse("record", args=["deals", deal])).status_code == 200
    assert reader.post(path).status_code == 403
    assert snapshot() == before


def test_a_quote_of_a_deal_is_shown_at_once(ada: Caller) -> None:
    deal = f.make(ada, "deal", amount="1 EUR")
    f.make(ada, "dealline", deal=deal, quantity=3, price="9.99 EUR", tax_rate=19)
    answer = signed_in(ada).post(reverse("deal-quote", args=[deal]))
    quote = only(ada, "quote", deal=deal)
    assert (answer.status_code, answer.headers["Location"]) == (303, reverse("record", args=["quotes", quote]))
    stranger = signed_in(f.user("Eve", rights={"*": {"read": "none"}}))
    before = snapshot()
    assert stranger.post(reverse("deal-quote", args=[deal])).status_code == 404
    assert snapshot() == before
