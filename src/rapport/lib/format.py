"""Values as people read them, by locale and zone: dates, times, numbers, money, names.

Pure functions: the caller names the locale (a Babel identifier such as `en_GB`) and the zone.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel import dates as babel_dates
from babel import numbers as babel_numbers
from babel.units import format_unit

DATE_PATTERNS = {
    "short": "short",
    "medium": "medium",
    "long": "long",
    "full": "full",
}


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The Babel locale of a language tag such as `en`, `en-gb` or `de_DE`; English when unknown."""
    try:
        return Locale.parse(language.replace("-", "_"), sep="_")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def local(value: datetime, zone: tzinfo) -> datetime:
    """An aware moment in the reader's zone; a naive one is returned as it is."""
    return value if value.tzinfo is None else value.astimezone(zone)


def format_date(value: date | datetime, locale: str, zone: tzinfo, style: str = "medium") -> str:
    """`style` is short, medium, long, full or a CLDR skeleton such as `yMMM` or `MMMEd`."""
    return _format_day(local(value, zone).date() if isinstance(value, datetime) else value, locale, style)


@lru_cache(maxsize=8192)
def _format_day(day: date, locale: str, style: str) -> str:
    if style in DATE_PATTERNS:
        return babel_dates.format_date(day, format=style, locale=locale_of(locale))
    return babel_dates.format_skeleton(style, day, locale=locale_of(locale))


def format_time(value: datetime, locale: str, zone: tzinfo) -> str:
    moment = local(value, zone)
    return _format_clock(moment.hour, moment.minute, locale)


@lru_cache(maxsize=4096)
def _format_clock(hour: int, minute: int, locale: str) -> str:
    return babel_dates.format_time(time(hour, minute), format="short", locale=locale_of(locale))


def format_datetime(value: datetime, locale: str, zone: tzinfo, style: str = "medium") -> str:
    moment = local(value, zone)
    return _format_moment(moment.date(), moment.hour, moment.minute, locale, style)


@lru_cache(maxsize=8192)
def _format_moment(day: date, hour: int, minute: int, locale: str, style: str) -> str:
    pattern = locale_of(locale).datetime_formats[style if style in DATE_PATTERNS else "medium"]
    return str(pattern.format(_format_clock(hour, minute, locale), _format_day(day, locale, style))).replace("'", "")


def format_day(value: date, today: date, locale: str) -> str:
    """A day as a heading: day and month, with the year when it is not this one."""
    return _format_day(value, locale, "MMMMd" if value.year == today.year else "long")


def format_duration(seconds: float, locale: str) -> str:
    """A length in its two largest units: `2 hr, 5 min`, `14 min`, `40 sec`."""
    left = max(0, round(seconds))
    parts: list[str] = []
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, size)
        if count and len(parts) < 2:
            parts.append(format_unit(count, f"duration-{unit}", "short", locale=locale_of(locale)))
    if not parts:
        return format_unit(0, "duration-second", "short", locale=locale_of(locale))
    return " ".join(parts)


def format_age(value: datetime, now: datetime, locale: str) -> str:
    """How long ago or ahead a moment is: `3 days ago`, `in 2 hours`; `1 second ago` for what is now."""
    seconds = round((value - now).total_seconds())
    grain = 1 if abs(seconds) < 3600 else 60 if abs(seconds) < 86400 else 3600
    return _format_delta(round(seconds / grain) * grain, locale)


@lru_cache(maxsize=8192)
def _format_delta(seconds: int, locale: str) -> str:
    delta = timedelta(seconds=seconds) if seconds else -timedelta.resolution
    return babel_dates.format_timedelta(delta, add_direction=True, locale=locale_of(locale))


@lru_cache(maxsize=8192)
def format_number(value: int | float | Decimal, locale: str, digits: int | None = None) -> str:
    """Grouped by locale; `digits` fixes the number of decimals, otherwise what is there is kept."""
    exact = Decimal(str(value)) if isinstance(value, float) else value
    if digits is not None:
        exact = Decimal(exact).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return babel_numbers.format_decimal(exact, format=pattern, locale=locale_of(locale))
    return babel_numbers.format_decimal(exact, locale=locale_of(locale), decimal_quantization=False)


_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_GROUPS = {sign: re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:\{sign}\d{{3}})+") for sign in ".,"}
_GAPS = re.compile(r"[\s'’]")


@lru_cache(maxsize=64)
def _decimal_sign(locale: str) -> str:
    return str(locale_of(locale).number_symbols["latn"]["decimal"])


def write_number(value: Decimal | str, locale: str) -> str:
    """A number as it stands in an input: with the decimal sign of the locale, without groups; other text as it is."""
    text = value if isinstance(value, str) else f"{value:f}"
    return text.replace(".", _decimal_sign(locale)) if _PLAIN.fullmatch(text) else text


