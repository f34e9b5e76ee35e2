"""Which migrations a database has, and whether this version of Rapport knows them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from rapport.config.backup.manifest import BackupError

Node = tuple[str, str]


def applied() -> list[str]:
    """`app.name` of every migration applied to the database, sorted."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def pending() -> list[str]:
    """Migrations that this version has and the database has not."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def nodes(names: Iterable[str]) -> set[Node]:
    """`app.name` taken apart."""
    return {(name.partition(".")[0], name.partition(".")[2]) for name in names}


def require_known(names: Iterable[str]) -> None:
    """Raises BackupError when a database has migrations that this version does not know."""
    loader = MigrationLoader(None)
    replaced = {old for migration in loader.disk_migrations.values() for old in migration.replaces}
    unknown = sorted(nodes(names) - loader.disk_migrations.keys() - replaced)
    if unknown:
        raise BackupError(
            f"The data comes from a newer Rapport (it has {'.'.join(unknown[0])}). Install that version or a newer one."
        )
