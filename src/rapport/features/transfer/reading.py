"""Reading CSV files as they come: encoding, separator and header are recognised, or told."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rapport.records.errors import Invalid

SAMPLE_BYTES, SAMPLE_ROWS = 1_000_000, 200
LARGEST_CELL, MOST_COLUMNS = 1_000_000, 500
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")


@dataclass(frozen=True, slots=True)
class Source:
    """How a file is read. `columns` are the names of its header, or its numbers from 1 where it has none."""

    path: Path
    encoding: str
    delimiter: str
    has_header: bool
    columns: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As an import keeps it; the path is kept beside."""
        return {**{k: v for k, v in asdict(self).items() if k != "path"}, "columns": list(self.columns)}

    @classmethod
    def from_json(cls, path: Path, raw: Mapping[str, Any]) -> Source:
        """The inverse of `to_json`."""
        return cls(path, **{**raw, "columns": tuple(raw["columns"])})

    def rows(self, skip: int = 0) -> Iterator[tuple[int, list[str]]]:
        """(line in the file, cells) of the rows after the first `skip`; blank lines are left out. Raises Invalid."""
        width, number = len(self.columns), 0
        csv.field_size_limit(LARGEST_CELL)
        errors = "replace" if self.encoding == "cp1252" else "strict"
        with self.path.open(encoding=self.encoding, errors=errors, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, skipinitialspace=True)
            try:
                if self.has_header:
                    next(reader, None)
                for cells in reader:
                    if not cells:
                        continue
                    number += 1
                    if number > skip:
                        yield reader.line_num, cells if len(cells) == width else _fitted(cells, width)
            except (csv.Error, UnicodeError) as error:
                message = _("Line %(line)d can't be read: %(error)s") % {"line": reader.line_num + 1, "error": error}
                raise Invalid({"file": [message]}, message) from error


def _fitted(cells: list[str], width: int) -> list[str]:
    """Missing cells are empty; what is beyond the header is dropped where it is empty, and kept to be refused."""
    cells = cells + [""] * (width - len(cells))
    return cells[:width] if not any(cells[width:]) else cells


def recognise(
    path: Path, known: Callable[[str], bool], *, encoding: str = "", delimiter: str = "", header: bool | None = None
) -> Source:
    """How to read a file. `known` tells whether a name is one that a column of a header could have.

    Raises Invalid for a file that is missing, empty or no text.
    """
    if delimiter and (len(delimiter) != 1 or delimiter in '"\r\n'):
        message = _("The delimiter is one character, such as a comma, a semicolon or a tab.")
        raise Invalid({"delimiter": [message]}, message)
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE_BYTES)
    except OSError as error:
        message = _("The file can't be read: %(error)s") % {"error": error.strerror}
        raise Invalid({"file": [message]}, message) from error
    encoding = encoding or _encoding(path, head)
    try:
        codecs.lookup(encoding)
        text = head.decode(encoding, errors="replace").removeprefix("\ufeff")
    except (LookupError, UnicodeError) as error:
        message = _("The file can't be read as %(encoding)s.") % {"encoding": encoding}
        raise Invalid({"file": [message]}, message) from error
    if not text.strip():
        raise Invalid({"file": [_("The file is empty.")]}, _("The file is empty."))
    delimiter = delimiter or _delimiter(text)
    rows = _parsed(text, delimiter)
    first = [cell.strip() for cell in rows[0]]
    if len(first) > MOST_COLUMNS:
        raise Invalid({"file": [_("A file has at most %(max)d columns.") % {"max": MOST_COLUMNS}]})
    if header is None:
        header = _is_header(first, rows[1:], known)
    names = _names(first) if header else tuple(str(i) for i in range(1, len(first) + 1))
    return Source(path, encoding, delimiter, header, names)


def _encoding(path: Path, head: bytes) -> str:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    if b"\x00" in head:
        message = _("This is no text file. Save the table as CSV first.")
        raise Invalid({"file": [message]}, message)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(SAMPLE_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    """The first rows; a last line that the sample may have cut is left out where there are others."""
    csv.field_size_limit(LARGEST_CELL)
    rows = []
    try:
        for cells in csv.reader(text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True):
            if cells:
                rows.append(cells)
            if len(rows) > SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    return rows or [[""]]


def _delimiter(text: str) -> str:
    """The separator that gives the most rows of one width, and of these the widest."""
    best = (0.0, 0, ",")
    for delimiter in DELIMITERS:
        widths = Counter(len(cells) for cells in _parsed(text, delimiter))
        width, count = widths.most_common(1)[0]
        if width > 1 and (count / widths.total(), width) > best[:2]:
            best = (count / widths.total(), width, delimiter)
    return best[2]


def _is_header(first: list[str], others: list[list[str]], known: Callable[[str], bool]) -> bool:
    if any(known(cell) for cell in first):
        return True
    if not others or not all(first) or len(set(first)) < len(first):
        return False
    return not any("@" in cell or cell.replace(".", "").replace("-", "").isdigit() for cell in first)


def _names(cells: list[str]) -> tuple[str, ...]:
    """Names of columns; an empty one becomes its number, a repeated one gets its number."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell or str(number)
        names.append(f"{name} ({number})" if name in names else name)
    return tuple(names)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(SAMPLE_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
