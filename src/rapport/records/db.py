"""The one connection, and small helpers over its cursor."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX

from rapport.lib.sql import Dialect, Sql, dialect_of
from rapport.records.errors import TooSlow

CHUNK = 500
ROWS = 40
NOTHING: Mapping[str, Any] = MappingProxyType({})


def dialect() -> Dialect:
    """The dialect of the connection."""
    return dialect_of(connection.vendor)


def rows(statement: Sql) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with _run(statement.text, statement.params) as cursor:
        return list(cursor.fetchall())


def row(statement: Sql) -> tuple[Any, ...] | None:
    """The first row of a statement."""
    with _run(statement.text, statement.params) as cursor:
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


def execute(statement: Sql) -> int:
    """Run a statement; the number of rows that it touched."""
    with _run(statement.text, statement.params) as cursor:
        return int(cursor.rowcount)


def execute_many(text: str, params: Sequence[Sequence[Any]]) -> None:
    """Run a statement once for each set of values."""
    if len(params) == 1:
        execute(Sql(text, tuple(params[0])))
    else:
        _many(text, params)


def _many(text: str, params: Sequence[Sequence[Any]]) -> None:
    found: Any = connections[DEFAULT_DB_ALIAS]
    driver = _driver(found)
    if driver is None:
        with found.cursor() as cursor:
            cursor.executemany(text, params)
        return
    with found.wrap_database_errors:
        driver.executemany(_with_marks_of_sqlite(text), params).close()


@contextlib.contextmanager
def _run(text: str, params: Sequence[Any]) -> Iterator[Any]:
    """The cursor of a statement that was run."""
    found: Any = connections[DEFAULT_DB_ALIAS]
    driver = _driver(found)
    if driver is None:
        with found.cursor() as cursor:
            cursor.execute(text, params)
            yield cursor
        return
    with found.wrap_database_errors, contextlib.closing(driver.execute(_with_marks_of_sqlite(text), params)) as cursor:
        yield cursor


def _driver(found: Any) -> Any:
    """SQLite's own connection: what Django does around each statement takes longer than most statements of a write,
    translating its marks above all. None elsewhere, and where somebody listens to statements, as tests do.
    """
    driver = found.connection
    if driver is None or found.vendor != "sqlite" or found.execute_wrappers or found.queries_logged:
        return None
    found.validate_no_broken_transaction()
    return driver


@lru_cache(maxsize=2000)
def _with_marks_of_sqlite(text: str) -> str:
    return FORMAT_QMARK_REGEX.sub("?", text).replace("%%", "%")


def insert_many(
    table: str,
    columns: Sequence[str],
    values: Sequence[Sequence[Any]],
    *,
    same: Mapping[str, Any] = NOTHING,
) -> None:
    """Insert rows: COPY on PostgreSQL where it pays, several rows a statement on SQLite.

    `same` are further columns, with the value that each has in all rows: SQLite takes it once a statement.
    """
    if not values:
        return
    names = ", ".join(f'"{c}"' for c in (*same, *columns))
    shared = tuple(same.values())
    if connection.vendor == "sqlite":
        _insert(f'INSERT INTO "{table}" ({names}) VALUES', "", values, shared)
        return
    whole = [(*shared, *value) for value in values] if shared else values
    if len(whole) < 20:
        execute_many(f'INSERT INTO "{table}" ({names}) VALUES ({marks(whole[0])})', whole)
        return
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for value in whole:
            copy.write_row(value)


def _insert(head: str, tail: str, values: Sequence[Sequence[Any]], shared: Sequence[Any] = ()) -> None:
    """On SQLite: insert rows, `ROWS` a statement, since each looks up and notes the last key of its table."""
    for size in (ROWS, 1):
        whole = len(values) // size * size
        if whole:
            sets = [[*shared, *chain.from_iterable(part)] for part in chunks(values[:whole], size)]
            run = _many if size > 1 else execute_many
            run(f"{head} {_rows(size, len(shared), len(values[0]))}{tail}", sets)
        values = values[whole:]


@lru_cache(maxsize=500)
def _rows(count: int, shared: int, own: int) -> str:
    """Marks of so many rows, of which the first `shared` values are the same; those of several rows have numbers."""
    if count == 1:
        return f"({marks(range(shared + own))})"
    head = [f"?{n}" for n in range(1, shared + 1)]
    starts = range(shared + 1, shared + 1 + count * own, own)
    return ", ".join(f"({', '.join((*head, *(f'?{n}' for n in range(start, start + own))))})" for start in starts)


def insert_missing(table: str, columns: Sequence[str], values: Sequence[Sequence[Any]], unique: Sequence[str]) -> None:
    """Insert rows of integers and texts, but those whose `unique` columns another row has already."""
    if not values:
        return
    names, taken = ", ".join(f'"{c}"' for c in columns), ", ".join(f'"{c}"' for c in unique)
    if connection.vendor == "postgresql":
        arrays = [list(column) for column in zip(*values, strict=True)]
        types = ", ".join("%s::bigint[]" if isinstance(v, int) else "%s::text[]" for v in values[0])
        text = f'INSERT INTO "{table}" ({names}) SELECT * FROM unnest({types}) ON CONFLICT ({taken}) DO NOTHING'
        execute(Sql(text, tuple(arrays)))
        return
    _insert(f'INSERT INTO "{table}" ({names}) VALUES', f" ON CONFLICT ({taken}) DO NOTHING", values)


def reserve_ids(table: str, count: int) -> list[int]:
    """`count` fresh keys of a table, in ascending order. Call it within the transaction that uses them."""
    found = rows(dialect().reserve(table, count))
    if connection.vendor == "postgresql":
        return sorted(int(r[0]) for r in found)
    last = int(found[0][0])
    return list(range(last + 1, last + 1 + count))


def chunks(items: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """Consecutive slices of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def marks(values: Iterable[Any]) -> str:
    """`%s, %s, …` for the values of an IN list."""
    return ", ".join("%s" for _value in values)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Stop the statements within after `seconds`. Raises TooSlow."""
    postgresql = connection.vendor == "postgresql"
    connection.ensure_connection()
    driver: Any = connection.connection
    if postgresql:
        execute(Sql("SELECT set_config('statement_timeout', %s, false)", (str(int(seconds * 1000)),)))
    else:
        end = time.monotonic() + seconds
        driver.set_progress_handler(lambda: int(time.monotonic() > end), 20_000)
    try:
        yield
    except OperationalError as error:
        if "interrupted" in str(error) or "statement timeout" in str(error):
            raise TooSlow from error
        raise
    finally:
        if not postgresql:
            driver.set_progress_handler(None, 0)
        elif not connection.needs_rollback:
            with contextlib.suppress(Exception):
                execute(Sql("SELECT set_config('statement_timeout', '0', false)"))
