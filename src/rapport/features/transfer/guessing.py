"""What a column holds, by its content: for columns whose names say nothing, and for the types of new fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from babel import Locale

from rapport.features.transfer import conversions
from rapport.features.transfer.targets import Target
from rapport.registry.fields import FieldSpec

ENOUGH, LONG = 0.8, 200
"""The share of the values that must be of a kind; characters from which on a text is long."""
MOST_OPTIONS, USES = 12, 4
"""A column of few values, each used several times, is a choice."""
TYPES = {
    "email": ("emails", "email"), "phone": ("phones", "phone"), "url": ("url",), "date": ("date",),
    "money": ("money",), "country": ("addresses", "address"),
}  # fmt: skip
"""Types of fields that a kind of content may go to by itself."""
_EMAIL = re.compile(r"[^@\s;,<>]+@[^@\s;,<>]+\.[^@\s;,<>]{2,}")
_URL = re.compile(r"(https?://|www\.)\S+\.\S+", re.IGNORECASE)
_PHONE = re.compile(r"(\+|00?|\()[\d ()/.\-]{6,24}")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([ T].*)?")
_MOMENT = re.compile(r"\S+[ T]\d?\d:\d\d")
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d{0,14})")
_DECIMAL = re.compile(r"[+-]?(0|[1-9][\d,']*|[1-9]\d{0,2}(\.\d{3})+)([.,]\d+)?")
_MONEY = re.compile(r"([€$£¥]|[A-Z]{3}) ?-?\d[\d.,' ]*|-?\d[\d.,' ]* ?([€$£¥]|[A-Z]{3})")
_BOOLEAN = frozenset({"yes", "no", "true", "false", "ja", "nein"})


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    names = (name.casefold() for code in ("en", "de", "fr") for name in Locale(code).territories.values())
    return frozenset({*names, "usa", "uk"})


def kind(samples: Iterable[str], country: str = "") -> str:
    """The kind of most of the values: email, phone, url, date, datetime, money, country, boolean, number, decimal,
    choice, longtext or text; empty for no values.
    """
    filled = [text for text in samples if text]
    if not filled:
        return ""
    found = next((name for name, is_one in _KINDS if _share(filled, is_one) >= ENOUGH), "")
    if found:
        return found
    if conversions.date_format(filled, country):
        return "datetime" if _share(filled, lambda t: bool(_MOMENT.match(t))) >= ENOUGH else "date"
    if len({text.casefold() for text in filled}) <= min(MOST_OPTIONS, len(filled) // USES):
        return "choice"
    return "longtext" if any(len(text) > LONG or "\n" in text for text in filled) else "text"


def _share(filled: Sequence[str], is_one: Callable[[str], bool]) -> float:
    return sum(map(is_one, filled)) / len(filled)


_KINDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", lambda t: all(_EMAIL.fullmatch(part.strip()) for part in t.split(";"))),
    ("url", lambda t: bool(_URL.fullmatch(t))),
    ("datetime", lambda t: bool(_ISO.fullmatch(t)) and bool(_MOMENT.match(t))),
    ("date", lambda t: bool(_ISO.fullmatch(t))),
    ("phone", lambda t: bool(_PHONE.fullmatch(t))),
    ("money", lambda t: bool(_MONEY.fullmatch(t))),
    ("boolean", lambda t: t.casefold() in _BOOLEAN),
    ("number", lambda t: bool(_NUMBER.fullmatch(t))),
    ("decimal", lambda t: bool(_DECIMAL.fullmatch(t))),
    ("country", lambda t: t.casefold() in _countries()),
)


def target(found: str, free: Iterable[FieldSpec]) -> Target | None:
    """Where content of a kind goes by itself: to the only field of its type that is free; None where that is unsure."""
    fields = [field for field in free if field.type.key in TYPES.get(found, ())]
    if len(fields) != 1:
        return None
    return Target(fields[0], part="country" if found == "country" else "")
