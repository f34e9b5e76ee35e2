"""What a file format is: how it is told, how a file of it is laid out, and how its rows are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rapport.records.errors import Invalid

SAMPLE_BYTES, SAMPLE_ROWS = 1_000_000, 200
LARGEST_CELL, LARGEST_RECORD, MOST_COLUMNS = 1_000_000, 10_000_000, 500
"""Characters of a cell and of a record, and columns, that a file may have."""

Cells = list[str]
Rows = Iterator[tuple[int, Cells]]


class Unreadable(list[str]):
    """The cells of a row that can't be read, one more than there are columns, and `why`."""

    def __init__(self, text: str, width: int, why: str) -> None:
        super().__init__([text[:2000]] + [""] * width)
        self.why = why


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is told about a file, empty where it shall be recognised.

    `known` tells whether a name is one that a column of a header could have.
    """

    known: Callable[[str], bool]
    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: bool | None = None
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read. `columns` are the names of its header, or its numbers from 1 where it has none."""

    path: Path
    encoding: str = ""
    delimiter: str = ""
    has_header: bool = True
    columns: tuple[str, ...] = ()
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    about: int = 0
    """How many rows there are, roughly: for telling how far a reading is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One file format.

    `tells` gets the first bytes of a file and its path. `rows` gives (line, cells), as many cells as there are columns;
    blank rows are left out. `options` are the fields of `Wishes` that a user may set.
    """

    key: str
    label: Any
    tells: Callable[[bytes, Path], bool]
    recognise: Callable[[Path, bytes, Wishes], Layout]
    rows: Callable[[Layout], Rows]
    options: frozenset[str] = field(default_factory=frozenset)


def refuse(message: str, name: str = "file") -> Invalid:
    """The refusal of a file."""
    return Invalid({name: [message]}, message)


def names(cells: list[str]) -> tuple[str, ...]:
    """Names of columns; an empty one becomes its number, a repeated one gets its number. Raises Invalid."""
    if len(cells) > MOST_COLUMNS:
        raise refuse(_("A file has at most %(max)d columns.") % {"max": MOST_COLUMNS})
    found: dict[str, None] = {}
    for number, cell in enumerate(cells, 1):
        name = cell or str(number)
        found[f"{name} ({number})" if name in found else name] = None
    return tuple(found)


def numbered(width: int) -> tuple[str, ...]:
    """Names of the columns of a file without a header."""
    return names([""] * width)


def is_header(first: list[str], others: list[list[str]], known: Callable[[str], bool]) -> bool:
    """Whether a first row names columns: one of its cells is a known name, or all are different words."""
    if any(known(cell) for cell in first):
        return True
    if not others or not all(first) or len(set(first)) < len(first):
        return False
    return not any("@" in cell or cell.replace(".", "").replace("-", "").isdigit() for cell in first)


def fitted(cells: Cells, width: int) -> Cells:
    """Missing cells are empty; what is beyond the header is dropped where it is empty, and kept to be refused."""
    cells = cells + [""] * (width - len(cells))
    return cells[:width] if not any(cells[width:]) else cells
