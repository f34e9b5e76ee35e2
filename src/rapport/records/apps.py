"""Registers the room with Django, and what SQLite lacks with each connection."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created


def prepare_connection(connection: Any, **_kwargs: Any) -> None:
    """Give SQLite the lower-casing of Unicode that the filters use."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            "rapport_fold", 1, lambda text: text.lower() if isinstance(text, str) else text, deterministic=True
        )


class RecordsConfig(AppConfig):
    """Storage and the two doors."""

    name = "rapport.records"
    label = "records"

    def ready(self) -> None:
        """Prepare each database connection."""
        connection_created.connect(prepare_connection, dispatch_uid="rapport.records")
