"""Sums of documents: exact examples, and what holds for any lines in any currency."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.lib import money, sums
from rapport.lib.sums import Line, Rate

D = Decimal
LINES = st.lists(
    st.builds(
        Line,
        quantity=st.decimals(min_value=-10_000, max_value=10_000, places=3),
        each=st.integers(-1_000_000, 1_000_000),
        discount=st.decimals(min_value=0, max_value=100, places=3),
        tax=st.sampled_from([D(0), D("5.5"), D(7), D("7.000"), D("8.875"), D(19), D(25)]),
        counts=st.booleans(),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (Line(D(3), 1999), 5997),
        (Line(D("0.5"), 1), 1),
        (Line(D("-0.5"), 1), -1),
        (Line(D("2.5"), 333, D(10)), 749),
        (Line(D(1), 1000, D(100)), 0),
        (Line(D("0.333"), 100), 33),
    ],
)
def test_net_of_a_line_is_rounded_half_away_from_zero(line: Line, expected: int) -> None:
    assert sums.net(line) == expected


@pytest.mark.parametrize(("currency", "price", "total"), [("EUR", "9.99", 1189), ("JPY", "999", 1189)])
def test_a_document_in_its_currency(currency: str, price: str, total: int) -> None:
    amount = money.from_major(price, currency).amount
    assert sums.sums([Line(D(1), amount, tax=D(19))]).total == total


def test_dinars_have_three_decimals() -> None:
    found = sums.sums([Line(D(3), money.from_major("1.255", "KWD").amount, D(5), D(15))])
    assert (found.net, found.tax, found.total, found.discount) == (3577, 537, 4114, 188)


def test_tax_is_reckoned_once_a_rate_and_equal_rates_are_one() -> None:
    lines = [Line(D(1), 33, tax=D(19)), Line(D(1), 33, tax=D("19.00")), Line(D(2), 50, tax=D(7))]
    found = sums.sums(lines)
    assert found.rates == (Rate(D(7), 100, 7), Rate(D(19), 66, 13))
    assert (found.net, found.tax, found.total) == (166, 20, 186)


def test_lines_that_do_not_count_are_left_out() -> None:
    assert sums.sums([Line(D(1), 100), Line(D(1), 900, counts=False)]).total == 100


def test_too_large_sums_are_refused() -> None:
    with pytest.raises(OverflowError):
        sums.net(Line(D(10**10), 10**10))
    with pytest.raises(OverflowError):
        sums.sums([Line(D(1), 9 * 10**14), Line(D(1), 9 * 10**14)])


@given(LINES)
def test_sums_add_up(lines: list[Line]) -> None:
    found = sums.sums(lines)
    assert found.net == sum(sums.net(line) for line in lines if line.counts)
    assert found.net == sum(rate.net for rate in found.rates)
    assert found.tax == sum(rate.tax for rate in found.rates)
    assert found.total == found.net + found.tax
    assert [r.rate for r in found.rates] == sorted({r.rate for r in found.rates})


@given(LINES)
def test_each_amount_is_within_half_a_minor_unit_of_the_exact_one(lines: list[Line]) -> None:
    for line in lines:
        exact = Fraction(line.quantity) * line.each * (100 - Fraction(line.discount)) / 100
        assert abs(Fraction(sums.net(line)) - exact) <= Fraction(1, 2)
    for rate in sums.sums(lines).rates:
        assert abs(Fraction(rate.tax) - rate.net * Fraction(rate.rate) / 100) <= Fraction(1, 2)


@given(LINES)
def test_a_credit_note_is_the_invoice_with_the_sign_turned(lines: list[Line]) -> None:
    found = sums.sums(lines)
    turned = sums.sums([line._replace(quantity=-line.quantity) for line in lines])
    assert (turned.net, turned.tax, turned.total) == (-found.net, -found.tax, -found.total)
