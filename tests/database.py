"""The whole database as a value, to show that a refusal changed nothing."""

from __future__ import annotations

from typing import Any

from django.db import connection

IGNORED = {
    "django_session", "django_migrations", "records_auditentry", "records_cache", "records_workerrow",
    "usersessions_usersession",
}  # fmt: skip


def snapshot(*ignored: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for sessions, audit rows, limits and signs of life."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in IGNORED or table in ignored or table.startswith(("sqlite_", "search_")):
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found
