"""Storage of event sources, the events they send, and what is counted of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rapport.records.base import Record, SortIndex


class SourceKind(models.TextChoices):
    """From where events come."""

    WEBSITE = "website", _("Website")
    SERVER = "server", pgettext_lazy("source of events", "Server")
    APP = "app", pgettext_lazy("source of events", "App")


class EventSource(Record):
    """A website, server or app that sends events, told by its write key."""

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=7, choices=SourceKind, default=SourceKind.WEBSITE)
    origins = models.TextField(
        _("allowed origins"), blank=True, default="",
        help_text=_("Of pages that may send, one a line, such as https://shop.example. Servers and apps need none."),
    )  # fmt: skip
    active = models.BooleanField(_("takes events"), default=True)
    makes_people = models.BooleanField(
        _("makes people"), default=True,
        help_text=_("Whoever is identified and not known becomes a person. Otherwise, known people are recognised."),
    )  # fmt: skip
    write_key = models.CharField(max_length=60, blank=True, default="", editable=False)
    """Not unique: an archive without secrets leaves it empty, and an empty one lets nobody in."""

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("event source"), _("event sources")
        indexes = (
            *Record.Meta.indexes,
            SortIndex("name", name="eventsource_name"),
            models.Index(fields=["write_key"], name="eventsource_key"),
        )

    def __str__(self) -> str:
        return self.name


class EventKind(models.TextChoices):
    """The calls of the tracking API, by their names in every language."""

    IDENTIFY = "identify", "identify"
    TRACK = "track", "track"
    PAGE = "page", "page"
    SCREEN = "screen", "screen"
    GROUP = "group", "group"
    ALIAS = "alias", "alias"


class Resolution(models.TextChoices):
    """What came of looking for whom an event tells of; empty where there was nothing to look for."""

    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Recognised")
    ALIKE = "alike", _("Nobody: looks like somebody who is there, and this door refuses that")
    UNKNOWN = "unknown", _("Nobody: not known, and this source makes no people")
    BARE = "bare", _("Nobody: too little is known of them to make a person")
    FAILED = "failed", _("Nobody: this could not be read")


class Event(models.Model):
    """Something that happened, as it was sent; never changed. It points at an identity, not at a person.

    `key` is the second of the sender's clock in 4 bytes, then a hash of source and message id: a message that is sent
    again has the same, and new rows stand side by side in the index. `at` is corrected by the sender's clock.
    """

    key = models.BinaryField(max_length=20, unique=True)
    source = models.ForeignKey(EventSource, models.SET_NULL, null=True, related_name="+", db_index=False)
    identity = models.ForeignKey("customers.Identity", models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=EventKind)
    name = models.CharField(max_length=200)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    properties = models.TextField()
    traits = models.TextField()
    context = models.TextField()
    resolution = models.CharField(max_length=7, choices=Resolution, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["identity", "at", "id"], name="event_stream"),
            models.Index(fields=["source", "id"], name="event_of_source"),
            models.Index(fields=["id"], condition=models.Q(resolution="waiting"), name="event_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class IdentityLink(models.Model):
    """Two identities that came in one event: a user and the visitor before, or (`said`) two that are said to be one."""

    identity = models.ForeignKey("customers.Identity", models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey("customers.Identity", models.CASCADE, related_name="+")
    said = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["identity", "other", "said"], name="identitylink_once"),)

    def __str__(self) -> str:
        return f"{self.pk}"


class IntakeMinute(models.Model):
    """How many events a source sent in a minute (since 1970), how many of them were refused, and why at last."""

    source = models.ForeignKey(EventSource, models.CASCADE, related_name="+", db_index=False)
    minute = models.BigIntegerField()
    taken = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["source", "minute"], name="intakeminute_once"),)

    def __str__(self) -> str:
        return f"{self.minute}"
