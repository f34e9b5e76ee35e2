"""Sets of rows, prepared as far as that needs no lock; here, or by a helper in a process of its own."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, overload

from rapport.features.transfer import pacing
from rapport.features.transfer.formats.base import Cells, Rows
from rapport.features.transfer.rows import Row, RowPlan
from rapport.records import write
from rapport.records.write import Batch, carrying

Raw = Sequence[tuple[int, Cells]]


class Kept:
    """The rows of a set; those of a helper are unpacked when they are looked at."""

    def __init__(self, rows: list[Row] | None, packed: bytes = b"") -> None:
        self._rows, self._packed = rows, packed

    @property
    def untouched(self) -> bool:
        """Whether nobody has looked."""
        return self._rows is None

    @property
    def rows(self) -> list[Row]:
        """All of them."""
        if self._rows is None:
            self._rows = [Row.of(*state) for state in pickle.loads(self._packed)]  # noqa: S301  from the helper
        return self._rows


class Sound(Sequence[Row]):
    """Those of the rows that were sound when they were prepared."""

    def __init__(self, kept: Kept, size: int) -> None:
        self.kept, self.size = kept, size
        self.found: list[Row] | None = None

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | Sequence[Row]:
        if self.found is None:
            self.found = [row for row in self.kept.rows if row.sound]
        return self.found[at]


@dataclass(frozen=True, slots=True)
class RowSet:
    """`size` rows, and the records that those of them become that are `sound`. `clean`: there is nothing to tell."""

    size: int
    clean: bool
    kept: Kept
    sound: Sound
    batch: Batch

    def outcome(self) -> tuple[Sequence[Row], int]:
        """Rows of which there may be something to tell, and how many others became records."""
        return ((), self.size) if self.clean and self.kept.untouched else (self.kept.rows, 0)


def here(plan: RowPlan, raw: Raw) -> RowSet:
    """Prepare rows in this process."""
    rows = [plan.row(line, cells) for line, cells in raw]
    plan.resolve(rows)
    sound = [row for row in rows if not row.errors]
    for row in sound:
        row.sound = True
    batch = write.cleaned(plan.caller, plan.obj.key, [row.values for row in sound])
    if plan.handling is not None:
        plan.handling.get_ready(batch)
    kept = Kept(rows)
    return RowSet(len(rows), not any(row.errors or row.notes for row in rows), kept, Sound(kept, len(sound)), batch)


def each_here(plan: RowPlan, lines: Rows) -> Iterator[RowSet]:
    """Sets of all these rows, prepared in this process."""
    while raw := list(islice(lines, pacing.LEAST)):
        yield here(plan, raw)


def packed(plan: RowPlan, raw: Raw) -> bytes:
    """Prepare rows, to be written by another process. Where that is refused here, they go as they came."""
    try:
        done = here(plan, raw)
        kept = pickle.dumps([row.state() for row in done.kept.rows], pickle.HIGHEST_PROTOCOL)
        found: Any = (done.size, done.clean, kept, len(done.sound), carrying.packed(done.batch))
        return pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
    except Exception:
        return pickle.dumps(list(raw), pickle.HIGHEST_PROTOCOL)


def unpacked(plan: RowPlan, message: bytes) -> RowSet:
    """The inverse of `packed`; what another process could not prepare is prepared here."""
    found = pickle.loads(message)  # noqa: S301  from the helper
    if isinstance(found, list):
        return here(plan, found)
    size, clean, packed_rows, sound, batch = found
    kept = Kept(None, packed_rows)
    return RowSet(size, clean, kept, Sound(kept, sound), carrying.unpacked(plan.caller, plan.obj, batch))
