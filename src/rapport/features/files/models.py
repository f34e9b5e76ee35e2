"""Storage of file records; the bytes lie in the configured file storage."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.records.base import LIVE, Record, SortIndex


class File(Record):
    """An uploaded file; `object_key` and `record_id` name the record that it belongs to, if any."""

    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100, editable=False, default="application/octet-stream")
    size = models.BigIntegerField(_("size"), editable=False, default=0)
    sha256 = models.CharField(max_length=64, editable=False, default="")
    path = models.CharField(max_length=200, editable=False, default="")
    object_key = models.CharField(max_length=60, blank=True, editable=False, default="")
    record_id = models.BigIntegerField(null=True, blank=True, editable=False)
    revision = models.PositiveIntegerField(_("version"), editable=False, default=1)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("file"), _("files")
        indexes = (
            *Record.Meta.indexes,
            SortIndex("name", name="file_name"),
            models.Index(fields=["object_key", "record_id", "id"], condition=LIVE, name="file_of_record"),
        )

    def __str__(self) -> str:
        return self.name


class FileVersion(models.Model):
    """What a file held before it was uploaded again."""

    file = models.ForeignKey(File, models.CASCADE, related_name="+", db_index=False)
    revision = models.PositiveIntegerField()
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200, db_index=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["file", "revision"], name="file_version_once"),)

    def __str__(self) -> str:
        return f"{self.file_id} {self.revision}"
