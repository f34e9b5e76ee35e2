"""Whether an error means that the database or the disk is away for a moment."""

from __future__ import annotations

import errno
import sqlite3

from django.db import InterfaceError, OperationalError

RETRY_SECONDS = 10
"""When whoever was refused for it may try again."""

# SQLite says OperationalError for a wrong query too; only these mean that the database or its disk is away.
_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PROTOCOL,
}


def is_away(error: BaseException | None) -> bool:
    """Whether an error means that the database or the disk can't be used right now, so that a retry may help."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_AWAY
    return True
