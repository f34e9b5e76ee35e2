"""Lines: what they take over, the sums of their document, and the editor that writes them at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests import factories as f
from tests.apps.commerce.conftest import document, only, values
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.lib.money import Money
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.read import visible

EUR = "EUR"


def euro(amount: int) -> Money:
    return Money(amount, EUR)


def rower(caller: Caller) -> tuple[int, int]:
    """A product with two prices on the default list: for one, and from ten on."""
    product = f.make(caller, "product", name="Rower", code="R1", unit="piece", tax_rate=19)
    prices = f.make(caller, "pricelist", name="Shop", currency=EUR, is_default=True)
    for least, price in ((0, "100"), (10, "90")):
        f.make(caller, "price", price_list=prices, product=product, from_quantity=least, amount=f"{price} EUR")
    return product, prices


def test_sums_follow_from_the_lines(ada: Caller) -> None:
    quote = document(
        ada, "quote", {"quantity": 3, "price": "19.99 EUR", "discount": 10}, {"price": "5.00 EUR", "tax_rate": 7},
        {"price": "1000 EUR", "optional": True},
    )  # fmt: skip
    found = values(ada, "quote", quote)
    assert (found["net"], found["tax"], found["total"]) == (euro(5897), euro(1060), euro(6957))
    optional = only(ada, "quoteline", optional=True)
    write.update(ada, "quoteline", optional, {"chosen": True})
    assert values(ada, "quote", quote)["net"] == euro(105897)
    write.delete(ada, "quoteline", [optional])
    assert values(ada, "quote", quote)["total"] == euro(6957)
    write.restore(ada, "quoteline", [optional])
    assert values(ada, "quote", quote)["net"] == euro(105897)


def test_a_line_takes_over_from_its_product_what_is_not_given(ada: Caller) -> None:
    product, _prices = rower(ada)
    quote = f.make(ada, "quote")
    few = write.create(ada, "quoteline", {"quote": quote, "product": product})
    many = write.create(
        ada, "quoteline", {"quote": quote, "product": product, "quantity": 12, "description": "A dozen"}
    )
    own = write.create(ada, "quoteline", {"quote": quote, "product": product, "price": "1 EUR"})
    seen = [values(ada, "quoteline", key) for key in (few, many, own)]
    assert [s["price"] for s in seen] == [euro(10000), euro(9000), euro(100)]
    assert [s["description"] for s in seen] == ["Rower", "A dozen", "Rower"]
    assert {(s["unit"], s["tax_rate"]) for s in seen} == {("piece", Decimal(19))}
    assert [s["position"] for s in seen] == [1, 2, 3]


def test_a_list_that_is_over_has_no_prices(ada: Caller) -> None:
    product, prices = rower(ada)
    write.update(ada, "pricelist", prices, {"valid_to": "2020-01-31"})
    line = write.create(ada, "quoteline", {"quote": f.make(ada, "quote"), "product": product})
    assert values(ada, "quoteline", line)["price"] is None


def test_currencies_are_never_mixed(ada: Caller) -> None:
    quote = document(ada, "quote", {"price": "5 EUR"})
    before = snapshot()
    with pytest.raises(Invalid, match="EUR"):
        write.create(ada, "quoteline", {"quote": quote, "description": "x", "price": "5 USD"})
    with pytest.raises(Invalid, match="currency"):
        write.update(ada, "quote", quote, {"currency": "USD"})
    assert snapshot() == before
    empty = f.make(ada, "quote", currency="JPY")
    f.make(ada, "quoteline", quote=empty, quantity=3, price="100 JPY", tax_rate=10)
    assert values(ada, "quote", empty)["total"] == Money(330, "JPY")


def test_lines_of_a_document_that_is_closed_stay(ada: Caller) -> None:
    quote = document(ada, "quote", {"price": "5 EUR"}, {"price": "7 EUR", "optional": True})
    write.update(ada, "quote", quote, {"status": "sent"})
    fixed, optional = (only(ada, "quoteline", quote=quote, optional=o) for o in (False, True))
    before = snapshot()
    for act in (
        lambda: write.create(ada, "quoteline", {"quote": quote, "description": "x"}),
        lambda: write.update(ada, "quoteline", fixed, {"quantity": 2}),
        lambda: write.delete(ada, "quoteline", [fixed]),
    ):
        with pytest.raises(Invalid):
            act()
    assert snapshot() == before
    write.update(ada, "quoteline", optional, {"chosen": True})
    assert values(ada, "quote", quote)["net"] == euro(1200)


def test_rights_of_lines_are_those_of_their_document(ada: Caller) -> None:
    quote = document(ada, "quote", {"price": "5 EUR"})
    line = only(ada, "quoteline", quote=quote)
    stranger = f.user("Eve", rights={"quote": {"read": "own", "edit": "own", "create": "all"}})
    assert visible(stranger, "quoteline").allowed([line]) == set()
    with pytest.raises(NotFound):
        write.update(stranger, "quoteline", line, {"quantity": 9})
    reader = f.user("Ben", rights={"quote": {"read": "all", "edit": "none"}})
    with pytest.raises(Forbidden):
        write.update(reader, "quoteline", line, {"quantity": 9})
    with pytest.raises(Invalid):
        write.create(reader, "quoteline", {"quote": quote, "description": "x"})


# -- the editor --------------------------------------------------------------------------------------------------------


def form(version: int, *rows: dict[str, Any]) -> dict[str, Any]:
    """What the editor sends."""
    data: dict[str, Any] = {"version": version, "row": [f"l{n}" for n in range(len(rows))]}
    for n, row in enumerate(rows):
        data |= {f"l{n}-{name}": value for name, value in row.items()}
    return data


def version_of(caller: Caller, client: Client, quote: int) -> int:
    page = client.get(reverse("lines", args=["quote", quote]))
    return int(page.content.decode().split('name="version" value="')[1].split('"')[0])


def test_the_editor_writes_adds_moves_and_removes_at_once(ada: Caller) -> None:
    client, (product, _prices) = signed_in(ada), rower(ada)
    quote = document(ada, "quote", {"price": "5 EUR", "description": "One"}, {"price": "7 EUR", "description": "Two"})
    two = only(ada, "quoteline", description="Two")
    rows = (
        {"product": product, "quantity": "2"},
        {"id": two, "description": "Two", "quantity": "1,5", "price": "7", "counts": "optional"},
        {"quantity": "1"},
    )
    url = reverse("lines", args=["quote", quote])
    answer = client.post(url, form(version_of(ada, client, quote), *rows))
    assert (answer.status_code, answer.headers["Location"]) == (303, reverse("record", args=["quotes", quote]))
    page = visible(ada, "quoteline").page(columns=("position", "quantity", "optional"), sort="position").rows
    assert [(r.title, r.values["position"], r.values["quantity"], r.values["optional"]) for r in page] == [
        ("Rower", 1, Decimal(2), False), ("Two", 2, Decimal("1.5"), True),
    ]  # fmt: skip
    assert page[1].id == two
    assert values(ada, "quote", quote)["net"] == euro(20000)


def test_a_form_that_is_out_of_date_or_wrong_changes_nothing(ada: Caller) -> None:
    client = signed_in(ada)
    quote = document(ada, "quote", {"price": "5 EUR", "description": "One"})
    one, version = only(ada, "quoteline", quote=quote), version_of(ada, client, quote)
    write.update(ada, "quoteline", one, {"quantity": 4})
    before = snapshot()
    url = reverse("lines", args=["quote", quote])
    stale = client.post(url, form(version, {"id": one, "description": "Mine", "price": "5"}))
    assert stale.status_code == 409
    assert 'value="Mine"' in stale.content.decode()
    bad = {"description": "Bad", "price": "much", "quantity": "1"}
    wrong = client.post(url, form(version + 1, {"id": one, "description": "One", "price": "5"}, bad))
    assert wrong.status_code == 422
    assert 'value="much"' in wrong.content.decode()
    assert snapshot() == before


def test_sums_and_what_a_product_brings_are_told_before_anything_is_written(ada: Caller) -> None:
    client, (product, _prices) = signed_in(ada), rower(ada)
    quote = f.make(ada, "quote")
    before = snapshot()
    data = {**form(0, {"product": product, "quantity": "10"}, {"description": "Odd", "price": "x"}), "chosen": "l0"}
    answer = client.post(reverse("lines-sums", args=["quote", quote]), data).content.decode()
    assert 'data-value-price="90.00"' in answer
    assert 'data-value-description="Rower"' in answer
    assert "€1,071.00" in answer
    assert 'data-for="l1" data-net="" data-error="' in answer
    assert snapshot() == before


def test_who_may_not_edit_sees_the_lines_and_sends_nothing(ada: Caller) -> None:
    quote = document(ada, "quote", {"price": "5 EUR", "description": "One"})
    reader = signed_in(f.user("Ben", rights={"*": {"read": "all", "edit": "none"}}))
    page = reader.get(reverse("record", args=["quotes", quote])).content.decode()
    assert "One" in page
    assert "data-grid" not in page
    stranger = signed_in(f.user("Eve", rights={"*": {"read": "none"}}))
    before = snapshot()
    for name in ("lines", "lines-sums"):
        url = reverse(name, args=["quote", quote])
        assert reader.post(url, form(1, {"description": "x"})).status_code == 403
        assert stranger.post(url, form(1, {"description": "x"})).status_code == 404
    assert snapshot() == before


def test_any_input_to_the_editor_is_answered(ada: Caller) -> None:
    client, quote = signed_in(ada), f.make(ada, "quote")
    for junk in ("\x00", "💥" * 400, "-1", "null", "9" * 40, "1e400", "nan", "inf", "' OR 1=1 --", "<script>"):
        row = dict.fromkeys(
            ("id", "product", "description", "quantity", "price", "discount", "tax_rate", "counts"), junk
        )
        for name in ("lines", "lines-sums"):
            url = reverse(name, args=["quote", quote])
            sent = {**form(0, row), "version": junk, "chosen": "l0"}
            assert client.post(url, sent).status_code < 500, junk
            assert client.post(url, {**form(0, row), "chosen": "l0"}).status_code < 500, junk
        assert client.get(reverse("lines", args=["nothing", quote])).status_code == 404


def test_statements_do_not_grow_with_the_lines(ada: Caller) -> None:
    client, quote = signed_in(ada), f.make(ada, "quote")
    product, _prices = rower(ada)

    def statements(count: int) -> tuple[int, int]:
        rows = [
            {"product": product, "quantity": str(n + 1), "description": f"L{n}", "price": "1"} for n in range(count)
        ]
        for row, key in zip(rows, visible(ada, "quoteline").ids(), strict=False):
            row["id"] = str(key)
        data = form(version_of(ada, client, quote), *rows)
        with CaptureQueriesContext(connection) as saved:
            assert client.post(reverse("lines", args=["quote", quote]), data).status_code == 303
        with CaptureQueriesContext(connection) as shown:
            assert client.get(reverse("record", args=["quotes", quote])).status_code == 200
        return len(saved), len(shown)

    statements(3)
    few, shown_few = statements(6)
    many, shown_many = statements(200)
    assert many <= few + 3
    assert shown_many <= shown_few + 1
