"""A bulk write among other writers.

SQLite has one writer at a time, and those who wait look again every other millisecond (`config.sqlite3`). So while
others write, a transaction is short, and between two of them is a gap in which each who waits has looked. Alone,
transactions grow: what each costs beside its rows is then shared by many. Who comes meanwhile says so, and the
transaction ends with the rows at hand.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection

from rapport.features.transfer.checkpoints import Checkpoints
from rapport.lib.sql import Sql
from rapport.records import db

FIRST, LEAST, MOST, PATIENT = 480, 240, 4_800, 9_600
"""Rows of the first, of the shortest and of the longest transaction, and of the longest that ends for who waits.

They come in sets of the shortest. Sets of whole statements: see `records.db.ROWS`.
"""
SHORT, LONG, LONGER = 0.075, 0.4, 1.0
"""Seconds that a transaction may take while others write, alone, and alone where it ends for who waits.

Once somebody wrote, one that ends for who waits is short to the end of the import: its commit is then soon done, too.
"""
GAP = 0.004
"""Seconds between two transactions while others write: some looks of those who wait, on a busy machine too."""
HOME_EVERY = 4
"""Gaps from one to the next in which the log goes to its place: it stays short, and the disk is waited for less."""
REMEMBERED, EXPECTED = 5.0, 1.5
"""Seconds for which writers that were seen are expected to come again, and where transactions end for who waits."""
CHECKPOINT_PAGES, CACHE_KIB = 100_000, 128 * 1024
"""How long SQLite's log grows (400 MB) before a bulk write brings it to its place, and what it keeps in memory.

Index pages are written again in each transaction: the longer the log, the more of them go to their place once for
many; and what a transaction changes fits into memory, so that nothing is written twice within it.
"""
COLLECT_EVERY = 250_000


class Pacer:
    """Says how many `rows` the next transaction may have; `rest` before it, `took` after it.

    A `patient` one is longer: within it is `begun`, and after each set it ends where it is `awaited`.
    """

    def __init__(self, *, patient: bool = False) -> None:
        self.rows, self.patient = FIRST, patient
        self.most, self.remembered = (PATIENT, EXPECTED) if patient else (MOST, REMEMBERED)
        self.alone = connection.vendor != "sqlite"
        self.version = 0 if self.alone else self._version()
        self.seen = self.ended = -self.remembered
        self.since_collection = self.rests = 0
        self.last_waiting = self._last_waiting()

    def _version(self) -> int:
        """A number that changes when another connection has committed."""
        found = db.row(Sql("PRAGMA data_version"))
        return int(found[0]) if found else 0

    @property
    def crowded(self) -> bool:
        """Whether others write too. Looks."""
        if self.alone:
            return False
        version = self._version()
        if version != self.version:
            self.version, self.seen = version, time.monotonic()
        return time.monotonic() - self.seen < self.remembered

    def begun(self) -> None:
        """The transaction has its turn: who waits from now on waits for it."""
        self.last_waiting = self._last_waiting()

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for the end of the transaction."""
        return self._last_waiting() != self.last_waiting

    def _last_waiting(self) -> int:
        own: Any = connection
        return 0 if self.alone else int(own.last_waiting())

    def rest(self) -> None:
        """Let others write, for as long as they need since the last transaction.

        Now and then what was written goes from SQLite's log to its place meanwhile: else the log would grow, and pages
        that it grows by cost most.
        """
        if self.crowded:
            if self.rests % HOME_EVERY == 0:
                db.row(Sql("PRAGMA wal_checkpoint(PASSIVE)"))
            self.rests += 1
            if (left := self.ended + GAP - time.monotonic()) > 0:
                time.sleep(left)

    def took(self, rows: int, seconds: float) -> None:
        """A transaction of so many rows took so long."""
        self.ended = time.monotonic()
        if self.awaited:
            self.seen, self.last_waiting = self.ended, self._last_waiting()
        fitting = int(rows * self._limit() / seconds) if seconds > 0 else self.most
        self.rows = max(LEAST, min(self.most, fitting, 2 * max(rows, LEAST)))
        self.since_collection += rows
        if self.since_collection >= COLLECT_EVERY:
            self.since_collection = 0
            gc.collect()

    def _limit(self) -> float:
        """Seconds that the next transaction may take."""
        if not self.patient:
            return SHORT if self.crowded else LONG
        return SHORT if self.crowded or self.seen >= 0 else LONGER


@contextmanager
def few_collections() -> Iterator[None]:
    """Spare Python looking for garbage among all that a bulk write makes: it leaves no cycles behind."""
    enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()


@contextmanager
def settings_of_bulk() -> Iterator[None]:
    """On SQLite: let the log grow while much is written (it is written back at the end), and don't read all JSON again.

    That it is JSON is checked by every row's table: a twelfth of the work, for what was made a moment before. Nor is
    the disk waited for at each commit (`synchronous` NORMAL): should the power fail, the last transactions may be gone
    as a whole, rows and position, and the import goes on from there. Whoever else commits waits for all before it too.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    meanwhile = {
        "wal_autocheckpoint": CHECKPOINT_PAGES, "cache_size": -CACHE_KIB, "ignore_check_constraints": 1,
        "synchronous": 1, "journal_size_limit": -1,
    }  # fmt: skip
    before = {name: (db.row(Sql(f"PRAGMA {name}")) or (0,))[0] for name in meanwhile}
    _set(meanwhile | {"synchronous": min(1, before["synchronous"])})
    try:
        with Checkpoints():
            yield
    finally:
        _set(before)
        db.row(Sql("PRAGMA wal_checkpoint(PASSIVE)"))


def _set(pragmas: Mapping[str, int]) -> None:
    for name, value in pragmas.items():
        db.row(Sql(f"PRAGMA {name} = {int(value)}"))
