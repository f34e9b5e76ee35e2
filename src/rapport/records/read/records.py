"""What reading gives: rows of a list and whole records, values decoded, labels of references beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.lib.sql import Dialect, Sql
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.base import FieldType


@dataclass(slots=True)
class RowView:
    """One record as read: `values` by field name, `labels` of references, users and teams by field name.

    The label of a single reference is a text (None when the target may not be seen, and then its value is None too);
    of many references a list of (id, text).
    """

    id: int
    version: int
    title: str
    values: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """The value of a field; None for one that was not read."""
        return self.values.get(name)


@dataclass(slots=True)
class RecordView(RowView):
    """A whole record of `obj`. `may`: which of edit and delete are allowed; `deleted_at`: since when in the trash."""

    may: frozenset[str] = frozenset()
    deleted_at: Any = None
    obj: Any = None


Convert = Callable[[FieldSpec, Sequence[Any]], Any]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a field stands in a fetched row: `row[start:stop]`; `label` is the position of its label or -1.

    `convert` makes the value of the columns; None where the one column is the value.
    """

    field: FieldSpec
    start: int
    stop: int
    convert: Convert | None
    label: int = -1


def slot(field: FieldSpec, start: int, stop: int, label: int = -1) -> Slot:
    """The place of a field."""
    plain = type(field.type).from_columns is FieldType.from_columns
    return Slot(field, start, stop, None if plain else field.type.from_columns, label)


def custom_values(obj: RegisteredObject, raw: Any) -> dict[str, Any]:
    """The values of custom fields in the decoded JSON column."""
    raw = raw or {}
    return {f.name: f.type.from_json(raw.get(f.name)) for f in obj.customs}


@dataclass(frozen=True, slots=True)
class Select:
    """The select list and joins of a read, with where each field stands in its rows."""

    columns: Sql
    joins: Sql
    slots: tuple[Slot, ...]
    customs: tuple[FieldSpec, ...]
    custom_at: int
    title_at: int
    externals: tuple[FieldSpec, ...]
    custom_references: tuple[FieldSpec, ...]
    dialect: Dialect
