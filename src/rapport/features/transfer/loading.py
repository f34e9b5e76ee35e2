"""Chunks of rows through the write path: what can be written is, the rest comes back with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from rapport.features.transfer.rows import Row, RowPlan
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.write.creating import Created
from rapport.registry.catalog import RegisteredObject

CHUNK = 1000
REFUSALS = (Invalid, IntegrityError, DataError)


def chunks(rows: Iterator[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """Lists of at most `size`, until there is nothing more."""
    while part := list(islice(rows, size)):
        yield part


def prepare(plan: RowPlan, rows: Sequence[Row]) -> Callable[[], None]:
    """Everything that needs no lock; what this gives writes the rows, in the transaction at hand.

    Rows that were refused have `errors` afterwards. It raises one of `REFUSALS` where the set as a whole is refused;
    roll back then and call `load_carefully`.
    """
    plan.resolve(rows)
    sound = [row for row in rows if not row.errors]
    batch = write.cleaned(plan.caller, plan.obj.key, [row.values for row in sound])
    return lambda: _keep_errors(plan.obj, sound, write.insert(batch))


def load_carefully(plan: RowPlan, rows: Sequence[Row]) -> None:
    """Write rows in the transaction at hand; where the set is refused, its halves, down to the row at fault."""
    plan.load()
    plan.resolve(rows)
    _write(plan.caller, plan.obj, [row for row in rows if not row.errors])


def _write(caller: Caller, obj: RegisteredObject, rows: Sequence[Row]) -> None:
    if not rows:
        return
    try:
        created = write.create_many(caller, obj.key, [row.values for row in rows])
    except REFUSALS as error:
        if len(rows) == 1:
            rows[0].errors += _messages(obj, error)
            return
        middle = len(rows) // 2
        _write(caller, obj, rows[:middle])
        _write(caller, obj, rows[middle:])
        return
    _keep_errors(obj, rows, created)


def _keep_errors(obj: RegisteredObject, rows: Sequence[Row], created: Created) -> None:
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
