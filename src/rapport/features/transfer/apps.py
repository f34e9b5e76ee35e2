"""Registers the feature."""

import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TransferConfig(AppConfig):
    """Records in from files and out to files."""

    name = "rapport.features.transfer"
    label = "transfer"

    def ready(self) -> None:
        """Register the command, the jobs and the erasure."""
        from rapport.features.transfer import erasing, jobs, runs
        from rapport.features.transfer.commands import import_
        from rapport.registry import extensions

        extensions.register(
            extensions.Command(name="import", callback=import_),
            extensions.Job(name=jobs.JOB, run=jobs.run_import, label=_("Import")),
            extensions.Job(
                name="forget-imports", run=runs.forget, label=_("Forget old imports"), every=dt.timedelta(days=1)
            ),
            extensions.PersonalData(name="imports", objects=("*",), erase=erasing.erase),
        )
