"""Sums of lines with discounts and taxes: integer minor units in, integer minor units out, exact in every currency.

The net of a line is quantity × amount for one × (1 − discount), rounded once, half away from zero, to the minor unit of
the currency. Tax is reckoned on the sum of all lines of one rate and rounded once in the same way. So the net of a
document is the sum of its lines, its tax the sum over its rates, and a credit note is its invoice with the sign turned.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

LIMIT = 10**15
"""Minor units beyond which nothing is added up."""
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
_ONE, _HUNDRED = Decimal(1), Decimal(100)


class Line(NamedTuple):
    """`each` in minor units for one; `discount` and `tax` in per cent; only lines that `counts` are summed."""

    quantity: Decimal
    each: int
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    counts: bool = True


class Rate(NamedTuple):
    """What is taxed at one rate (per cent): its net and its tax, minor units."""

    rate: Decimal
    net: int
    tax: int


class Sums(NamedTuple):
    """A document: `net` after `discount` (how much the discounts take off), `tax`, `total`; `rates` ascending."""

    net: int
    discount: int
    tax: int
    total: int
    rates: tuple[Rate, ...]


def net(line: Line) -> int:
    """The net of a line, minor units. Raises OverflowError beyond `LIMIT`."""
    share = _EXACT.subtract(_HUNDRED, line.discount)
    full = _EXACT.multiply(line.quantity, Decimal(line.each))
    return _rounded(_EXACT.divide(_EXACT.multiply(full, share), _HUNDRED))


def sums(lines: Iterable[Line]) -> Sums:
    """The sums of a document. Raises OverflowError beyond `LIMIT`."""
    by_rate: dict[Decimal, int] = {}
    whole = 0
    for line in lines:
        if line.counts:
            rate = line.tax.normalize()
            by_rate[rate] = by_rate.get(rate, 0) + net(line)
            whole += net(line._replace(discount=Decimal(0)))
    rates = tuple(Rate(rate, part, tax(part, rate)) for rate, part in sorted(by_rate.items()))
    nets, taxes = sum(r.net for r in rates), sum(r.tax for r in rates)
    for amount in (nets, taxes, nets + taxes, whole):
        _within(amount)
    return Sums(nets, whole - nets, taxes, nets + taxes, rates)


def tax(amount: int, rate: Decimal) -> int:
    """The tax on a net, minor units."""
    return _rounded(_EXACT.divide(_EXACT.multiply(Decimal(amount), rate), _HUNDRED))


def _rounded(value: Decimal) -> int:
    return _within(int(value.quantize(_ONE, ROUND_HALF_UP, _EXACT)))


def _within(amount: int) -> int:
    if abs(amount) > LIMIT:
        raise OverflowError("the amount is too large")
    return amount
