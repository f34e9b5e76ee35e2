"""Values as people read them (`rapport.lib.format`)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.lib import format as formats

BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 11, 21, 19, 5, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "Nov 21, 2026, 8:05 PM"),
        ("en-gb", "21 Nov 2026, 20:05"),
        ("de", "21.11.2026, 20:05"),
        ("xx-yy", "Nov 21, 2026, 8:05 PM"),
    ],
)
def test_moments(language: str, shown: str) -> None:
    assert plain(formats.format_datetime(MOMENT, language, BERLIN)) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        (1_234_500, "EUR", "en", "€12,345"),
        (1_234_550, "EUR", "en", "€12,345.50"),
        (1_234_550, "EUR", "de", "12.345,50 €"),
        (-1234, "JPY", "en", "-¥1,234"),
        (5, "KWD", "en", "KWD 0.005"),
        (0, "USD", "en", "$0"),
        (12_345_678_900, "INR", "en-in", "₹12,34,56,789"),
    ],
)
def test_money(amount: int, currency: str, language: str, shown: str) -> None:
    assert plain(formats.format_money(amount, currency, language)) == shown


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_minor_and_major_are_inverse(amount: int, currency: str) -> None:
    assert formats.minor(formats.major(amount, currency), currency) == amount


def test_an_amount_finer_than_its_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="EUR has 2 decimals"):
        formats.minor(Decimal("1.005"), "EUR")


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 sec"), (40, "40 sec"), (840, "14 min"), (7500, "2 hr 5 min"), (90_061, "1 day 1 hr")]
)
def test_durations(seconds: int, shown: str) -> None:
    assert plain(formats.format_duration(seconds, "en")) == shown


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 byte"), (999, "999 byte"), (1_440_000, "1.4 MB"), (999_600, "1.0 MB"), (48_213, "48 kB")]
)
def test_file_sizes(size: int, shown: str) -> None:
    assert plain(formats.format_filesize(size, "en")) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Noor Okafor", "NO"), ("Ana María de la Cruz", "AC"), ("cher", "C"), ("", "?"), ("  (x) 山田 太郎", "山太")],
)
def test_initials(name: str, shown: str) -> None:
    assert formats.initials(name) == shown


@given(st.text())
def test_any_text_has_initials_and_a_tone(text: str) -> None:
    assert len(formats.initials(text)) >= 1
    assert formats.tone_of(text) in formats.TONES
    assert formats.tone_of(text) == formats.tone_of(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4))
def test_numbers_keep_their_digits(value: Decimal) -> None:
    shown = formats.format_number(value, "en")
    assert Decimal(shown.replace(",", "")) == value


@pytest.mark.parametrize(
    ("typed", "german", "english"),
    [
        ("1.250", "1250", "1.250"), ("1,250", "1.250", "1250"), ("12,5", "12.5", "12.5"), ("12.50", "12.50", "12.50"),
        ("1.250,50", "1250.50", "1250.50"), ("1,250.50", "1250.50", "1250.50"), ("-1 250,5", "-1250.5", "-1250.5"),
        ("1.250.000", "1250000", "1250000"), ("0.125", "0.125", "0.125"), ("1'250", "1250", "1250"),
        ("1,2,3", "1,2,3", "1,2,3"), ("12.50,000", "12.50,000", "12.50,000"), ("", "", ""),
        ("ten, about", "ten, about", "ten, about"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_typed(typed: str, german: str, english: str) -> None:
    assert (formats.read_number(typed, "de"), formats.read_number(typed, "en")) == (german, english)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=3),
    st.sampled_from(("en", "de", "fr", "de_CH")),
)
def test_a_number_in_an_input_is_read_as_it_was_written(value: Decimal, locale: str) -> None:
    assert Decimal(formats.read_number(formats.write_number(value, locale), locale)) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+442079460868", "+44 20 7946 0868"), ("+493012345678", "+49 30 12345678"),
        ("+16175556694", "+1 617-555-6694"), ("0171 5550142", "0171 5550142"),
        ("ask at the desk", "ask at the desk"), ("", ""), ("+493012345678 ext. 9", "+493012345678 ext. 9"),
    ],
)  # fmt: skip
def test_phone_numbers_are_grouped(text: str, shown: str) -> None:
    assert formats.format_phone(text) == shown
