"""A dump of PostgreSQL by COPY, for machines without its client programs, or with older ones.

Tables come from the migrations, rows and sequences from the dump; indexes made while running are made again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from rapport.config.backup import migrations
from rapport.config.backup.manifest import BackupError
from rapport.config.creating import create_tables

FOLDER = "database"
CATALOG = "catalog.json"
CHUNK = 1024 * 1024

_COLUMNS = """
    SELECT c.relname, array_agg(a.attname ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.relname ORDER BY c.relname"""
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


class Catalog(msgspec.Struct, frozen=True):
    """What the dump holds beside rows; `tables` in the order of their files `<n>.copy`, with columns."""

    tables: list[tuple[str, list[str]]]
    sequences: dict[str, int | None]
    indexes: dict[str, str]


def dump(folder: Path) -> list[Path]:
    """One file for each table and a catalogue, all as of one moment."""
    target = folder / FOLDER
    target.mkdir()
    written = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        catalog = _read_catalog(cursor)
        for number, (table, columns) in enumerate(catalog.tables):
            path = target / f"{number}.copy"
            with path.open("wb") as out, cursor.copy(_copy(table, columns, "TO STDOUT")) as rows:
                for chunk in rows:
                    out.write(chunk)
            written.append(path)
    path = target / CATALOG
    path.write_bytes(msgspec.json.encode(catalog))
    return [*written, path]


def _copy(table: str, columns: list[str], direction: str) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) " + direction).format(sql.Identifier(table), names)


def _read_catalog(cursor: Any) -> Catalog:
    cursor.execute(_COLUMNS)
    tables = [(name, list(columns)) for name, columns in cursor.fetchall()]
    cursor.execute(_SEQUENCES)
    sequences = dict(cursor.fetchall())
    cursor.execute(_INDEXES)
    return Catalog(tables=tables, sequences=sequences, indexes=dict(cursor.fetchall()))


def verify(folder: Path) -> None:
    """Raises BackupError unless the catalogue can be read and every table has its file."""
    try:
        catalog = msgspec.json.decode((folder / FOLDER / CATALOG).read_bytes(), type=Catalog)
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupError("The database in the backup can't be read: its catalogue is missing or damaged.") from error
    for number, (table, _) in enumerate(catalog.tables):
        if not (folder / FOLDER / f"{number}.copy").is_file():
            raise BackupError(f"The database in the backup is incomplete: table {table} is missing.")


def place(folder: Path, _kept: Path, applied: list[str]) -> None:
    """Replace all that the database holds by the dump, in one transaction."""
    catalog = msgspec.json.decode((folder / FOLDER / CATALOG).read_bytes(), type=Catalog)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        _make_tables(cursor, applied)
        names = [sql.Identifier(table) for table, _ in catalog.tables]
        cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(names)))
        for name in names:
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
        for number, (table, columns) in enumerate(catalog.tables):
            with (
                (folder / FOLDER / f"{number}.copy").open("rb") as rows,
                cursor.copy(_copy(table, columns, "FROM STDIN")) as copy,
            ):
                while chunk := rows.read(CHUNK):
                    copy.write(chunk)
        _settle(cursor)
        for name in names:
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))
        for sequence, last in catalog.sequences.items():
            if last is not None:
                cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s)", [sequence, last])
        cursor.execute(_INDEXES)
        there = dict(cursor.fetchall())
        for index, definition in catalog.indexes.items():
            if index not in there:
                cursor.execute(definition)


def _make_tables(cursor: Any, applied: list[str]) -> None:
    """Bring the empty database to exactly the migrations that the backup had; in one go where those are all."""
    executor = MigrationExecutor(connection)
    known = executor.loader.graph.nodes.keys()
    wanted = migrations.nodes(applied) & known
    if wanted == known:
        create_tables(executor)
        _settle(cursor)
        return
    needed = {parent.key for node in wanted for parent in executor.loader.graph.node_map[node].parents}
    executor.progress_callback = lambda action, *_: _settle(cursor) if action == "apply_success" else None
    executor.migrate(sorted(wanted - needed))


def _settle(cursor: Any) -> None:
    """Check deferred references now: PostgreSQL alters no table with checks outstanding."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
