"""The database as of one moment, read by a connection of its own while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from rapport.features.archive.tables import Row, Table

BATCH = 2000
_BEGIN = {
    "sqlite": "BEGIN",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}


class Source:
    """What an archive asks of the database."""

    def __init__(self, wrapper: BaseDatabaseWrapper) -> None:
        self.wrapper, self.vendor = wrapper, wrapper.vendor

    def rows(self, text: str) -> Iterator[list[Row]]:
        """The rows of a statement, `BATCH` at a time."""
        with self.wrapper.chunked_cursor() as cursor:
            cursor.execute(text)
            while found := cursor.fetchmany(BATCH):
                yield found

    def value(self, text: str, *params: Any) -> Any:
        """The first value of the first row; None without one."""
        with self.wrapper.cursor() as cursor:
            cursor.execute(text, params)
            found = cursor.fetchone()
        return found[0] if found else None

    def last(self, table: Table) -> int:
        """The highest key that a table has ever given; 0 for one that gives none."""
        if not table.key:
            return 0
        if self.vendor == "sqlite":
            return int(self.value("SELECT seq FROM sqlite_sequence WHERE name = %s", table.name) or 0)
        sequence = self.value("SELECT pg_get_serial_sequence(%s, %s)", f'"{table.name}"', table.key)
        return int(self.value(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"))


@contextmanager
def snapshot() -> Iterator[Source]:
    """The database as of now; within a transaction, as that transaction sees it."""
    if connection.in_atomic_block:
        yield Source(connection)
        return
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute(_BEGIN[own.vendor])
        yield Source(own)
    finally:
        own.close()
