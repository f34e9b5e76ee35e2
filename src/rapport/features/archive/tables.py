"""Which tables and columns an archive holds: all that models have, but what an `ArchiveRule` names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap
from typing import Any

import msgspec
from django.apps import apps
from django.db import models
from msgspec.structs import astuple

from rapport.features.archive.kinds import DECIMAL, JSON, Convert, Kind, fixed, kind_of
from rapport.registry import catalog
from rapport.registry.extensions import ArchiveRule, all_of

NOT_ASKED_FOR = "secret: only in an archive made with secrets"
SEALED = "sealed with the secret key of the deployment: only in an archive made with secrets"
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. One that is not `kept` is not in the archive; `instead` is what it holds after an import then."""

    name: str
    kind: Kind
    null: bool
    places: int = 0
    kept: bool = True
    instead: str = ""

    @property
    def json(self) -> Any:
        """What a line holds; any JSON, `null` too, where that is what the column holds."""
        return self.kind.json | None if self.null and self.kind is not JSON else self.kind.json

    def expression(self, vendor: str) -> str:
        """What is selected for it."""
        return self.kind.select.get(vendor, "{c}").format(c=f'"{self.name}"')

    def encoding(self, vendor: str) -> Convert | None:
        """What makes of a selected value one that JSON can hold; None where nothing need be done."""
        if self.kind is DECIMAL and vendor == "sqlite":
            return fixed(self.places)
        return self.kind.encode.get(vendor)

    def storing(self, vendor: str) -> Convert | None:
        """What makes of a value that was read one that the database takes; None where nothing need be done."""
        store = self.kind.store.get(vendor)
        if self.kind is not JSON or not self.null or store is None:
            return store
        return lambda value: None if (text := store(value)) == "null" else text


@dataclass(frozen=True)
class Table:
    """A table. `key` is the column whose values the database counts up, empty where it counts none.

    `object` is the key of the object whose records it holds; `files` are the columns of path and SHA-256 of bytes in
    the file storage.
    """

    name: str
    model: str
    object: str
    key: str
    columns: tuple[Column, ...]
    files: tuple[str, str] | None = None

    @property
    def member(self) -> str:
        """Its file in the archive."""
        return f"tables/{self.name}.jsonl"

    @property
    def names(self) -> list[str]:
        """All columns."""
        return [column.name for column in self.columns]

    @cached_property
    def kept(self) -> list[Column]:
        """The columns that are in the archive."""
        return [column for column in self.columns if column.kept]

    @property
    def kinds(self) -> dict[str, str]:
        """What the manifest says of its columns."""
        return {column.name: column.kind.name for column in self.kept}

    @cached_property
    def line(self) -> type[msgspec.Struct]:
        """A row as it stands in a line: exactly the columns, by their names."""
        parts = [(f"c{n}", column.json) for n, column in enumerate(self.kept)]
        names = {f"c{n}": column.name for n, column in enumerate(self.kept)}
        return msgspec.defstruct("Line", parts, rename=names, forbid_unknown_fields=True, gc=False)

    def select(self, vendor: str) -> str:
        """The statement that gives all rows, in the order of their keys."""
        expressions = ", ".join(column.expression(vendor) for column in self.kept)
        return f'SELECT {expressions} FROM "{self.name}" ORDER BY "{self.columns[0].name}"'

    def encoder(self, vendor: str) -> Callable[[Sequence[Row]], bytes]:
        """What makes lines of selected rows."""
        converts = [(n, convert) for n, c in enumerate(self.kept) if (convert := c.encoding(vendor))]
        encode_lines, line = msgspec.json.Encoder().encode_lines, self.line

        def encode(rows: Sequence[Row]) -> bytes:
            found = list(starmap(line, _converted(rows, converts)))
            lines = encode_lines(found)
            if lines.count(b"\n") != len(rows):  # JSON that was stored with line breaks between its parts
                lines = b"".join(map(_flat, found))
            return lines

        return encode

    def decoder(self, vendor: str, unreadable: Collection[str] = ()) -> Callable[[bytes], list[Row]]:
        """What makes of whole lines rows of all columns to be stored; in `unreadable` ones stands something instead.

        Raises msgspec.MsgspecError for lines that hold anything else than a row.
        """
        decode_lines = msgspec.json.Decoder(self.line).decode_lines
        converts = [(n, convert) for n, c in enumerate(self.kept) if (convert := c.storing(vendor))]
        places = {column.name: n for n, column in enumerate(self.kept) if column.name not in unreadable}
        order = [(places.get(column.name), column.instead) for column in self.columns]
        whole = len(places) == len(self.columns)

        def decode(lines: bytes) -> list[Row]:
            rows = list(_converted(list(map(astuple, decode_lines(lines))), converts))
            if whole:
                return rows
            return [[instead if place is None else row[place] for place, instead in order] for row in rows]

        return decode


def _converted(rows: Sequence[Row], converts: Sequence[tuple[int, Convert]]) -> Iterable[Row]:
    """Rows with some of their columns converted, empty values excepted."""
    if not converts or not rows:
        return rows
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for n, convert in converts:
        columns[n] = [None if value is None else convert(value) for value in columns[n]]
    return zip(*columns, strict=True)


def _flat(line: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(line), indent=-1) + b"\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes into an archive; `out` are tables and columns that do not, by `app.Model.field`, and why.

    `sealed`: columns, by table, that only a deployment with the same secret key can read.
    """

    tables: tuple[Table, ...]
    out: dict[str, str]
    sealed: dict[str, frozenset[str]]


def plan(*, secrets: bool) -> Plan:
    """All tables of all models, by the rules that are registered."""
    rules = all_of(ArchiveRule)
    out = {label: why for rule in rules for label, why in rule.out.items()}
    sealed = {label: instead for rule in rules for label, instead in rule.sealed.items()}
    secret = {label: instead for rule in rules for label, instead in rule.secret.items()} | sealed
    files = {label: columns for rule in rules for label, columns in rule.files.items()}
    objects = {obj.table: obj.key for obj in catalog.current().objects.values() if not obj.custom_object}
    if not secrets:
        out |= {label: SEALED if label in sealed else NOT_ASKED_FOR for label in secret}
    tables, closed = [], {}
    for model in models_of():
        label, name = model._meta.label, model._meta.db_table
        if label not in out:
            tables.append(_table(model, objects.get(name, ""), files.get(label), out, secret))
            closed[name] = frozenset(c.name for c in tables[-1].columns if f"{label}.{c.name}" in sealed)
    return Plan(tuple(tables), out, closed)


def models_of() -> Iterator[type[models.Model]]:
    """The model of each table, once."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def _table(
    model: type[models.Model], key: str, files: tuple[str, str] | None, out: dict[str, str], secret: dict[str, str]
) -> Table:
    meta = model._meta
    columns = []
    for field in meta.local_concrete_fields:
        label = f"{meta.label}.{field.name}"
        places = getattr(field, "decimal_places", 0) or 0
        columns.append(
            Column(str(field.column), kind_of(field), field.null, places, label not in out, secret.get(label, ""))
        )
    columns.sort(key=lambda column: column.name != str(meta.pk.column))
    counted = isinstance(meta.pk, models.AutoField | models.BigAutoField)
    return Table(meta.db_table, meta.label, key, str(meta.pk.column) if counted else "", tuple(columns), files)
