"""Chunks of rows through the write path: what can be written is, the rest comes back with its reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from rapport.features.transfer.rows import Row, RowPlan
from rapport.features.transfer.sets import RowSet
from rapport.records import write
from rapport.records.errors import Invalid
from rapport.records.write.batch import Batch
from rapport.registry.catalog import RegisteredObject

CHUNK = 1000
REFUSALS = (Invalid, IntegrityError, DataError)


def chunks(rows: Iterator[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """Lists of at most `size`, until there is nothing more."""
    while part := list(islice(rows, size)):
        yield part


def load(plan: RowPlan, set_: RowSet) -> None:
    """Write a set of rows in the transaction at hand; those that are refused have `errors` afterwards.

    It raises one of `REFUSALS` where the set as a whole is refused; roll back then and call `load_carefully`.
    """
    _store(plan, set_.sound, set_.batch)


def load_carefully(plan: RowPlan, rows: Sequence[Row]) -> None:
    """Write rows in the transaction at hand; where the set is refused, its halves, down to the row at fault."""
    plan.load()
    plan.resolve(rows)
    _write(plan, [row for row in rows if not row.errors])


def _write(plan: RowPlan, rows: Sequence[Row]) -> None:
    if not rows:
        return
    try:
        with transaction.atomic():
            _store(plan, rows, write.cleaned(plan.caller, plan.obj.key, [row.values for row in rows]))
    except REFUSALS as error:
        for row in rows:
            row.errors.clear()
        if len(rows) == 1:
            rows[0].errors += _messages(plan.obj, error)
            return
        middle = len(rows) // 2
        _write(plan, rows[:middle])
        _write(plan, rows[middle:])


def _store(plan: RowPlan, rows: Sequence[Row], batch: Batch) -> None:
    """Write rows, of which `batch` is the cleaned form, in the transaction at hand."""
    if plan.handling is not None:
        plan.handling.write(rows, batch)
        return
    for position, errors in write.insert(batch).errors.items():
        rows[position].errors += sentences(plan.obj, errors)


def _messages(obj: RegisteredObject, error: Exception) -> list[str]:
    if isinstance(error, Invalid):
        return sentences(obj, error.errors)
    return [_("The database refused this row; a value may be there already.")]


def sentences(obj: RegisteredObject, errors: Mapping[str, list[Any]]) -> list[str]:
    """What is wrong with the fields of a record, one sentence each."""
    found = []
    for name, messages in errors.items():
        label = str(obj.fields[name].label) if name in obj.fields else ""
        found += [f"{label}: {message}" if label else str(message) for message in messages]
    return found
