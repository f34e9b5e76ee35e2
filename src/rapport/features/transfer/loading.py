"""Chunks of rows through the write path: what can be written is, the rest comes back with its reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from rapport.features.transfer.rows import Row, RowPlan
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.registry.catalog import RegisteredObject

CHUNK = 1000


def chunks(rows: Iterator[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """Lists of at most `size`, until there is nothing more."""
    while part := list(islice(rows, size)):
        yield part


def load(caller: Caller, obj: RegisteredObject, plan: RowPlan, rows: Sequence[Row]) -> int:
    """Write rows, in the transaction at hand; how many. Those that were refused have `errors` afterwards."""
    plan.resolve(rows)
    _write(caller, obj, [row for row in rows if not row.errors])
    return sum(not row.errors for row in rows)


def _write(caller: Caller, obj: RegisteredObject, rows: Sequence[Row]) -> None:
    """All in one set; where the database or a hook refuses the set, its halves, down to the row that is at fault."""
    if not rows:
        return
    try:
        with transaction.atomic():
            created = write.create_many(caller, obj.key, [row.values for row in rows])
    except (Invalid, IntegrityError, DataError) as error:
        if len(rows) == 1:
            rows[0].errors += _messages(obj, error)
            return
        middle = len(rows) // 2
        _write(caller, obj, rows[:middle])
        _write(caller, obj, rows[middle:])
        return
    for position, errors in created.errors.items():
        rows[position].errors += _sentences(obj, errors)


def _messages(obj: RegisteredObject, error: Exception) -> list[str]:
    if isinstance(error, Invalid):
        return _sentences(obj, error.errors)
    return [_("The database refused this row; a value may be there already.")]


def _sentences(obj: RegisteredObject, errors: dict[str, list[Any]]) -> list[str]:
    found = []
    for name, messages in errors.items():
        label = str(obj.fields[name].label) if name in obj.fields else ""
        found += [f"{label}: {message}" if label else str(message) for message in messages]
    return found
