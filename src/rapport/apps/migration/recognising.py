"""Which tables of a vendor a file is read by: told from its name, or the key of its list, and its columns."""

from __future__ import annotations

from pathlib import PurePosixPath

from rapport.apps.migration.shapes import RECORDS, Table, Vendor, plain
from rapport.apps.migration.sheets import Sheet

ENOUGH = 3
"""Known columns by which a file is recognised whose name says nothing."""


def tables_of(vendor: Vendor, sheet: Sheet) -> list[Table]:
    """The table of a file and those that are read from the same one; none for a file that is not known."""
    found = max(vendor.tables, key=lambda table: _score(table, sheet), default=None)
    if found is None or not any(_score(found, sheet)):
        return []
    columns = set(sheet.plain)
    also = (vendor.by_kind[kind] for kind in found.also)
    return [found, *(t for t in also if (not t.body or _has(columns, t.body)) and t.nested == sheet.nested)]


def _score(table: Table, sheet: Sheet) -> tuple[int, int, float]:
    """How well a file fits: the longest word of its name, whether it has an id, the share of columns known."""
    columns = set(sheet.plain)
    known = len(columns & table.known)
    nothing = (0, 0, 0.0)
    if not table.files or not known or (table.needs and not any(_has(columns, need) for need in table.needs)):
        return nothing
    if table.nested != sheet.nested:
        return nothing
    path = PurePosixPath(sheet.name)
    names = [plain(sheet.list)] if sheet.list else [plain(path.stem), plain(f"{path.parent.name}{path.stem}")]
    word = max((len(plain(w)) for w in table.files if any(plain(w) in name for name in names)), default=0)
    identified = int(_has(columns, table.id))
    if not word and (table.role != RECORDS or known < ENOUGH or not identified):
        return nothing
    return word, identified, known / max(len(columns), 1)


def _has(columns: set[str], names: str) -> bool:
    return any(plain(name) in columns for name in names.split("|") if name.strip())


def guess(vendors: tuple[Vendor, ...], sheets: list[Sheet]) -> Vendor | None:
    """The vendor whose tables know most columns of the files."""

    def share(vendor: Vendor) -> int:
        return sum(len(set(s.plain) & t.known) for s in sheets for t in tables_of(vendor, s)[:1])

    best = max(vendors, key=share, default=None)
    return best if best is not None and share(best) else None
