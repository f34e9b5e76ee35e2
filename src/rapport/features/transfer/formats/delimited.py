"""Comma-separated values (RFC 4180 and what spreadsheets write): encoding, separator and header recognised, or told."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.features.transfer.formats import base, texts
from rapport.features.transfer.formats.base import Format, Layout, Rows, Wishes

DELIMITERS = (",", ";", "\t", "|")


def rows(layout: Layout) -> Rows:
    """Raises Invalid where the file can't be read on."""
    width = len(layout.columns)
    csv.field_size_limit(base.LARGEST_CELL)
    with texts.opened(layout.path, layout.encoding) as file:
        reader = csv.reader(file, delimiter=layout.delimiter, skipinitialspace=True)
        try:
            if layout.has_header:
                next(reader, None)
            for cells in reader:
                if cells:
                    yield reader.line_num, cells if len(cells) == width else base.fitted(cells, width)
        except (csv.Error, UnicodeError) as error:
            message = _("Line %(line)d can't be read: %(error)s") % {"line": reader.line_num + 1, "error": error}
            raise base.refuse(message) from error


def recognise(path: Path, head: bytes, wishes: Wishes) -> Layout:
    """Raises Invalid for a file that is empty or no text."""
    delimiter = wishes.delimiter
    if delimiter and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise base.refuse(_("The delimiter is one character, such as a comma, a semicolon or a tab."), "delimiter")
    found, lines = (wishes.encoding, 0) if wishes.encoding else texts.encoding(path, head)
    text = texts.decoded(head, found)
    if not text.strip():
        raise base.refuse(_("The file is empty."))
    delimiter = delimiter or _delimiter(text)
    parsed = _parsed(text, delimiter)
    first = [cell.strip() for cell in parsed[0]]
    header = base.is_header(first, parsed[1:], wishes.known) if wishes.header is None else wishes.header
    columns = base.names(first) if header else base.numbered(len(first))
    layout = Layout(path, found, delimiter, header, columns)
    return replace(layout, about=max(0, lines - header))


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    """The first rows; a last line that the sample may have cut is left out where there are others."""
    csv.field_size_limit(base.LARGEST_CELL)
    found = []
    try:
        for cells in csv.reader(text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True):
            if cells:
                found.append(cells)
            if len(found) > base.SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    return found or [[""]]


def _delimiter(text: str) -> str:
    """The separator that gives the most rows of one width, and of these the widest."""
    best = (0.0, 0, ",")
    for delimiter in DELIMITERS:
        widths = Counter(len(cells) for cells in _parsed(text, delimiter))
        width, count = widths.most_common(1)[0]
        if width > 1 and (count / widths.total(), width) > best[:2]:
            best = (count / widths.total(), width, delimiter)
    return best[2]


FORMAT = Format(
    key="csv",
    label=gettext_lazy("Comma-separated values (CSV, TSV)"),
    tells=lambda head, path: True,
    recognise=recognise,
    rows=rows,
    options=frozenset({"encoding", "delimiter", "header"}),
)
