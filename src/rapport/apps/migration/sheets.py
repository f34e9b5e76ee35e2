"""Files of an export as columns and rows: what imports read, and the JSON that the vendors' APIs answer with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rapport.apps.migration.shapes import Vendor
from rapport.features.transfer import reading
from rapport.features.transfer.formats.base import MOST_COLUMNS, refuse

LISTS = ("results", "records", "data", "items", "value")
LARGEST_JSON = 256 * 1024**2
ENDINGS = frozenset((".csv", ".tsv", ".txt", ".xlsx", ".json", ".jsonl", ".ndjson"))
Rows = Iterator[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file: its name in the export, its columns (plain names beside), and how it is read. `list` is the key under
    which JSON held the rows.
    """

    name: str
    path: Path
    columns: tuple[str, ...]
    plain: tuple[str, ...]
    source: reading.Source | None = None
    list: str = ""
    nested: str = ""
    places: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Where columns stand that were asked for."""

    def rows(self, vendor: Vendor, skip: int = 0) -> Rows:
        """(line, cells) of the rows after the first `skip`, as many cells as columns. Raises Invalid."""
        if self.source is not None:
            return iter(self.source.rows(skip))
        places = {name: at for at, name in enumerate(self.columns)}
        return islice(_json_rows(self.path, vendor, self.nested, places), skip, None)


def sheet(vendor: Vendor, name: str, path: Path, nested: str = "") -> Sheet:
    """A file of an export. Raises Invalid for one that can't be read."""
    if path.suffix.lower() in {".json", ".jsonl", ".ndjson"}:
        columns: dict[str, None] = {}
        found = ""
        for found, record in records(path, nested):  # noqa: B007
            columns.update(dict.fromkeys(key for key, _text in flat(record, vendor.pairs)))
            if len(columns) > MOST_COLUMNS:
                raise refuse(_("A file has at most %(max)d columns.") % {"max": MOST_COLUMNS})
        names = tuple(columns)
        return Sheet(name, path, names, tuple(vendor.column(c) for c in names), list=found, nested=nested)
    source = reading.recognise(path, lambda text: any(vendor.column(text) in t.known for t in vendor.tables))
    return Sheet(name, path, source.columns, tuple(vendor.column(c) for c in source.columns), source)


def _json_rows(path: Path, vendor: Vendor, nested: str, places: Mapping[str, int]) -> Rows:
    for number, (_list, record) in enumerate(records(path, nested), 1):
        cells = [""] * len(places)
        for key, text in flat(record, vendor.pairs):
            if key in places:
                cells[places[key]] = text
        yield number, cells


def records(path: Path, nested: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(key of the list, record) of a JSON file: a list, an answer with a list in it, or one of these a line.

    With `nested`, the elements of that list of each record, which have the record itself under `parent`. Raises
    Invalid.
    """
    for document in _documents(path):
        for key, found in _listed(document):
            if not nested:
                yield key, found
                continue
            inner = found.get(nested)
            rest = {k: v for k, v in found.items() if k != nested}
            for element in inner if isinstance(inner, list) else ():
                if isinstance(element, dict):
                    yield key, {**element, "parent": rest}


def _documents(path: Path) -> Iterator[Any]:
    if path.stat().st_size <= LARGEST_JSON:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        try:
            yield json.loads(text, parse_float=str, parse_int=str)
            return
        except (ValueError, RecursionError) as error:
            if "\n" not in text.strip():
                raise refuse(_("%(name)s is no JSON: %(error)s") % {"name": path.name, "error": error}) from error
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield json.loads(line, parse_float=str, parse_int=str)
                except (ValueError, RecursionError) as error:
                    message = _("Line %(line)d can't be read: %(error)s") % {"line": number, "error": error}
                    raise refuse(message) from error


def _listed(document: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(document, list):
        for one in document:
            yield from _listed(one) if isinstance(one, dict) and _list_of(one) else (("", one),)
    elif isinstance(document, dict):
        key = _list_of(document)
        if key:
            yield from (("" if key in LISTS else key, r) for r in document[key] if isinstance(r, dict))
        else:
            yield "", document


def _list_of(document: Mapping[str, Any]) -> str:
    """The key under which an answer has its records: a usual one, or the only list of objects among paging."""
    for key in LISTS:
        if isinstance(document.get(key), list):
            return key
    if "id" in document or "Id" in document:
        return ""
    lists = [k for k, v in document.items() if isinstance(v, list) and (not v or isinstance(v[0], dict))]
    return lists[0] if len(lists) == 1 else ""


def flat(record: Mapping[str, Any], pairs: Sequence[str] = (), before: str = "") -> Iterator[tuple[str, str]]:
    """(column, text): objects in objects by dots, lists joined by `;`, lists of objects column by column."""
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            yield from flat(value, pairs, f"{name}.")
        elif isinstance(value, list) and any(isinstance(v, dict) for v in value):
            yield from _list(name, [v for v in value if isinstance(v, dict)], pairs)
        else:
            yield name, text_of(value)


def _list(name: str, values: Sequence[Mapping[str, Any]], pairs: Sequence[str]) -> Iterator[tuple[str, str]]:
    if name in pairs:
        yield from ((f"{name}.{value.get('id')}", text_of(value.get("value"))) for value in values)
        return
    found: dict[str, list[str]] = {}
    for value in values:
        for key, text in flat(value, pairs, f"{name}."):
            found.setdefault(key, []).append(text)
    yield from ((key, ";".join(texts)) for key, texts in found.items())


def text_of(value: Any) -> str:
    """A JSON value as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(text_of(v) for v in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
