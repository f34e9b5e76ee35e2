"""CSV (UTF-8 with a byte order mark, which Excel asks for): labels, then the records, cells made harmless."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from rapport.features.transfer.cells import neutral
from rapport.features.transfer.writers import base
from rapport.registry.catalog import RegisteredObject


def write(obj: RegisteredObject, names: Sequence[str], pages: base.Pages) -> Iterator[bytes]:
    """A header and the lines of each page."""
    columns = base.columns(obj, names)
    yield "\ufeff".encode() + lines([[neutral(label) for label in base.labels(columns)]])
    for page in pages:
        yield lines([[neutral(column.cell(row)) for column in columns] for row in page])


def lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


WRITER = base.Writer(
    key="csv", label=gettext_lazy("CSV"), extension="csv", media_type="text/csv; charset=utf-8", write=write
)
