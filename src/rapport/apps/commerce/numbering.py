"""Numbers of documents: a series for each kind and year, counted in the transaction that writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from rapport.lib.sql import Sql
from rapport.records import db, numbers
from rapport.records.write import Batch, Entry

DRAFT = "DRAFT"
"""The series of what has no number yet; it may have gaps."""


def give(batch: Batch, series: str, entries: Sequence[Entry], day: str = "") -> None:
    """Number the entries `Q-2026-0001` and so on, by the year of their `day` field, else of the moment."""
    years: dict[int, list[Entry]] = {}
    for entry in entries:
        found = entry.get(day) if day else None
        when = found if isinstance(found, dt.date) else batch.moment(entry).astimezone(batch.env.zone).date()
        years.setdefault(when.year, []).append(entry)
    for year, group in sorted(years.items()):
        _give(batch, f"{series}-{year}", group, "number")


def settle_product(batch: Batch) -> None:
    """An article number where none was given."""
    _give(batch, "P", [e for e in batch.entries if not e.get("code")], "code")


def _give(batch: Batch, prefix: str, entries: Sequence[Entry], column: str) -> None:
    for entry, number in zip(entries, _free(batch.obj.table, column, prefix, len(entries)), strict=True):
        entry.values[column] = number


def _free(table: str, column: str, prefix: str, count: int) -> list[str]:
    """The next numbers that no record has, one imported with its number included."""
    found: list[str] = []
    while len(found) < count:
        offered = [f"{prefix}-{n:04d}" for n in numbers.take(f"commerce:{prefix}", count - len(found))]
        taken: set[str] = set()
        for part in db.chunks(offered):
            text = f'SELECT {column} FROM "{table}" WHERE {column} IN ({db.marks(part)})'
            taken |= {row[0] for row in db.rows(Sql(text, tuple(part)))}
        found += [number for number in offered if number not in taken]
    return found