def read_number(text: str, locale: str) -> str:
    """What was typed as a number, with a point and without groups; what looks like none is returned as it is.

    A sign that occurs once means what it means in the locale, and a decimal sign wherever no group of three follows:
    `1.250` is a thousand in German and one in English, `12,5` is twelve and a half in both.
    """
    plain = _GAPS.sub("", text)
    found = [sign for sign in plain if sign in ".,"]
    if not found:
        return plain if _PLAIN.fullmatch(plain) else text
    last = found[-1]
    other = "," if last == "." else "."
    if found.count(last) > 1 or (other not in found and last != _decimal_sign(locale)):
        groups = last if _GROUPS[last].fullmatch(plain) else ""
    else:
        groups = other if _GROUPS[other].fullmatch(plain.partition(last)[0]) else ""
    read = plain.replace(groups, "").replace(",", ".")
    return read if _PLAIN.fullmatch(read) else text


def format_percent(value: int | float | Decimal, locale: str) -> str:
    """A fraction as percent: 0.6 is `60%`."""
    exact = Decimal(str(value))
    return babel_numbers.format_percent(exact, locale=locale_of(locale), decimal_quantization=False)


def currency_digits(currency: str) -> int:
    """How many decimals a currency has (ISO 4217, from CLDR): 2 for EUR, 0 for JPY, 3 for KWD."""
    return babel_numbers.get_currency_precision(currency)


def major(minor: int, currency: str) -> Decimal:
    """Minor units as an amount: 1250 EUR is 12.50."""
    return Decimal(minor).scaleb(-currency_digits(currency))


def minor(amount: Decimal, currency: str) -> int:
    """An amount as minor units; raises ValueError when it has more decimals than the currency."""
    scaled = amount.scaleb(currency_digits(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{currency} has {currency_digits(currency)} decimals")
    return int(scaled)


@lru_cache(maxsize=2048)
def format_short_money(amount: int, currency: str, locale: str) -> str:
    """Integer minor units, in thousands or millions where the language has a short word for them: `€1.3M`."""
    value = major(amount, currency)
    short = babel_numbers.format_compact_currency(value, currency, locale=locale_of(locale), fraction_digits=1)
    whole = format_money(minor(Decimal(round(value)), currency), currency, locale)
    return short if sum(c.isdigit() for c in short) <= 4 else whole


@lru_cache(maxsize=8192)
def format_money(amount: int, currency: str, locale: str, *, whole: bool = True) -> str:
    """Integer minor units; with `whole`, decimals are left out where the amount has none."""
    value = major(amount, currency)
    digits = 0 if whole and value == value.to_integral_value() else currency_digits(currency)
    shaped = _money_pattern(currency, locale, digits)
    return babel_numbers.format_currency(
        value, currency, format=shaped, locale=locale_of(locale), currency_digits=False
    )


@lru_cache(maxsize=1024)
def _money_pattern(currency: str, locale: str, digits: int) -> Any:
    """How amounts of a currency are written with so many decimals, as Babel has it after parsing."""
    spoken = locale_of(locale)
    symbol = babel_numbers.get_currency_symbol(currency, locale=spoken)
    pattern = spoken.currency_formats["standard"].pattern
    if symbol[-1].isalpha():  # CLDR's alphaNextToNumber, which Babel does not carry
        pattern = re.sub(r"¤(?=[#0])", "¤\u00a0", pattern)
    decimals = "0" + ("." + "0" * digits if digits else "")
    return babel_numbers.parse_pattern(re.sub(r"0(?:\.0+)?(?=[^0#.,]|$)", decimals, pattern))


def format_filesize(size: int, locale: str) -> str:
    """Decimal units, as operating systems show them: `1.4 MB`."""
    if size < 1000:
        return format_unit(size, "digital-byte", "short", locale=locale_of(locale))
    value, units = float(size), ["kilobyte", "megabyte", "gigabyte", "terabyte"]
    for unit in units:
        value /= 1000
        if value < 999.5 or unit == units[-1]:
            break
    number = format_number(value, locale, 0 if value >= 10 else 1)
    return format_unit(number, f"digital-{unit}", "short", locale=locale_of(locale))


@lru_cache(maxsize=4096)
def format_phone(text: str) -> str:
    """A number such as +493012345678 in groups, as it is written abroad; any other text as it is."""
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return text
    found: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return found if text.startswith("+") and not number.extension else text


def initials(name: str) -> str:
    """At most two letters that stand for a name: first and last word."""
    words = [w for w in re.split(r"[\s,]+", name.strip()) if w and w[0].isalnum()]
    if not words:
        return "?"
    picked = words[:1] if len(words) == 1 else [words[0], words[-1]]
    return "".join(w[0] for w in picked).upper()


TONES = ("blue", "green", "orange", "red", "purple", "teal", "pink", "yellow")


def tone_of(text: str) -> str:
    """A colour that stays the same for the same text."""
    total = 0
    for char in text:
        total = (total * 31 + ord(char)) % 65521
    return TONES[total % len(TONES)]
