"""A consistent copy of the SQLite database, taken while others write, and its way back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings

from rapport.config.backup.manifest import BackupError

MEMBER = "database.sqlite3"


def path() -> Path:
    """Where the database of this deployment is."""
    return Path(settings.DATABASES["default"]["NAME"])


def dump(folder: Path) -> list[Path]:
    """Copy the database by SQLite's online backup: the state of one moment, and writers need not wait."""
    target = folder / MEMBER
    with closing(sqlite3.connect(path())) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    return [target]


def is_empty() -> bool:
    """Whether there is no database yet, or one without a table."""
    if not path().exists():
        return True
    with closing(sqlite3.connect(path())) as database:
        return not database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()


def verify(folder: Path) -> None:
    """Raises BackupError unless SQLite finds the copy whole, references included."""
    try:
        with closing(sqlite3.connect(folder / MEMBER)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check")]
            dangling = database.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"The database in the backup can't be read: {error}") from error
    if found != ["ok"]:
        raise BackupError(f"The database in the backup is damaged: {found[0]}")
    if dangling:
        raise BackupError(f"The database in the backup has a row of {dangling[0]} that points nowhere.")


def place(folder: Path, kept: Path, _applied: list[str]) -> None:
    """Put the copy in place in one step. The old database is kept as a second name in `kept`."""
    target = path()
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        with closing(sqlite3.connect(target)) as database:
            busy = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise BackupError("Another program has the database open. Stop Rapport, then restore.")
        os.link(target, kept / target.name)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    (folder / MEMBER).replace(target)
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
