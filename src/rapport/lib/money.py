"""Money as integer minor units and an ISO 4217 currency."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from babel import Locale
from babel.numbers import get_currency_precision

LIMIT = 10**15


class Money(NamedTuple):
    """`amount` in minor units (cents, yen…) of `currency`."""

    amount: int
    currency: str

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))


@lru_cache(maxsize=1)
def currencies() -> tuple[str, ...]:
    """All ISO 4217 codes that Babel's CLDR data names in English, sorted."""
    return tuple(sorted(code for code in map(str, Locale("en").currencies) if len(code) == 3))


@lru_cache(maxsize=512)
def exponent(currency: str) -> int:
    """Digits after the point: 2 for EUR, 0 for JPY, 3 for BHD (CLDR)."""
    return get_currency_precision(currency)


def from_major(value: str | int | float | Decimal, currency: str) -> Money:
    """Money from major units, rounded half to even to the currency's minor unit.

    Raises ValueError for an unknown currency, for what is no number, and beyond 10^15 minor units.
    """
    if currency not in currencies():
        raise ValueError(f"unknown currency: {currency}")
    try:
        minor = Decimal(str(value)).scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_EVEN)
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if not minor.is_finite() or abs(minor) > LIMIT:
        raise ValueError("the amount is too large")
    return Money(int(minor), currency)
