"""Rows of the change log, of the table of links, of unique custom values and of forms that were sent."""

from __future__ import annotations

from django.db import models


class Change(models.Model):
    """One act on one record. `diff`: field to [before, after] in JSON form. `batch` names a bulk act or an import."""

    at = models.DateTimeField()
    actor = models.ForeignKey("records.User", models.DO_NOTHING, null=True, db_constraint=False, db_index=False)
    door = models.CharField(max_length=20)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    action = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    diff = models.JSONField(default=dict)
    batch = models.CharField(max_length=40, default="")

    class Meta:
        indexes = (
            models.Index(fields=["object_key", "record_id", "id"], name="change_record"),
            models.Index(fields=["batch", "id"], condition=~models.Q(batch=""), name="change_batch"),
        )

    def __str__(self) -> str:
        return f"{self.object_key} {self.record_id} {self.action}"


class Link(models.Model):
    """One value of a many-references field."""

    object_key = models.CharField(max_length=60)
    field = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    target_id = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["object_key", "field", "record_id", "target_id"], name="link_once"),
        )
        indexes = (models.Index(fields=["object_key", "field", "target_id", "record_id"], name="link_back"),)

    def __str__(self) -> str:
        return f"{self.object_key} {self.record_id} {self.field} {self.target_id}"


class UniqueValue(models.Model):
    """The value of a unique custom field of a live record, folded; the constraint holds under concurrent writers."""

    object_key = models.CharField(max_length=60)
    field = models.CharField(max_length=60)
    value = models.CharField(max_length=300)
    record_id = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["object_key", "field", "value"], name="unique_value"),)
        indexes = (models.Index(fields=["object_key", "record_id"], name="unique_value_record"),)

    def __str__(self) -> str:
        return f"{self.object_key} {self.field} {self.value}"


class Submission(models.Model):
    """A form that was sent: the same token again gives the record that the first one made."""

    token = models.CharField(max_length=64, primary_key=True)
    actor = models.ForeignKey("records.User", models.DO_NOTHING, null=True, db_constraint=False, db_index=False)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.token


class OutboxEntry(models.Model):
    """An event to be told after its commit: `event` is `object.action`, `ids` the records, `batch` as in `Change`."""

    event = models.CharField(max_length=80)
    ids = models.JSONField()
    fields = models.JSONField(default=list)
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.id} {self.event}"
