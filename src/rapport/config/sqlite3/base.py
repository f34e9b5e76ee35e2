"""SQLite has one writer at a time; here those who wait for their turn look for it every other millisecond.

Its own busy handler sleeps longer from look to look, up to 100 ms (`sqliteDefaultBusyCallback` in its main.c). Who has
waited for a while then misses one gap after the other, and a bulk write has to leave long ones for everybody's sake.
Who waits says so by the time of a file beside the database: a bulk write that sees it ends its transaction early.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress

from django.db import OperationalError
from django.db.backends.sqlite3 import base

LOOK = 0.002
"""Seconds between two looks."""
WAITING = "-waiting"
"""What the name of the file whose time tells when somebody waited last has behind that of the database."""
PATIENCE = 5.0
"""Seconds to wait where the option `timeout` is not given: the driver's own."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions wait for other writers by short looks."""

    before_savepoint: Callable[[], None] | None = None
    """Done before each savepoint, so that rolling back to it takes nothing along that was to be before it."""

    def _savepoint(self, sid: str) -> None:
        if self.before_savepoint is not None:
            self.before_savepoint()
        super()._savepoint(sid)  # type: ignore[misc]

    def _start_transaction_under_autocommit(self) -> None:
        """Begin, after all who write now. Raises OperationalError after the seconds of the option `timeout`."""
        patience = float(self.settings_dict["OPTIONS"].get("timeout", PATIENCE))
        end, healthy = time.monotonic() + patience, not self.errors_occurred
        self._wait_at_most(0)
        try:
            while True:
                try:
                    super()._start_transaction_under_autocommit()  # type: ignore[misc]
                except OperationalError as error:
                    if not _is_busy(error) or time.monotonic() >= end:
                        raise
                    self._say_waiting()
                    if healthy:  # A turn that somebody else has says nothing of the connection.
                        self.errors_occurred = False
                else:
                    return
                time.sleep(LOOK)
        finally:
            self._wait_at_most(patience)

    def last_waiting(self) -> int:
        """When somebody last waited for a turn to write, in nanoseconds of this machine's clock; 0 where unknown."""
        with suppress(OSError):
            return os.stat(f"{self.settings_dict['NAME']}{WAITING}").st_mtime_ns
        return 0

    def _say_waiting(self) -> None:
        name, now = str(self.settings_dict["NAME"]), time.time_ns()
        if not os.path.isabs(name):
            return  # In memory, where nobody else is.
        with suppress(OSError):
            try:
                os.utime(name + WAITING, ns=(now, now))
            except FileNotFoundError:
                os.close(os.open(name + WAITING, os.O_CREAT | os.O_WRONLY, 0o600))

    def _wait_at_most(self, seconds: float) -> None:
        """How long the busy handler waits from now on."""
        with suppress(sqlite3.Error):
            self.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}").close()


def _is_busy(error: OperationalError) -> bool:
    code: int = getattr(error.__cause__, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY
