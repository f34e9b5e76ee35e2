"""Storage of migrations: how far each file is, what was refused, and which record each record of a vendor became."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a migration stands."""

    LOOKING = "looking", _("looking")
    READY = "ready", _("ready")
    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    UNDOING = "undoing", _("being undone")
    UNDONE = "undone", _("undone")


class Migration(models.Model):
    """One move from one vendor. `plan` is what was found in the files, `options` what was chosen, `made` what was made
    before the records: custom fields, pipelines, stages, users. `undone` acts were taken back, down to `undone_to`.
    """

    vendor = models.CharField(_("system"), max_length=20)
    name = models.CharField(_("file"), max_length=200)
    path = models.CharField(max_length=1000)
    stored = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.LOOKING)
    plan = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    made = models.JSONField(default=dict)
    undone_to = models.BigIntegerField(null=True)
    undone = models.BigIntegerField(default=0, db_default=0)
    problem = models.TextField(blank=True, default="")
    user_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.vendor} {self.name}"


class MigrationStep(models.Model):
    """One pass over one file: its rows into records, or (`late`) what can only be set when all records are there.

    `position`, the number of rows that are dealt with, is written together with them.
    """

    migration = models.ForeignKey(Migration, models.CASCADE, related_name="+", db_index=False)
    place = models.PositiveIntegerField()
    file = models.CharField(max_length=500)
    kind = models.CharField(max_length=30)
    late = models.BooleanField(default=False)
    columns = models.JSONField(default=list)
    total = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    noted = models.BigIntegerField(default=0)
    done = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["migration", "place"], name="migrationstep_order"),)

    def __str__(self) -> str:
        return f"{self.file} {self.kind}"


class MigrationIssue(models.Model):
    """A row that was refused, or (`imported`) taken without what was wrong in it. Kept for thirty days."""

    step = models.ForeignKey(MigrationStep, models.CASCADE, related_name="+", db_index=False)
    line = models.BigIntegerField()
    cells = models.JSONField(default=list)
    reasons = models.TextField()
    imported = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=["step", "imported", "line"], name="migrationissue_step"),)

    def __str__(self) -> str:
        return f"{self.line}: {self.reasons}"


class MigrationKept(models.Model):
    """What undoing a migration left: a record as it is, or some of its fields, and why (`reverting.Why`)."""

    migration = models.ForeignKey(Migration, models.CASCADE, related_name="+", db_index=False)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    action = models.CharField(max_length=12)
    fields = models.JSONField(default=list)
    why = models.CharField(max_length=10)

    class Meta:
        indexes = (models.Index(fields=["migration", "id"], name="migrationkept_migration"),)

    def __str__(self) -> str:
        return f"{self.object_key} {self.record_id}"


class Provenance(models.Model):
    """The record that a record of a vendor became, so that relations are found and a second run doubles nothing."""

    vendor = models.CharField(max_length=20)
    kind = models.CharField(max_length=30)
    external_id = models.CharField(max_length=100)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    migration_id = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["vendor", "kind", "external_id"], name="provenance_once"),)
        indexes = (models.Index(fields=["object_key", "record_id"], name="provenance_record"),)

    def __str__(self) -> str:
        return f"{self.vendor} {self.kind} {self.external_id}"
