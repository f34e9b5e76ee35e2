"""Excel workbooks, written while they are sent.

Libraries write a workbook to its end before its first byte can leave; a table needs so little of the format that it
is written here: typed cells, in a zip archive that is a stream. What looks like a formula is a text, and marked as one
that stays so when the cell is edited (`quotePrefix`), so no apostrophe has to stand before it.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from rapport.features.transfer.cells import is_formula, kept
from rapport.features.transfer.writers import base
from rapport.registry.catalog import RegisteredObject

MOST_ROWS, MOST_BYTES = 1_048_576, 1_500_000_000
"""Of one sheet: the format has no more rows, an archive written as a stream no larger parts. Then comes another."""
DIGITS = 15
FIRST_DAY, EPOCH = dt.date(1900, 3, 1), dt.date(1899, 12, 30)
TEXT, QUOTED, DAY = "", ' s="1"', ' s="2"'
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PLAIN = 'numFmtId="0" fontId="0" fillId="0" borderId="0"'
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    f'<cellStyleXfs count="1"><xf {_PLAIN}/></cellStyleXfs><cellXfs count="3"><xf {_PLAIN} xfId="0"/>'
    f'<xf {_PLAIN} xfId="0" quotePrefix="1"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" '
    'applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    "</cellStyles></styleSheet>"
)


class _Pipe:
    """What an archive is written to, and taken from again."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep bytes until they are taken."""
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        """The bytes that came since."""
        taken, self.parts = b"".join(self.parts), []
        return taken


def write(obj: RegisteredObject, names: Sequence[str], pages: base.Pages) -> Iterator[bytes]:
    """The bytes of a workbook, a page of records at a time."""
    columns, pipe, sheets = base.columns(obj, names), _Pipe(), 0
    title, left = capfirst(str(obj.label_plural)), iter(pages)
    head, page = _row(base.labels(columns)), next(left, ())
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        while not sheets or page:
            sheets += 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w") as sheet:
                size = sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{head}'.encode())
                rows = 1
                while page and rows + len(page) <= MOST_ROWS and size < MOST_BYTES:
                    size += sheet.write("".join(_row([_typed(c, row) for c in columns]) for row in page).encode())
                    rows += len(page)
                    yield pipe.take()
                    page = next(left, ())
                sheet.write(b"</sheetData></worksheet>")
        for name, text in _parts(title, sheets).items():
            archive.writestr(name, text)
    yield pipe.take()


def _typed(column: base.Column, row: Any) -> Any:
    """A number or a day where the spreadsheet can hold it, else the text."""
    value = row.values.get(column.field.name)
    key = column.field.type.key
    if key in {"number", "decimal"} and isinstance(value, int | Decimal) and _holds(value):
        return value
    if key == "date" and isinstance(value, dt.date) and value >= FIRST_DAY:
        return value
    return column.cell(row)


def _holds(value: int | Decimal) -> bool:
    number = Decimal(value)
    return number.is_finite() and len(number.as_tuple().digits) <= DIGITS


def _row(values: Sequence[Any]) -> str:
    return f"<row>{''.join(_cell(value) for value in values)}</row>"


def _cell(value: Any) -> str:
    if isinstance(value, dt.date):
        return f"<c{DAY}><v>{(value - EPOCH).days}</v></c>"
    if not isinstance(value, str):
        return f"<c><v>{value}</v></c>"
    if not value:
        return "<c/>"
    text = escape(_ILLEGAL.sub("", kept(value)), {"\r": "&#13;"})
    style = QUOTED if is_formula(value) else TEXT
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{text}</t></is></c>'


def _parts(title: str, sheets: int) -> dict[str, str]:
    """The parts beside the sheets."""
    numbers = range(1, sheets + 1)
    plain = re.sub(r"[\[\]:*?/\\']", " ", title)[:25].strip() or "1"
    named = "".join(
        f'<sheet name={quoteattr(plain if n == 1 else f"{plain} {n}")} sheetId="{n}" r:id="rId{n}"/>' for n in numbers
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
    )
    return {
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{related}'
        f'<Relationship Id="rId{sheets + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{parts}</Types>',
    }


WRITER = base.Writer(
    key="xlsx", label=gettext_lazy("Excel workbook"), extension="xlsx", media_type=f"{_TYPE}.sheet", write=write
)
