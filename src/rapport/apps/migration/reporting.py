"""What was refused, or taken without a value, as a file."""

from __future__ import annotations

from collections.abc import Iterator

from rapport.features.transfer.cells import neutral, restored
from rapport.features.transfer.writers.delimited import lines
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db

PART = 1000


def issues_csv(migration_id: int) -> Iterator[bytes]:
    """Every row that was refused or noted, as CSV: file, line, whether it came over, why, and its cells.

    Cells are as they came, but for formulas, which are made harmless.
    """
    yield "\ufeff".encode()
    yield lines([["file", "kind", "line", "imported", "why", "cells"]])
    last = (-1, -1)
    while True:
        text = (
            "SELECT s.place, i.id, s.file, s.kind, i.line, i.imported, i.reasons, i.cells "
            "FROM migration_migrationissue i JOIN migration_migrationstep s ON s.id = i.step_id "
            "WHERE s.migration_id = %s AND (s.place > %s OR s.place = %s AND i.id > %s) "
            f"ORDER BY s.place, i.id LIMIT {PART}"
        )
        found = db.rows(Sql(text, (migration_id, last[0], *last)))
        if not found:
            return
        yield lines(
            [
                neutral(file), kind, str(line), "yes" if imported else "no", neutral(reasons),
                *(neutral(restored(str(cell))) for cell in json.column(cells)),
            ]
            for _place, _id, file, kind, line, imported, reasons, cells in found
        )  # fmt: skip
        last = (found[-1][0], found[-1][1])
