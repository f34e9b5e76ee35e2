"""Field types: what they take, what they refuse with a hint, and round trips of JSON, columns and CSV."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.lib.money import Money
from rapport.lib.sql import SQLITE
from rapport.registry.env import Env
from rapport.registry.fields import Choice, FieldError, FieldSpec
from rapport.registry.types import TYPES

ENV = Env(
    dialect=SQLITE, now=dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC), zone=ZoneInfo("Europe/Berlin"), user_id=7,
    currency="EUR", country="DE",
)  # fmt: skip
CHOICES = (Choice("a", "Alpha"), Choice("b", "Beta"))


def field(key: str, **values: Any) -> FieldSpec:
    return FieldSpec(name="x", type=TYPES[key], label="X", column="x", choices=CHOICES, target="person", **values)


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("text", "  a\nb\x00 ", "a b"),
        ("longtext", "a\r\nb", "a\nb"),
        ("number", " 1 200 ", 1200),
        ("number", "", None),
        ("decimal", "1.005", Decimal("1.00")),
        ("money", "1250.5 EUR", Money(125050, "EUR")),
        ("money", "12", Money(1200, "EUR")),
        ("money", "12 JPY", Money(12, "JPY")),
        ("money", "1.234 BHD", Money(1234, "BHD")),
        ("money", {"amount": 5, "currency": "USD"}, Money(5, "USD")),
        ("money", ["", "EUR"], None),
        ("date", "20260228", dt.date(2026, 2, 28)),
        ("date", "today", dt.date(2026, 11, 22)),
        ("datetime", "2026-07-01 10:00", dt.datetime(2026, 7, 1, 8, tzinfo=dt.UTC)),
        ("datetime", "2026-07-01T10:00:00Z", dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC)),
        ("boolean", "yes", True),
        ("boolean", "", None),
        ("choice", "alpha", "a"),
        ("multichoice", "Beta; a", ("a", "b")),
        ("email", " Ann@Example.COM ", "Ann@example.com"),
        ("phone", "030 123456", "+4930123456"),
        ("phone", "+1 (212) 555-0100", "+12125550100"),
        ("url", "example.com/a", "https://example.com/a"),
        ("reference", "12", 12),
        ("references", ["3", 1, "3"], (1, 3)),
        ("address", {"street": "Road 1", "city": "Berlin", "extra": ""}, {"street": "Road 1", "city": "Berlin"}),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("domains", "https://www.Example.com/x", ({"value": "example.com", "label": "work"},)),
    ],
)  # fmt: skip
def test_clean(key: str, raw: Any, value: Any) -> None:
    assert TYPES[key].clean(field(key), raw, ENV) == value


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("text", "x" * 201), ("text", ["a"]), ("number", "1.5"), ("number", "many"), ("number", "1e400"),
        ("number", "nan"), ("number", True), ("decimal", "9" * 16), ("money", "5 XXY"), ("money", "5 EUR EUR"),
        ("money", {"amount": 1.5}), ("money", {"amount": True}), ("date", "2026-02-30"), ("date", "0999-01-01"),
        ("date", "soon"), ("datetime", "25:00"), ("datetime", "9999-12-31T23:59:59Z"), ("boolean", "perhaps"),
        ("choice", "c"), ("multichoice", ["a", "c"]), ("email", "ann@"), ("email", "ann"), ("phone", "call me"),
        ("url", "javascript:alert(1)"), ("url", "https://user@example.com"), ("reference", "0"), ("reference", 1.5),
        ("reference", 2**63), ("references", list(range(1, 600))), ("address", {"planet": "Mars"}), ("json", "{"),
        ("formula", 1), ("emails", "a@b.example; nonsense"),
    ],
)  # fmt: skip
def test_refuse_with_a_hint(key: str, raw: Any) -> None:
    with pytest.raises(FieldError) as caught:
        TYPES[key].clean(field(key), raw, ENV)
    assert len(str(caught.value)) > 10


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(key=st.sampled_from(sorted(TYPES)), raw=JUNK)
def test_any_input_is_cleaned_or_refused_and_what_is_cleaned_round_trips(key: str, raw: Any) -> None:
    type_, spec = TYPES[key], field(key)
    try:
        value = type_.clean(spec, raw, ENV)
    except FieldError:
        return
    assert type_.from_json(type_.to_json(value)) == value
    if type_.storage == "column":
        assert type_.from_columns(spec, type_.to_columns(spec, value, SQLITE)) == value
    again = type_.clean(spec, value, ENV)
    assert again == value
    assert isinstance(type_.to_text(spec, value), str)
