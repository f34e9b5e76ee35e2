"""Storage of calendar feeds and booking pages."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarFeed(models.Model):
    """The secret address under which a calendar program reads a user's appointments; kept as a hash."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id}"


class BookingPage(models.Model):
    """When others may book a meeting with a user. Hours are those of the user's zone."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    slug = models.SlugField(_("address"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=150)
    about = models.CharField(_("about it"), max_length=500, blank=True, default="")
    active = models.BooleanField(_("open for bookings"), default=True)
    minutes = models.PositiveSmallIntegerField(_("length in minutes"), default=30)
    days = models.JSONField(_("days"), default=list)
    """Days of the week, 0 is Monday."""
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("until"))
    notice_hours = models.PositiveSmallIntegerField(_("at least hours ahead"), default=4)
    ahead_days = models.PositiveSmallIntegerField(_("at most days ahead"), default=21)

    def __str__(self) -> str:
        return self.slug
