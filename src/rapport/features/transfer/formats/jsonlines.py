"""JSON lines, and one JSON array: objects flattened to columns, lists joined. Numbers keep their digits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.features.transfer.formats import base, texts
from rapport.features.transfer.formats.base import Format, Layout, Rows, Unreadable, Wishes
from rapport.registry.types.contacts import ADDRESS_PARTS

CHUNK, DEPTH = 262_144, 4
"""Characters that are read at once of an array; levels of objects that become columns of their own."""
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_SPACE = " \t\r\n"


class _Broken(Exception):
    """A record that is no JSON object: its text, and why."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(why)
        self.text, self.why = text, why


def tells(head: bytes, path: Path) -> bool:
    """An object, or an array of objects, at the beginning."""
    text = texts.beginning(head)
    if text.startswith("["):
        rest = text[1:].lstrip()
        return rest.startswith(('{"', "{}", "{ ", "{\n", "{\r")) or rest == "]"
    line = text.partition("\n")[0]
    if not line.startswith("{"):
        return False
    try:
        return isinstance(_decode(line), dict)
    except _Broken:
        return len(line) == len(text) == base.SAMPLE_BYTES


def _decode(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise _Broken(text, _("This is no JSON: %(error)s") % {"error": error}) from error


def _records(layout: Layout) -> Iterator[tuple[int, Mapping[str, Any] | _Broken]]:
    """(line, or number in the array, object). Raises Invalid where nothing more can be read."""
    with texts.opened(layout.path, layout.encoding) as file:
        try:
            start = file.read(CHUNK).removeprefix("\ufeff").lstrip()
            if start.startswith("["):
                yield from zip(count(1), _elements(file, start[1:]), strict=False)
                return
            file.seek(0)
            yield from _lines(file)
        except UnicodeError as error:
            raise base.refuse(_("The file can't be read as %(encoding)s.") % {"encoding": layout.encoding}) from error


def _lines(file: Any) -> Iterator[tuple[int, Mapping[str, Any] | _Broken]]:
    for number in count(1):
        line = file.readline(base.LARGEST_RECORD)
        if not line:
            return
        if len(line) == base.LARGEST_RECORD:
            raise base.refuse(_("Line %(line)d is too long for one record.") % {"line": number})
        text = line.strip().removeprefix("\ufeff")
        if text:
            yield number, _object(text)


def _object(text: str) -> Mapping[str, Any] | _Broken:
    try:
        found = _decode(text)
    except _Broken as broken:
        return broken
    return found if isinstance(found, dict) else _Broken(text, _("This is no JSON object."))


def _elements(file: Any, buffer: str) -> Iterator[Mapping[str, Any] | _Broken]:
    """The objects of an array whose opening bracket was read. Raises Invalid."""
    at = 0
    while True:
        while at < len(buffer) and buffer[at] in _SPACE + ",":
            at += 1
        if buffer[at : at + 1] == "]":
            return
        try:
            found, at = _DECODER.raw_decode(buffer, at)
        except (ValueError, RecursionError) as error:
            more = file.read(CHUNK if len(buffer) < 2 * CHUNK else len(buffer))
            if not more or len(buffer) - at > base.LARGEST_RECORD or isinstance(error, RecursionError):
                raise base.refuse(_("The file is no JSON any more: %(error)s") % {"error": error}) from error
            buffer, at = buffer[at:] + more, 0
            continue
        yield found if isinstance(found, dict) else _Broken(json.dumps(found), _("This is no JSON object."))


def flat(record: Mapping[str, Any], before: str = "", depth: int = DEPTH) -> Iterator[tuple[str, str]]:
    """(column, text): `{"address": {"city": "Ulm"}}` is `address.city`; contact points go by their labels."""
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and depth > 1:
            yield from flat(value, f"{name}.", depth - 1)
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            yield from _points(name, value)
        else:
            yield name, _text(value)


def _points(name: str, values: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Contact points as `emails:work`, addresses as `addresses:home.city`; other lists of objects as they are."""
    found: dict[str, list[str]] = {}
    for value in values:
        label = str(value.get("label") or "")
        head = f"{name}:{label}" if label else name
        parts = {part: value[part] for part in ADDRESS_PARTS if isinstance(value.get(part), str)}
        if parts and any(f"{head}.{part}" in found for part in ADDRESS_PARTS):
            found.setdefault(f"{name} further", []).append(", ".join(parts.values()))
        elif parts:
            found |= {f"{head}.{part}": [text] for part, text in parts.items()}
        elif isinstance(value.get("value"), str):
            found.setdefault(head, []).append(value["value"])
        else:
            yield name, json.dumps(values, ensure_ascii=False)
            return
    yield from ((column, "; ".join(parts)) for column, parts in found.items())


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not any(isinstance(v, dict | list) for v in value):
        return "; ".join(_text(v) for v in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def rows(layout: Layout) -> Rows:
    """A record that is no object is a row that can't be read; so is one with a key that the columns lack."""
    places = {name: at for at, name in enumerate(layout.columns)}
    width = len(places)
    for number, record in _records(layout):
        if isinstance(record, _Broken):
            yield number, Unreadable(record.text, width, record.why)
            continue
        found = dict(flat(record))
        if new := found.keys() - places.keys():
            why = _("No record before has a %(name)s.") % {"name": min(new)}
            yield number, Unreadable(json.dumps(record, ensure_ascii=False), width, why)
        elif any(found.values()):
            yield number, [found.get(name, "") for name in layout.columns]


def recognise(path: Path, head: bytes, wishes: Wishes) -> Layout:
    """The columns are all that any record has, in the order in which they come. Raises Invalid."""
    found = wishes.encoding or texts.encoding(path, head)[0]
    texts.decoded(head, found)
    layout, columns, about = Layout(path, found), dict[str, None](), 0
    for _number, record in _records(layout):
        if not isinstance(record, _Broken):
            columns.update((name, None) for name, _text in flat(record))
            about += 1
        if len(columns) > base.MOST_COLUMNS:
            raise base.refuse(_("A file has at most %(max)d columns.") % {"max": base.MOST_COLUMNS})
    if not columns:
        raise base.refuse(_("The file has no JSON objects."))
    return Layout(path, found, columns=tuple(columns), about=about)


FORMAT = Format(
    key="jsonl",
    label=gettext_lazy("JSON lines"),
    tells=tells,
    recognise=recognise,
    rows=rows,
    options=frozenset({"encoding"}),
)
