"""What a format of exports is, and the cells that records become in tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapport.records.read import RowView
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.contacts import ADDRESS_PARTS

LABELLED = frozenset({"reference", "file", "user", "team"})
LISTED = frozenset({"references", "participants"})
ADDRESSES = frozenset({"address", "addresses"})
Cell = Callable[[RowView], Any]
Pages = Iterator[Sequence[RowView]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """One format of exports. `write` gives bytes page by page, and holds no more than a page.

    `columns` are the fields that it takes whatever the list shows, where it takes certain ones; `suits` tells for which
    objects there is such a file at all.
    """

    key: str
    label: Any
    extension: str
    media_type: str
    write: Callable[[RegisteredObject, Sequence[str], Pages], Iterator[bytes]]
    columns: Callable[[RegisteredObject], Sequence[str]] = lambda obj: ()
    suits: Callable[[RegisteredObject], bool] = lambda obj: True


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the name and the label of what stands in it, and how a record's cell is made."""

    name: str
    label: str
    field: FieldSpec
    cell: Cell


def columns(obj: RegisteredObject, names: Sequence[str]) -> list[Column]:
    """The columns of some fields; an address has one for each part."""
    return [column for name in names for column in _columns(obj.fields[name])]


def labels(found: Sequence[Column]) -> list[str]:
    """Labels; where two are alike, names."""
    counts = Counter(column.label for column in found)
    return [column.label if counts[column.label] == 1 else column.name for column in found]


def _columns(field: FieldSpec) -> list[Column]:
    name, type_ = field.name, field.type
    if type_.key in ADDRESSES:
        return [Column(f"{name}.{part}", f"{field.label} {part}", field, _part(name, part)) for part in ADDRESS_PARTS]
    return [Column(name, str(field.label), field, text_of(field))]


def text_of(field: FieldSpec) -> Callable[[RowView], str]:
    """What makes the text of a field, as an import reads it."""
    name, type_ = field.name, field.type
    if type_.key in LABELLED:
        return lambda row: str(row.labels.get(name) or "")
    if type_.key in LISTED:
        return lambda row: "; ".join(text for _key, text in row.labels.get(name) or ())
    return lambda row: type_.to_text(field, row.values.get(name))


def _part(name: str, part: str) -> Cell:
    def cell(row: RowView) -> str:
        value: Any = row.values.get(name) or {}
        if not isinstance(value, dict):
            value = value[0]
        return str(value.get(part, ""))

    return cell
