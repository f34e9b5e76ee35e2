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
        from rapport.features.transfer import answering, drafts, erasing, jobs, runs, undoing
        from rapport.features.transfer.commands import import_
        from rapport.registry import extensions

        extensions.register(
            extensions.Command(name="import", callback=import_),
            extensions.Job(name=jobs.JOB, run=jobs.run_import, label=_("Import")),
            extensions.Job(name=answering.JOB, run=answering.run_answers, label=_("Answers for an import")),
            extensions.Job(name=undoing.JOB, run=undoing.run_undo, label=_("Undoing an import")),
            extensions.Job(name=drafts.TRY, run=drafts.run_trial, label=_("Trying an import")),
            extensions.Job(
                name="forget-imports", run=runs.forget, label=_("Forget old imports"), every=dt.timedelta(days=1)
            ),
            extensions.ArchiveRule(
                name="transfer",
                out={
                    "transfer.ImportRun": "imports under way, with files that are kept for thirty days",
                    "transfer.ImportDraft": "files that were uploaded and not imported yet",
                    "transfer.ImportIssue": "rows that imports refused, kept for thirty days",
                    "transfer.ImportKept": "what undoing such an import left",
                },
            ),
            extensions.PersonalData(name="imports", objects=("*",), erase=erasing.erase),
        )
