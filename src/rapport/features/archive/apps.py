"""Registers the feature."""

import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArchiveConfig(AppConfig):
    """The whole organisation as one archive."""

    name = "rapport.features.archive"
    label = "archive"

    def ready(self) -> None:
        """Register what stays out, and the jobs."""
        from rapport.features.archive import jobs, rules
        from rapport.registry import extensions

        extensions.register(
            rules.FOUNDATION,
            extensions.Job(name=jobs.MAKE, run=jobs.make, label=_("Archive of the organisation"), attempts=2),
            extensions.Job(
                name="forget-archives", run=jobs.forget, label=_("Remove old archives"), every=dt.timedelta(hours=1)
            ),
        )
