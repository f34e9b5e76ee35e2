"""`migrate`, which makes an empty database in one go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from rapport.config import creating

ONLY_SOME = ("app_label", "plan", "fake", "fake_initial", "check_unapplied", "prune", "steps")


class Command(migrate.Command):
    """Django's command, but that an empty database gets its final tables at once."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Besides Django's: `--steps`."""
        super().add_arguments(parser)
        parser.add_argument(
            "--steps", action="store_true", help="Walk through every migration, also where the database is empty."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make an empty database, or migrate one that holds something."""
        if options["database"] == connection.alias and not any(options.get(name) for name in ONLY_SOME):
            executor = MigrationExecutor(connection)
            if not executor.loader.applied_migrations:
                with _hurry():
                    creating.create_tables(executor)
                return
        super().handle(*args, **options)


@contextmanager
def _hurry() -> Iterator[None]:
    """Let SQLite skip waiting for the disk: while a database is made there is nothing to lose."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
    yield
    if connection.vendor == "sqlite":
        connection.close()
