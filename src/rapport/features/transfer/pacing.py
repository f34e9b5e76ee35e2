"""A bulk write among other writers: on SQLite, which has one writer at a time, it pauses as long as it wrote.

Waiting writers sleep and starve otherwise. Alone, a bulk write does not pause, but for a look now and then.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from rapport.lib.sql import Sql
from rapport.records import db

REMEMBERED = 5.0
"""Seconds for which writers that were seen are expected to come again."""
LOOK_EVERY = 10
CHECKPOINT_PAGES = 20_000
COLLECT_EVERY = 50


class Pacer:
    """`rest(seconds)` after each transaction, with the time that it took."""

    def __init__(self) -> None:
        self.active = connection.vendor == "sqlite"
        self.version = self._version() if self.active else 0
        self.seen = -REMEMBERED
        self.count = 0

    def _version(self) -> int:
        """A number that changes when another connection has committed."""
        found = db.row(Sql("PRAGMA data_version"))
        return int(found[0]) if found else 0

    def rest(self, seconds: float) -> None:
        """Let others write."""
        self.count += 1
        if self.count % COLLECT_EVERY == 0:
            gc.collect()
        if not self.active:
            return
        version = self._version()
        if version != self.version:
            self.version, self.seen = version, time.monotonic()
        if time.monotonic() - self.seen < REMEMBERED:
            time.sleep(seconds)
        elif self.count % LOOK_EVERY == 0:
            # Someone may be waiting who never got a turn; half a pause lets them show.
            time.sleep(seconds / 2)


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
def rare_checkpoints() -> Iterator[None]:
    """Let SQLite's log grow while much is written; it is written back at the end."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    before = db.row(Sql("PRAGMA wal_autocheckpoint"))
    db.row(Sql(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}"))
    try:
        yield
    finally:
        db.row(Sql(f"PRAGMA wal_autocheckpoint={int(before[0]) if before else 1000}"))
        db.row(Sql("PRAGMA wal_checkpoint(PASSIVE)"))
