"""Texts as other systems write them, turned into what the field types read: dates, decimal commas, capitals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence

from rapport.registry.fields import FieldSpec

Convert = Callable[[str], str]

ISO = ""
DAY_FIRST = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y")
MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y")
MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "MH", "FM", "PW"})
TRANSFORMS: dict[str, Convert] = {"title": str.title, "upper": str.upper, "lower": str.lower}
NUMBERS = frozenset({"number", "decimal", "money"})
DATES = frozenset({"date", "datetime"})
COMMA, POINT = ",", "."


def dates(fmt: str) -> Convert:
    """A converter from a format of `strptime` to ISO; a text that does not fit is left for the type to refuse."""

    def convert(text: str) -> str:
        day, _space, clock = text.partition(" ")
        try:
            return f"{dt.datetime.strptime(day, fmt).date().isoformat()}{' ' if clock else ''}{clock}"  # noqa: DTZ007
        except ValueError:
            return text

    return convert


def numbers(mark: str) -> Convert:
    """A converter of numbers whose decimal mark is a comma or a point, the other one grouping digits."""
    group = COMMA if mark == POINT else POINT

    def convert(text: str) -> str:
        return text.replace(group, "").replace("'", "").replace(mark, POINT)

    return convert


def date_format(samples: Iterable[str], country: str) -> str:
    """The format that fits all samples; ISO (no conversion) where ISO fits or nothing does."""
    days = [text.partition(" ")[0] for text in samples]
    orders = (MONTH_FIRST, DAY_FIRST) if country in MONTH_FIRST_COUNTRIES else (DAY_FIRST, MONTH_FIRST)
    for fmt in (fmt for order in orders for fmt in order):
        if days and all(_fits(day, fmt) for day in days):
            return fmt
    return ISO


def _fits(day: str, fmt: str) -> bool:
    try:
        dt.datetime.strptime(day, fmt)  # noqa: DTZ007
    except ValueError:
        return False
    return True


def decimal_mark(samples: Sequence[str]) -> str:
    """The decimal mark of a column of numbers; empty where the texts can be read as they are."""
    if any("," in text for text in samples):
        last = [(text.rfind(","), text.rfind(".")) for text in samples]
        if any(comma > point for comma, point in last if point >= 0):
            return COMMA
        if any(point > comma >= 0 for comma, point in last):
            return POINT
        # Only commas: three digits after each of them mean thousands.
        tails = [part for text in samples for part in text.split(" ")[0].split(",")[1:]]
        return POINT if all(len(tail) == 3 for tail in tails) else COMMA
    return POINT if any(text.count(".") > 1 for text in samples) else ISO


def recognised(field: FieldSpec, samples: Sequence[str], country: str) -> str:
    """The format of a column for its field: of dates for `strptime`, of numbers the decimal mark; empty for none."""
    filled = [text for text in samples if text]
    if not filled:
        return ""
    if field.type.key in DATES:
        return date_format(filled, country)
    return decimal_mark(filled) if field.type.key in NUMBERS else ""


def converter(field: FieldSpec, fmt: str) -> Convert | None:
    """What turns texts of a format into what the field reads; None where nothing is to be done."""
    if not fmt:
        return None
    if field.type.key in DATES:
        return dates(fmt)
    return numbers(fmt) if field.type.key in NUMBERS and fmt in {COMMA, POINT} else None
