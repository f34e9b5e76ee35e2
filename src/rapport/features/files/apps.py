"""Registers the feature."""

import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    """Files on any record: stored once, rights of the record they belong to."""

    name = "rapport.features.files"
    label = "files"

    def ready(self) -> None:
        """Register the object, the daily cleaning and the erasure."""
        from rapport.features.files import cleaning, specs
        from rapport.registry import catalog, extensions

        catalog.register(specs.file)
        extensions.register(
            extensions.Job(
                name="clean-files", run=cleaning.clean, label=_("Remove unused files"), every=dt.timedelta(days=1)
            ),
            extensions.ArchiveRule(
                name="files", files={"files.File": ("path", "sha256"), "files.FileVersion": ("path", "sha256")}
            ),
            extensions.PersonalData(name="files", objects=("*",), erase=cleaning.erase),
        )
