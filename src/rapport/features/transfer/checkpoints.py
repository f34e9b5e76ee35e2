"""SQLite's log brought to its place beside a bulk write, by a thread of its own, instead of within its commits."""

from __future__ import annotations

import logging
import threading
from types import TracebackType

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

EVERY = 0.5
"""Seconds between two checkpoints."""
log = logging.getLogger(__name__)


class Checkpoints:
    """From `with` on, what others have committed to the log goes to its place twice a second.

    They are passive: nobody waits for them. The one who writes starts the log anew when all of it is in its place, and
    sees to what is left over himself by `wal_autocheckpoint`.
    """

    def __init__(self) -> None:
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._work, daemon=True, name="checkpoints")

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self.thread.join()

    def _work(self) -> None:
        """In the thread."""
        own = connections[DEFAULT_DB_ALIAS]
        try:
            while not self.over.wait(EVERY):
                with own.cursor() as cursor:
                    cursor.execute("PRAGMA synchronous = NORMAL")
                    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except DatabaseError:
            log.warning("Checkpoints beside the bulk write ended early; it goes on without.", exc_info=True)
        finally:
            own.close()
