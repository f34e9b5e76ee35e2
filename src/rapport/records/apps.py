"""Registers the room with Django, and what SQLite lacks with each connection."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.apps import AppConfig
from django.core.checks import register as register_check
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


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
        """Register what the domains declare, the engine's own jobs, and the preparation of connections."""
        from rapport.records import indexing
        from rapport.records.bulk import running
        from rapport.records.jobs import housekeeping, outbox
        from rapport.records.write import absorbing
        from rapport.registry import checks, discovery, extensions

        discovery.discover()
        register_check(checks.check_objects)
        connection_created.connect(prepare_connection, dispatch_uid="rapport.records")
        post_migrate.connect(indexing.narrow, sender=self, dispatch_uid="rapport.records.indexing")
        extensions.register(
            extensions.On(name="late-pointers", events=("*.merged",), run=absorbing.catch_up),
            extensions.Job(name=outbox.JOB, run=outbox.tell, label=_("Follow up on a change"), kept=False),
            extensions.Job(name=running.JOB, run=running.run, label=_("Change many records"), attempts=10),
            extensions.Job(
                name="housekeeping", run=housekeeping.keep_house, label=_("Empty old trash"), every=dt.timedelta(days=1)
            ),
            extensions.Job(name="empty-trash", run=housekeeping.empty_trash, label=_("Empty the trash")),
        )
