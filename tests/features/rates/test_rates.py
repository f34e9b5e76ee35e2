"""Exchange rates: kept by hand and from a file, used for sums that never add mixed currencies raw."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.features.demo.context import DemoContext
from rapport.features.rates import converting, demo, keeping
from rapport.features.rates.converting import Total, converted
from rapport.lib.money import Money, exponent
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
MARCH, JUNE = dt.date(2026, 3, 1), dt.date(2026, 6, 1)


@pytest.fixture
def ada() -> Caller:
    return f.admin()


@pytest.fixture
def stage(ada: Caller) -> int:
    return f.make(ada, "stage", name="Open")


def deal(ada: Caller, stage: int, amount: str, **values: object) -> int:
    return write.create(ada, "deal", {"name": amount, "amount": amount, "stage": stage, "probability": 50, **values})


def total(caller: Caller, dated: str = "close_on") -> Total:
    obj = catalog.current()["deal"]
    part = converting.period(caller, obj.fields["amount"], obj.fields[dated])
    groups = visible(caller, obj).groups(total="amount", weight="probability", part=part)
    return converting.totals(caller, groups)[None]


def test_each_amount_takes_the_rate_of_its_day(ada: Caller, stage: int) -> None:
    keeping.keep(ada, "USD", MARCH, "0.80")
    keeping.keep(ada, "USD", JUNE, "0,90")
    deal(ada, stage, "100.00 USD", close_on="2026-03-31")
    deal(ada, stage, "100.00 USD", close_on="2026-07-01")
    deal(ada, stage, "100.00 USD", close_on="2025-01-01")  # before the first rate: that one
    deal(ada, stage, "10.00 EUR")
    assert total(ada) == Total("EUR", 8000 + 9000 + 8000 + 1000, (8000 + 9000 + 8000 + 1000) // 2)


def test_what_has_no_rate_is_told_beside_the_sum(ada: Caller, stage: int) -> None:
    deal(ada, stage, "500 JPY")
    deal(ada, stage, "10.00 EUR")
    assert total(ada) == Total("EUR", 1000, 500, {"JPY": 500})
    keeping.keep(ada, "USD", JUNE, "0.9")
    assert total(ada).left == {"JPY": 500}
    keeping.keep(ada, "JPY", JUNE, "0.006")
    assert total(ada) == Total("EUR", 1300, 650)
    assert keeping.forget(ada, "JPY") == 1
    assert total(ada).left == {"JPY": 500}


def test_the_day_of_a_moment_counts_as_well(ada: Caller, stage: int) -> None:
    keeping.keep(ada, "USD", MARCH, "0.5")
    write.update(ada, "deal", deal(ada, stage, "100.00 USD"), {"stage": f.make(ada, "stage", name="W", outcome="won")})
    assert total(ada, "closed_at").amount == 5000


def test_a_board_and_a_list_say_sums_in_the_own_currency(ada: Caller, stage: int) -> None:
    keeping.keep(ada, "USD", MARCH, "0.50")
    deal(ada, stage, "100.00 USD")
    deal(ada, stage, "1.00 EUR")
    client = signed_in(ada)
    assert "€51" in client.get("/deals/?layout=board").content.decode()
    assert client.get("/deals/total/").content.decode() == "2 deals · €51 · weighted €25.50"


def test_what_rates_make_of_thousands_is_told_without_cents(ada: Caller, stage: int) -> None:
    deal(ada, stage, "1234.56 EUR")
    client = signed_in(ada)
    assert client.get("/deals/total/").content.decode() == "1 deal · €1,234.56 · weighted €617.28"
    keeping.keep(ada, "USD", MARCH, "0.50")
    deal(ada, stage, "1000.10 USD")
    assert client.get("/deals/total/").content.decode() == "2 deals · €1,735 · weighted €867.30"


def test_the_file_of_the_central_bank_is_read(ada: Caller) -> None:
    lines = ["Date,USD,JPY,ISK,\n", "2026-06-01,1.25,160,N/A,\n", "2026-05-29,1.20,,150,\n"]
    assert keeping.read_file(ada, lines) == 4
    newest = {r.currency: (r.day.isoformat(), r.rate) for r in keeping.newest(ada)}
    assert newest["USD"] == ("2026-06-01", Decimal("0.8"))
    assert newest["ISK"][0] == "2026-05-29"
    assert keeping.read_file(ada, ["Date, USD\n", "21 November 2026, 1.1000\n"]) == 1


@pytest.mark.parametrize(
    "lines", [[], ["Hello\n"], ["Date,USD\n", "soon,1.1\n"], ["Date,USD\n", "2026-06-01,-3\n"], ["Date,XXQ\n"]]
)
def test_a_file_that_is_none_is_refused_whole(ada: Caller, lines: list[str]) -> None:
    with pytest.raises(Invalid):
        keeping.read_file(ada, lines)
    assert keeping.newest(ada) == []


def test_only_administrators_keep_rates(ada: Caller) -> None:
    member = f.user()
    for act in (
        lambda: keeping.keep(member, "USD", JUNE, "1"),
        lambda: keeping.forget(member, "USD"),
        lambda: keeping.read_file(member, []),
    ):
        with pytest.raises(Forbidden):
            act()
    for currency, rate in (("EUR", "1"), ("XXQ", "1"), ("USD", "0"), ("USD", "NaN"), ("USD", "one")):
        with pytest.raises(Invalid):
            keeping.keep(ada, currency, JUNE, rate)


def test_the_page_keeps_reads_and_removes(ada: Caller) -> None:
    client = signed_in(ada)
    client.post("/settings/currencies/", {"act": "keep", "currency": "USD", "day": "2026-06-01", "rate": "0.9"})
    assert [r.currency for r in keeping.newest(ada)] == ["USD"]
    assert "0.9" in client.get("/settings/currencies/").content.decode()
    client.post("/settings/currencies/", {"act": "remove", "currency": "USD"})
    assert keeping.newest(ada) == []


@given(st.integers(-(10**12), 10**12), st.decimals("0.0001", "10000", places=6))
def test_a_conversion_is_off_by_at_most_half_a_minor_unit(amount: int, rate: Decimal) -> None:
    for currency, own in (("EUR", "JPY"), ("JPY", "KWD"), ("KWD", "USD")):
        money = Money(amount, currency)
        exact = (money.major * rate).scaleb(exponent(own))
        assert abs(converted(money, rate, own).amount - exact) <= Decimal("0.5")


def test_the_demo_takes_its_rates_along_and_no_others(ada: Caller) -> None:
    demo.load(DemoContext(members=(), zone=ZoneInfo(ada.zone)))
    assert {r.currency for r in keeping.newest(ada)} >= {"USD", "SEK"}
    keeping.keep(ada, "USD", dt.date(2020, 1, 1), "0.9")
    demo.remove()
    assert [(r.currency, r.day.year) for r in keeping.newest(ada)] == [("USD", 2020)]
