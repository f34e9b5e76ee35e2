"""What the domain adds to the engine."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from rapport.apps.migration import erasing, jobs, pages, undoing
from rapport.apps.migration.commands import migrate_from
from rapport.registry import extensions


def register() -> None:
    """Register the command, the jobs, the erasure and the pages."""
    extensions.register(
        extensions.Command(name="migrate-from", callback=migrate_from),
        extensions.Job(name=jobs.LOOK, run=jobs.run_look, label=_("Looking through an export"), attempts=2),
        extensions.Job(name=jobs.PERFORM, run=jobs.run_migration, label=_("Migration from another system")),
        extensions.Job(name=undoing.JOB, run=undoing.run_undo, label=_("Undoing a migration")),
        extensions.Job(
            name="forget-migrations", run=jobs.forget, label=_("Forget old migrations"), every=dt.timedelta(days=1)
        ),
        pages.SETTING,
        *pages.PAGES,
        extensions.ArchiveRule(
            name="migration",
            out={
                "migration.MigrationIssue": "rows that migrations refused, kept for thirty days",
                "migration.MigrationKept": "what undoing a migration left, told on its page",
            },
        ),
        extensions.PersonalData(name="migrations", objects=("*",), erase=erasing.erase),
    )
