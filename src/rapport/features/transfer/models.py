"""Storage of imports: how far each is, and the rows that it refused."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where an import stands."""

    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("done")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")


class ImportRun(models.Model):
    """One import of one file. `position`, the number of rows that are dealt with, is written together with them.

    `made`: what it made beside records, as `making.Made`. Undone, `undone_to` is the act behind which all is taken
    back, `undone` how many acts were.
    """

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
    updated = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    noted = models.BigIntegerField(default=0)
    made = models.JSONField(default=dict)
    undone_to = models.BigIntegerField(null=True)
    undone = models.BigIntegerField(default=0)
    user_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["object_key", "sha256"], name="importrun_file"),)

    def __str__(self) -> str:
        return f"{self.object_key} {self.name}"


class ImportDraft(models.Model):
    """A file that was uploaded to be imported: how it is read, where its columns go, which of these places are guesses.

    `trial`: what trying gave, a `Report`. Kept until it is begun or thrown away, and no longer than thirty days.
    """

    object_key = models.CharField(max_length=60)
    name = models.CharField(_("file"), max_length=200)
    path = models.CharField(max_length=1000)
    source = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    guessed = models.JSONField(default=list)
    trial = models.JSONField(null=True)
    user_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["user_id", "-id"], name="importdraft_user"),)

    def __str__(self) -> str:
        return f"{self.object_key} {self.name}"


class ImportIssue(models.Model):
    """A row that was refused, or (`imported`) taken without what was wrong in it. Kept for thirty days.

    With `matches` it waits for an answer: the keys of the records that it is about.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="+", db_index=False)
    line = models.BigIntegerField()
    cells = models.JSONField(default=list)
    reasons = models.TextField()
    imported = models.BooleanField(default=False)
    matches = models.JSONField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["run", "imported", "line"], name="importissue_run"),
            models.Index(fields=["run", "line"], condition=models.Q(matches__isnull=False), name="importissue_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.line}: {self.reasons}"


class ImportKept(models.Model):
    """What undoing an import left: a record as it is, or some of its fields, and why (`reverting.Why`)."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="+", db_index=False)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    action = models.CharField(max_length=12)
    fields = models.JSONField(default=list)
    why = models.CharField(max_length=10)

    class Meta:
        indexes = (models.Index(fields=["run", "id"], name="importkept_run"),)

    def __str__(self) -> str:
        return f"{self.object_key} {self.record_id}"
