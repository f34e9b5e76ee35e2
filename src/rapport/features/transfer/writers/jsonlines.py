"""JSON lines: a record a line, by the names of fields; contact points and addresses with their labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from rapport.features.transfer.cells import kept
from rapport.features.transfer.writers import base
from rapport.lib import json
from rapport.records.read import RowView
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.contacts import ContactsType

PLAIN = frozenset({"number", "boolean"})


def write(obj: RegisteredObject, names: Sequence[str], pages: base.Pages) -> Iterator[bytes]:
    """The lines of each page."""
    cells = [(name, _value_of(obj.fields[name])) for name in names]
    for page in pages:
        yield "".join(json.dumps({name: cell(row) for name, cell in cells}) + "\n" for row in page).encode()


def _value_of(field: FieldSpec) -> base.Cell:
    name, type_ = field.name, field.type
    if type_.key in PLAIN:
        return lambda row: row.values.get(name)
    if type_.key in base.LISTED:
        return lambda row: [kept(text) for _key, text in row.labels.get(name) or ()]
    if type_.key in base.ADDRESSES or isinstance(type_, ContactsType):
        return lambda row: _points(row, name)
    text = base.text_of(field)
    return lambda row: kept(text(row)) or None


def _points(row: RowView, name: str) -> Any:
    """Contact points as they are kept; None for none."""
    value = row.values.get(name)
    if isinstance(value, dict):
        return {part: kept(text) for part, text in value.items()} or None
    return [{n: kept(v) if isinstance(v, str) else v for n, v in point.items()} for point in value or ()] or None


WRITER = base.Writer(
    key="jsonl", label=gettext_lazy("JSON lines"), extension="jsonl", media_type="application/jsonl", write=write
)
