"""An organisation packed, wiped out and brought back within one test, and what it was before and after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.db import connection

from rapport.features.archive import importing
from rapport.features.archive.exporting import export
from rapport.features.archive.manifest import Manifest
from rapport.features.archive.opening import opened
from rapport.features.archive.tables import models_of, plan
from rapport.lib.sql import quoted
from rapport.records.accounts import caller as callers
from rapport.registry import catalog

KEPT = {"django_content_type", "auth_permission"}


def state() -> dict[str, list[Any]]:
    """Every row of the tables that an archive holds, but of the audit log; JSON is read, as blanks say nothing."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for table in plan(secrets=True).tables:
            if table.name != "records_auditentry":
                kinds = [column.kind.name for column in table.columns]
                cursor.execute(f"SELECT {', '.join(map(quoted, table.names))} FROM {quoted(table.name)}")
                rows = [tuple(map(_plain, kinds, row)) for row in cursor.fetchall()]
                found[table.name] = sorted(rows, key=repr)
    return found


def _plain(kind: str, value: Any) -> Any:
    if kind == "json" and isinstance(value, str):
        return json.loads(value)
    return bytes(value) if isinstance(value, memoryview) else value


def wiped() -> None:
    """Nothing is left but what migrations make."""
    with connection.cursor() as cursor:
        for model in models_of():
            if (name := model._meta.db_table) not in KEPT:
                cursor.execute(f'DELETE FROM "{name}"')
                if connection.vendor == "sqlite":
                    cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [name])
    callers.forget()
    catalog.install(None)


def packed(path: Path, *, secrets: bool = False) -> Manifest:
    """The organisation at hand in an archive."""
    path.unlink(missing_ok=True)
    return export(path, secrets=secrets)


def brought_in(path: Path) -> Manifest:
    """An archive verified and imported."""
    with opened(path) as archive:
        return importing.load(archive, archive.verify())


def there_and_back(path: Path, *, secrets: bool = False) -> Manifest:
    """Packed, wiped out, brought back."""
    packed(path, secrets=secrets)
    wiped()
    return brought_in(path)
