"""Registers the feature."""

import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DuplicatesConfig(AppConfig):
    """Records that may be one."""

    name = "rapport.features.duplicates"
    label = "duplicates"

    def ready(self) -> None:
        """Register what follows merges and erasure, what keeps the blocking keys, and the jobs."""
        from rapport.features.duplicates import comparing, following, keeping
        from rapport.features.duplicates.nightly import passing
        from rapport.registry import extensions

        extensions.register(
            extensions.Within(name="duplicates", run=following.run),
            extensions.PersonalData(name="duplicates", objects=("*",), erase=following.erase),
            extensions.Within(name="duplicate-keys", run=keeping.run),
            extensions.ArchiveRule(
                name="duplicates",
                out={
                    "duplicates.DuplicateKey": "made anew of the records by the next look at what is marked",
                    "duplicates.KeyState": "made anew with the keys",
                    "duplicates.NewRecords": "work of the moment of this deployment",
                },
            ),
            extensions.PersonalData(name="duplicate-keys", objects=("*",), erase=keeping.erase),
            extensions.On(name="duplicates", events=comparing.EVENTS, run=comparing.note),
            extensions.Job(name=comparing.JOB, run=comparing.look, label=_("Look for duplicates of new records")),
            extensions.Job(
                name="duplicates-follow", run=comparing.follow, label=_("Look for duplicates by what is marked now"),
                every=dt.timedelta(minutes=15),
            ),
            passing.JOB,
        )  # fmt: skip
