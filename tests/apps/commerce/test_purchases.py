"""Purchases of a customer, and the converter of CDNOW_master.txt."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.urls import reverse
from examples import cdnow
from tests import factories as f
from tests.apps.commerce.conftest import values
from tests.contract.conftest import signed_in

from rapport.apps.commerce import purchases
from rapport.features.transfer import importing
from rapport.lib.money import Money
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible

# In the form of the original, with customers of our own.
LINES = """ customer_id  date number_of_cds  dollar_value
 90001 19970101  1   11.77
 90002 19970112  1   12.00
 90001 19970131  5   77.00
 90001 19970302  2    9.05
"""


def bought(caller: Caller, key: str, record_id: int) -> list[tuple[str, int, int, float | None]]:
    return [(p.currency, p.count, p.total, p.days_between) for p in purchases.of(caller, key, record_id)]


def test_each_currency_by_itself_and_nothing_that_was_cancelled(ada: Caller) -> None:
    person = f.make(ada, "person")
    for day, amount, status in (
        ("2026-01-01", "10 EUR", "new"), ("2026-01-11", "20 EUR", "fulfilled"), ("2026-02-10", "5.50 EUR", "confirmed"),
        ("2026-03-01", "900 JPY", "new"), ("2026-03-01", "99 EUR", "cancelled"),
    ):  # fmt: skip
        f.make(ada, "order", person=person, ordered_on=day, amount=amount, status=status)
    assert bought(ada, "person", person) == [("EUR", 3, 3550, 20.0), ("JPY", 1, 900, None)]
    page = signed_in(ada).get(reverse("record", args=["people", person])).content.decode()
    for text in ("Purchases", "€35.50", "¥900", "every 20 days"):
        assert text in page, text


def test_what_may_not_be_seen_is_not_counted(ada: Caller) -> None:
    company = f.make(ada, "company")
    f.make(ada, "order", company=company, amount="10 EUR")
    stranger = f.user("Eve", rights={"order": {"read": "own", "create": "all"}})
    f.make(stranger, "order", company=company, amount="3 EUR")
    assert bought(stranger, "company", company) == [("EUR", 1, 300, None)]
    blind = f.user("Ben", fields={"order": {"total": "hidden"}})
    url = reverse("record", args=["companies", company])
    assert "Purchases" not in signed_in(blind).get(url).content.decode()
    assert "Purchases" in signed_in(ada).get(url).content.decode()


def test_the_file_of_a_shop_becomes_people_with_orders(ada: Caller, tmp_path: Path) -> None:
    source = tmp_path / "master.txt"
    source.write_text(LINES, encoding="utf-8")
    assert cdnow.convert(source, tmp_path / "out") == (2, 4)
    for key, name, count in (("person", "people", 2), ("order", "orders", 4)):
        report = importing.import_file(ada, key, tmp_path / "out" / f"{name}.csv")
        assert (report.created, report.rejected) == (count, 0)
    person = visible(ada, "person").ids({"field": "last_name", "op": "is", "value": "90001"})[0]
    assert bought(ada, "person", person) == [("USD", 3, 9782, 30.0)]
    last = (
        visible(ada, "order").page(filter={"field": "person", "op": "is", "value": person}, sort="-ordered_on").rows[0]
    )
    found = values(ada, "order", last.id)
    assert (found["ordered_on"], found["total"], found["note"]) == (dt.date(1997, 3, 2), Money(905, "USD"), "2 CDs")


def test_a_line_of_another_form_is_told() -> None:
    with pytest.raises(ValueError, match="line 2"):
        list(cdnow.purchases(["90001 19970101 1 11.77", "90001 19970101 1"]))
