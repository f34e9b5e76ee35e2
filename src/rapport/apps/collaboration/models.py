"""Storage of tasks, tags, comments, and who follows what."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.records.base import LIVE, Record, SortIndex


class Status(models.TextChoices):
    """Where a task stands."""

    OPEN = "open", _("Open")
    DOING = "doing", _("In progress")
    DONE = "done", _("Done")


class Priority(models.TextChoices):
    """How urgent a task is."""

    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class Repeat(models.TextChoices):
    """When a task comes again after it is done."""

    DAILY = "daily", _("every day")
    WEEKDAYS = "weekdays", _("every weekday")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")
    YEARLY = "yearly", _("every year")


class Task(Record):
    """Something to do, by someone, by some time."""

    subject = models.CharField(_("task"), max_length=250)
    status = models.CharField(_("status"), max_length=6, choices=Status, default=Status.OPEN)
    status_tones = {"open": "blue", "doing": "orange", "done": "green"}
    priority = models.CharField(_("priority"), max_length=6, choices=Priority, default=Priority.NORMAL)
    priority_tones = {"high": "red"}
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    remind_at = models.DateTimeField(_("reminder"), null=True, blank=True)
    repeat = models.CharField(_("repeats"), max_length=10, choices=Repeat, blank=True, default="")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("assignee")
    )
    person = models.ForeignKey("customers.Person", models.SET_NULL, null=True, blank=True, verbose_name=_("person"))
    company = models.ForeignKey("customers.Company", models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    deal = models.ForeignKey("sales.Deal", models.SET_NULL, null=True, blank=True, verbose_name=_("deal"))
    ticket = models.ForeignKey("service.Ticket", models.SET_NULL, null=True, blank=True, verbose_name=_("ticket"))
    description = models.TextField(_("description"), blank=True, default="")
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("task"), _("tasks")
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["due_at", "id"], condition=LIVE, name="task_due"),
            models.Index(fields=["assignee", "status", "due_at"], condition=LIVE, name="task_mine"),
            models.Index(fields=["remind_at", "id"], condition=LIVE, name="task_remind"),
        )

    def __str__(self) -> str:
        return self.subject


class Tone(models.TextChoices):
    """Colour of a tag."""

    NEUTRAL = "neutral", _("Grey")
    BLUE = "blue", _("Blue")
    GREEN = "green", _("Green")
    ORANGE = "orange", _("Orange")
    RED = "red", _("Red")
    PURPLE = "purple", _("Purple")
    TEAL = "teal", _("Teal")
    PINK = "pink", _("Pink")
    YELLOW = "yellow", _("Yellow")


class Tag(Record):
    """A label for records of any kind."""

    name = models.CharField(_("name"), max_length=60)
    tone = models.CharField(_("colour"), max_length=10, choices=Tone, default=Tone.NEUTRAL)
    tone_tones = {t: t for t in Tone.values}

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("tag"), _("tags")
        indexes = (*Record.Meta.indexes, SortIndex("name", name="tag_name"))

    def __str__(self) -> str:
        return self.name


class Comment(Record):
    """What a colleague says about a record; `object_key` and `record_id` name it."""

    object_key = models.CharField(_("object"), max_length=60)
    record_id = models.BigIntegerField(_("key of the record"))
    summary = models.CharField(_("summary"), max_length=120, blank=True, default="")
    body = models.TextField(_("comment"), help_text=_("@ and a name tells someone. Markdown."))

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("comment"), _("comments")
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["object_key", "record_id", "created_at", "id"], condition=LIVE, name="comment_record"),
        )

    def __str__(self) -> str:
        return self.summary


class Follower(models.Model):
    """Who follows a record, or with `muted` does not although they own it or work on it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    muted = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["object_key", "record_id", "user"], name="follower_once"),)
        indexes = (models.Index(fields=["user"], name="follower_user"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.object_key} {self.record_id}"
