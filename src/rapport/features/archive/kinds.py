"""What a column holds, how each database gives it and takes it, and how it stands in JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

import msgspec
from django.db import models

from rapport.lib.sql import dialect_of

Convert = Callable[[Any], Any]
PRECISE = Context(prec=15)
"""What a float of SQLite says of a decimal, as Django reads it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of column. `json` is what is read from a line; `+c` is SQLite's way to a value as it is stored.

    `select` is an expression of the column `{c}` by database; `encode` makes of what it gives what JSON can hold, and
    `store` makes of what was read what the database takes. Values that are empty go through neither.
    """

    name: str
    json: Any
    select: dict[str, str] = field(default_factory=dict)
    encode: dict[str, Convert] = field(default_factory=dict)
    store: dict[str, Convert] = field(default_factory=dict)


def _text(value: Any) -> str:
    return bytes(value).decode()


def fixed(places: int) -> Convert:
    """SQLite's number as a decimal with so many places."""
    unit = Decimal(1).scaleb(-places)

    def convert(value: Any) -> Decimal:
        exact = Decimal(value) if isinstance(value, str) else PRECISE.create_decimal_from_float(value)
        return exact.quantize(unit)

    return convert


INTEGER, FLOAT = Kind("integer", int), Kind("float", float)
BOOLEAN, TEXT = Kind("boolean", bool), Kind("text", str)
DECIMAL = Kind("decimal", Decimal, store={"sqlite": str})
DATE = Kind("date", dt.date, select={"sqlite": "+{c}"}, store={"sqlite": dt.date.isoformat})
TIME = Kind("time", dt.time, select={"sqlite": "+{c}"}, store={"sqlite": dt.time.isoformat})
DATETIME = Kind(
    "datetime",
    dt.datetime,
    select={"sqlite": "replace({c}, ' ', 'T') || 'Z'"},
    store={"sqlite": dialect_of("sqlite").moment},
)
JSON = Kind(
    "json", msgspec.Raw, select={"sqlite": "CAST({c} AS BLOB)", "postgresql": "{c}::text"},
    encode={"sqlite": msgspec.Raw, "postgresql": msgspec.Raw}, store={"sqlite": _text, "postgresql": _text},
)  # fmt: skip
BINARY = Kind("binary", bytes)

_KINDS: tuple[tuple[type[models.Field[Any, Any]], Kind], ...] = (
    (models.BooleanField, BOOLEAN),
    (models.IntegerField, INTEGER),
    (models.FloatField, FLOAT),
    (models.DecimalField, DECIMAL),
    (models.DateTimeField, DATETIME),
    (models.DateField, DATE),
    (models.TimeField, TIME),
    (models.JSONField, JSON),
    (models.BinaryField, BINARY),
    (models.CharField, TEXT),
    (models.TextField, TEXT),
)


def kind_of(column: models.Field[Any, Any]) -> Kind:
    """The kind of a model's field; of a reference, that of the key that it holds. Raises TypeError for any other."""
    if isinstance(column, models.ForeignKey):
        return kind_of(column.target_field)
    for cls, kind in _KINDS:
        if isinstance(column, cls):
            return kind
    raise TypeError(f"{column}: an archive knows no column of {type(column).__name__}; add a kind for it")
