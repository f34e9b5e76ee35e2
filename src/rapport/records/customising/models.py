"""Definitions of custom fields and objects, and the one table of all custom objects' records."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.records.base import LIVE, Record, SortIndex


class CustomObject(models.Model):
    """An object that the organisation made. Its key never changes."""

    key = models.CharField(max_length=40, unique=True)
    plural = models.CharField(max_length=60, unique=True)
    label = models.CharField(_("name"), max_length=60)
    label_plural = models.CharField(_("plural name"), max_length=60)
    icon = models.CharField(_("icon"), max_length=40, default="box")
    settings = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.label


class CustomField(models.Model):
    """A field that the organisation added to an object. Key and type never change; a removed one keeps its data."""

    object_key = models.CharField(max_length=60)
    key = models.CharField(max_length=40)
    type = models.CharField(max_length=20)
    label = models.CharField(_("name"), max_length=80)
    help = models.CharField(_("help text"), max_length=300, blank=True)
    required = models.BooleanField(_("required"), default=False)
    required_if = models.JSONField(null=True)
    unique = models.BooleanField(_("unique"), default=False)
    indexed = models.BooleanField(_("indexed"), default=False)
    target = models.CharField(max_length=60, blank=True)
    back = models.CharField(max_length=100, blank=True, default="")
    choices = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["object_key", "key"], name="custom_field_key"),)
        ordering = ("object_key", "position", "id")

    def __str__(self) -> str:
        return f"{self.object_key}.{self.key}"


class CustomRecord(Record):
    """A record of a custom object; its fields are custom values but for the title."""

    object = models.ForeignKey(CustomObject, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name, verbose_name_plural = _("record"), _("records")
        indexes = (
            models.Index(fields=["object", "updated_at", "id"], condition=LIVE, name="customrecord_updated"),
            models.Index(fields=["object", "owner", "updated_at", "id"], condition=LIVE, name="customrecord_owner"),
            models.Index(fields=["object", "team", "updated_at", "id"], condition=LIVE, name="customrecord_team"),
            SortIndex("name", name="customrecord_name"),
        )

    def __str__(self) -> str:
        return self.name
