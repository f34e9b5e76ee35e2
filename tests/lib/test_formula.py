"""Formulas: what is read, what is refused, and what SQLite computes."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.lib.formula import FormulaError, parse, to_sql
from rapport.lib.sql import SQLITE

KINDS = {"a": "number", "b": "number", "name": "text", "won": "boolean", "day": "date"}
ROW = {"a": 6, "b": 4, "name": "Fjord", "won": 1, "day": "2026-11-11"}


def value(text: str) -> object:
    sql = to_sql(parse(text, KINDS), lambda name: f"r.{name}", SQLITE, "2026-11-21")
    columns = ", ".join(f"{v!r} AS {k}" for k, v in ROW.items())
    statement = f"SELECT {sql.text} FROM (SELECT {columns}) r".replace("%s", "?")
    return sqlite3.connect(":memory:").execute(statement, sql.params).fetchone()[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a * b + 1", 25), ("a / b", 1.5), ("a / (b - 4)", None), ("-a", -6), ("a > b and won", 1), ("not won", 0),
        ("if_else(a > b, 'big', 'small')", "big"), ("concat(name, ' ', a)", "Fjord 6"), ("upper(name)", "FJORD"),
        ("days_between(day, today())", 10), ("round(a / 9, 2)", 0.67), ("coalesce(a, 0)", 6), ("length(name)", 5),
        ("name == 'Fjord'", 1), ("abs(b - a)", 2),
    ],
)  # fmt: skip
def test_value(text: str, wanted: object) -> None:
    assert value(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "", "a +", "a + name", "unknown", "__import__('os')", "a.b", "a[0]", "lambda: a", "[a]", "a if won else b",
        "round(a)", "today(1)", "if_else(a, 1, 2)", "a ** b", "a < b < 3", "1e400", "f'{a}'", "a := 1", "x" * 1001,
        "(" * 300 + "a" + ")" * 300, "'%s' == name and drop()",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text, KINDS)


@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(FormulaError):
        parse(text, KINDS)
