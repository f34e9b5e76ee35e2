"""Excel workbooks (.xlsx): cells typed, read row by row; sizes bounded, document types refused."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.features.transfer.formats import base
from rapport.features.transfer.formats.base import Cells, Format, Layout, Rows, Wishes

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

WORKBOOK, MAGIC = "xl/workbook.xml", b"PK\x03\x04"
KEPT_BYTES, SMALL_BYTES, MOST_RATIO = 250_000_000, 50_000_000, 200
"""Unpacked bytes of all parts but the sheets, which are held in memory; from which on the packing is looked at."""
MOST_PARTS, MOST_ROWS = 5_000, 1_048_576
FAULTS = (
    zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError, AttributeError, OSError, EOFError,
    NotImplementedError, RuntimeError, OverflowError, AssertionError,
)  # fmt: skip


def tells(head: bytes, path: Path) -> bool:
    """A zip archive that has a workbook in it."""
    if not head.startswith(MAGIC):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return WORKBOOK in archive.namelist()
    except FAULTS:
        return False


def _check(path: Path) -> None:
    """Refuse what unpacks to more than a table would, and document types, with which entities come."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        unpacked, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
        kept = sum(p.file_size for p in parts if not p.filename.startswith("xl/worksheets/"))
        bomb = unpacked > SMALL_BYTES and unpacked > MOST_RATIO * packed
        if len(parts) > MOST_PARTS or kept > KEPT_BYTES or bomb:
            raise base.refuse(_("This workbook unpacks to too much. Save its table as CSV."))
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as file:
                    if b"<!DOCTYPE" in file.read(4096).replace(b"\x00", b"").upper():
                        raise base.refuse(_("This workbook defines a document type, which no spreadsheet does."))


@contextmanager
def _workbook(path: Path) -> Iterator[Workbook]:
    """The workbook, open; raises Invalid for one that is broken, also while it is read."""
    from openpyxl import load_workbook  # takes a tenth of a second, of which most processes have no use

    try:
        with path.open("rb") as file:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except FAULTS as error:
        raise base.refuse(_("The workbook is damaged. Open it and save it again.")) from error


def _text(value: Any) -> str:
    """A cell as the field types read it; what a spreadsheet shows, not the last bits of its numbers."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value.startswith("#") and value in ERRORS else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, dt.datetime):
        whole = value.time() == dt.time()
        return value.date().isoformat() if whole else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


ERRORS = frozenset({"#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})


def _cells(values: Iterable[Any]) -> Cells:
    return [_text(value) for value in values]


def _rows(book: Workbook, sheet: str) -> Rows:
    """(row of the sheet, cells) of the rows that are not empty. Dimensions, often wrong, are not believed."""
    found = book[sheet]
    found.reset_dimensions()
    for number, values in enumerate(found.iter_rows(values_only=True), 1):
        if number > MOST_ROWS:
            raise base.refuse(_("A sheet has at most %(max)d rows.") % {"max": MOST_ROWS})
        cells = _cells(values)
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def rows(layout: Layout) -> Rows:
    """Raises Invalid for a workbook that is broken."""
    width = len(layout.columns)
    with _workbook(layout.path) as book:
        for number, cells in islice(_rows(book, layout.sheet), int(layout.has_header), None):
            yield number, base.fitted(cells, width)


def recognise(path: Path, head: bytes, wishes: Wishes) -> Layout:
    """The first sheet that has cells, or the one that is named. Raises Invalid."""
    if not tells(head, path):
        raise base.refuse(_("This is no Excel workbook (.xlsx)."))
    _check(path)
    with _workbook(path) as book:
        titles = tuple(sheet.title for sheet in book.worksheets)
        if wishes.sheet and wishes.sheet not in titles:
            message = _("There is no sheet %(name)s. There are: %(names)s")
            raise base.refuse(message % {"name": wishes.sheet, "names": ", ".join(titles[:20])}, "sheet")
        for sheet in (wishes.sheet,) if wishes.sheet else titles:
            sample = [cells for _number, cells in islice(_rows(book, sheet), base.SAMPLE_ROWS)]
            if sample:
                break
        else:
            raise base.refuse(_("The file is empty."))
    first = [cell.strip() for cell in sample[0]]
    header = base.is_header(first, sample[1:], wishes.known) if wishes.header is None else wishes.header
    width = max(len(first), *(len(cells) for cells in sample)) if not header else len(first)
    columns = base.names(first) if header else base.numbered(width)
    return Layout(path, has_header=header, columns=columns, sheet=sheet, sheets=titles)


FORMAT = Format(
    key="xlsx",
    label=gettext_lazy("Excel workbook (XLSX)"),
    tells=tells,
    recognise=recognise,
    rows=rows,
    options=frozenset({"header", "sheet"}),
)
