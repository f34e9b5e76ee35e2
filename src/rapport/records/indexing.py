"""What the planner of the database has to go by: indexes of references, and statistics.

Django indexes every foreign key whole. Most references of a CRM are empty most of the time (a task has a person or a
deal or a ticket), so a whole index costs every write an entry that nobody looks up, and its statistics tell a planner
that the column is worthless. After each migration the index of an empty-able reference is made one of the rows that
have it, and one that another index begins with is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, connections, models

SAMPLE = 1_000
"""Entries of an index that SQLite reads to learn how many rows share a value; changed rows that PostgreSQL ignores."""
_INDEXES = {
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
}


def narrow(*, using: str = "default", **_signal: Any) -> None:
    """Bring the indexes of all references into this form; does nothing where they are in it already."""
    connection = connections[using]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES[connection.vendor])
        whole = {found[:2]: found[2] for row in cursor.fetchall() if (found := _whole(*row))}
        for table, column, wanted in _references():
            if (table, column) not in whole:
                continue
            name = whole[table, column]
            cursor.execute(f"DROP INDEX {quote(name)}")
            if wanted:
                condition = f"{quote(column)} IS NOT NULL"
                cursor.execute(f"CREATE INDEX {quote(name)} ON {quote(table)} ({quote(column)}) WHERE {condition}")


def look_again() -> None:
    """Tell the planner how the tables have grown, one by one, so that no writer waits long.

    A server of PostgreSQL looks by itself too, but a minute after the growth or much later, and meanwhile it goes by
    what it knew of nearly empty tables: a plan that reads all links for those of one record.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit = {SAMPLE}")
        for table in _grown() if connection.vendor == "postgresql" else _tables():
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")


def _tables() -> list[str]:
    return sorted({model._meta.db_table for model in apps.get_models() if model._meta.managed})


def _grown() -> list[str]:
    """Tables of which a tenth has changed since PostgreSQL looked at them (`autovacuum_analyze_scale_factor`)."""
    text = (
        "SELECT relname FROM pg_stat_user_tables WHERE schemaname = current_schema() "
        "AND n_mod_since_analyze > %s + 0.1 * n_live_tup ORDER BY relname"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, (SAMPLE,))
        return [table for (table,) in cursor.fetchall()]


def _whole(table: str, name: str, text: str) -> tuple[str, str, str] | None:
    """Table, column and name of an index that Django made of one whole column; None for any other."""
    head, _paren, rest = text.rpartition("(")
    column, end = rest.removesuffix(")").strip('"'), rest[-1:]
    own = end == ")" and name.startswith(f"{table}_{column}_"[:20]) and not head.startswith("CREATE UNIQUE")
    return (table, column, name) if own and "," not in column else None


def _references() -> Iterator[tuple[str, str, bool]]:
    """Table and column of each reference that wants no whole index, and whether it wants one of its own at all."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and getattr(field, "db_index", False) and not field.unique:
                covered = _covered(model, field)
                if covered or field.null:
                    yield model._meta.db_table, str(field.column), not covered


def _covered(model: type[models.Model], field: models.ForeignKey[Any, Any]) -> bool:
    """Whether another index of all rows that have the reference begins with it."""
    filled = models.Q(**{f"{field.name}__isnull": False})
    for other in (*model._meta.indexes, *model._meta.constraints):
        fields = getattr(other, "fields", ())
        condition = getattr(other, "condition", None)
        if fields and fields[0] == field.name and (condition is None or (field.null and condition == filled)):
            return True
    return False
