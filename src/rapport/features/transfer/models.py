"""Storage of imports: how far each is, and the rows that it refused."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where an import stands."""

    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("done")


class ImportRun(models.Model):
    """One import of one file. `position`, the number of rows that are dealt with, is written together with them."""

    object_key = models.CharField(max_length=60)
    name = models.CharField(_("file"), max_length=200)
    path = models.CharField(max_length=1000)
    stored = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64)
    source = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    position = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    noted = models.BigIntegerField(default=0)
    user_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["object_key", "sha256"], name="importrun_file"),)

    def __str__(self) -> str:
        return f"{self.object_key} {self.name}"


class ImportIssue(models.Model):
    """A row that was refused, or (`imported`) taken without what was wrong in it. Kept for thirty days."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="+", db_index=False)
    line = models.BigIntegerField()
    cells = models.JSONField(default=list)
    reasons = models.TextField()
    imported = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["run", "imported", "line"], name="importissue_run"),)

    def __str__(self) -> str:
        return f"{self.line}: {self.reasons}"
