"""Storage of saved views."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A list as someone likes it: filter, columns, sort, grouping, layout. Seen by its owner, a team or everyone."""

    object_key = models.CharField(max_length=60, db_index=True)
    name = models.CharField(_("name"), max_length=100)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    team = models.ForeignKey("records.Team", models.CASCADE, null=True, blank=True, related_name="+")
    everyone = models.BooleanField(default=False)
    layout = models.CharField(max_length=10, default="list")
    filter = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    sort = models.CharField(max_length=62, blank=True)
    group = models.CharField(max_length=60, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "name", "id")

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """The view with which an object's list opens for a user."""

    object_key = models.CharField(max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "object_key"], name="default_view"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.object_key} {self.view_id}"
