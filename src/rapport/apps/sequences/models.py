"""Storage of sequences, their steps, who goes through them, and the steps that were made."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.records.base import LIVE, Record, SortIndex
from rapport.registry.modelfields import ListField


class Days(models.TextChoices):
    """How the days between steps are counted."""

    WORKING = "working", _("Working days (Monday to Friday)")
    CALENDAR = "calendar", _("Every day")


class Answer(models.TextChoices):
    """Kinds of incoming contact that may count as an answer; values of `customers.Kind`."""

    CALL = "call", _("Call")
    MAIL = "mail", _("E-mail")
    MESSAGE = "message", _("Message")
    CHAT = "chat", _("Chat")
    MEETING = "meeting", _("Meeting")


class Sequence(Record):
    """Steps that follow one another by day, for as long as somebody does not answer."""

    name = models.CharField(_("name"), max_length=150)
    description = models.TextField(_("description"), blank=True, default="")
    goal = models.CharField(
        _("goal"), max_length=200, blank=True, default="", help_text=_("What an answer should lead to.")
    )
    active = models.BooleanField(
        _("active"), default=True, help_text=_("Otherwise nobody is started, and those who are in it wait.")
    )
    days = models.CharField(_("counts"), max_length=8, choices=Days, default=Days.WORKING)
    hour = models.PositiveSmallIntegerField(
        _("hour of the day"), default=9, validators=[MaxValueValidator(23)],
        help_text=_("When a step falls due, 0 to 23, in the time zone of whoever works on it."),
    )  # fmt: skip
    wait_days = models.PositiveSmallIntegerField(
        _("days to wait at the end"), default=5, validators=[MaxValueValidator(365)],
        help_text=_("How long an answer to the last step still counts."),
    )  # fmt: skip
    stops_on = ListField(
        _("stopped by"), choices=Answer.choices,
        help_text=_("Kinds of incoming contact that count as an answer; none chosen: all of them."),
    )  # fmt: skip

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("sequence"), _("sequences")
        indexes = (*Record.Meta.indexes, SortIndex("name", name="sequence_name"))

    def __str__(self) -> str:
        return self.name


class StepKind(models.TextChoices):
    """What a step makes."""

    TASK = "task", _("Task")
    CALL = "call", _("Call")
    MAIL = "mail", _("Mail draft")


class Urgency(models.TextChoices):
    """How urgent the task of a step is; values of the priority of tasks."""

    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class SequenceStep(Record):
    """One step: so many days after the start, a task, a call or a mail draft."""

    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="+", verbose_name=_("sequence"))
    name = models.CharField(_("name"), max_length=250, blank=True, default="")
    position = models.PositiveIntegerField(_("position"), default=0, blank=True)
    day = models.PositiveSmallIntegerField(
        _("day"), validators=[MaxValueValidator(365)], help_text=_("Days after the start; 0 is the same day.")
    )
    kind = models.CharField(_("kind"), max_length=4, choices=StepKind, default=StepKind.TASK)
    kind_tones = {"task": "blue", "call": "green", "mail": "purple"}
    subject = models.CharField(
        _("subject"), max_length=250, blank=True, default="",
        help_text=_("Placeholders: {{ person.first_name }}, {{ company.name }}, {{ deal.name }}, {{ me.name }}."),
    )  # fmt: skip
    template = models.ForeignKey(
        "mailing.MailTemplate", models.SET_NULL, null=True, blank=True, verbose_name=_("mail template"), db_index=False,
        help_text=_("For mail drafts, in place of a subject and a text of their own."),
    )  # fmt: skip
    body = models.TextField(_("text"), blank=True, default="", help_text=_("Of the mail, or notes for the task."))
    priority = models.CharField(
        _("priority"), max_length=6, choices=Urgency, default=Urgency.NORMAL, help_text=_("Of the task.")
    )
    priority_tones = {"high": "red"}

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("step of a sequence"), _("steps of sequences")
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["sequence", "position", "id"], condition=LIVE, name="sequencestep_order"),
        )

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """Where somebody stands in a sequence."""

    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    ANSWERED = "answered", _("Answered")
    FINISHED = "finished", _("Finished")
    STOPPED = "stopped", _("Stopped")


OPEN = (State.RUNNING, State.PAUSED)
OPEN_SQL = "('running', 'paused')"
"""The open states, in statements."""


class Reason(models.TextChoices):
    """Why a sequence was stopped."""

    HAND = "hand", _("By hand")
    PERSON = "person", _("The person was deleted")
    DEAL = "deal", _("The deal was closed")
    UNSEEN = "unseen", _("Whoever works on it may not see the person or the deal any more")
    OWNER = "owner", _("Whoever works on it can't sign in any more")
    SEQUENCE = "sequence", _("The sequence was deleted")
    FAILED = "failed", _("A step could not be made")


class Enrollment(Record):
    """A person in a sequence; its owner gets the tasks and the drafts."""

    name = models.CharField(_("name"), max_length=150, blank=True, default="")
    sequence = models.ForeignKey(Sequence, models.CASCADE, related_name="+", verbose_name=_("sequence"))
    person = models.ForeignKey("customers.Person", models.CASCADE, related_name="+", verbose_name=_("person"))
    deal = models.ForeignKey(
        "sales.Deal", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("deal")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    state_tones = {"running": "blue", "paused": "orange", "answered": "green", "finished": "neutral", "stopped": "red"}
    reason = models.CharField(_("stopped because"), max_length=8, choices=Reason, blank=True, default="")
    note = models.CharField(_("more about it"), max_length=300, blank=True, default="")
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    next_at = models.DateTimeField(_("next step due"), null=True, blank=True)
    steps_done = models.PositiveIntegerField(_("steps made"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("enrollment"), _("enrollments")
        constraints = (
            models.UniqueConstraint(
                fields=["sequence", "person"], condition=LIVE & models.Q(state__in=["running", "paused"]),
                name="enrollment_once",
            ),
        )  # fmt: skip
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["state", "next_at"], condition=LIVE, name="enrollment_due"),
            models.Index(fields=["sequence", "state", "id"], condition=LIVE, name="enrollment_state"),
        )

    def __str__(self) -> str:
        return self.name


class StepRun(models.Model):
    """A step that was made for somebody, once: what it made, and where it stood in the sequence then."""

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="+", db_index=False)
    step = models.ForeignKey(SequenceStep, models.SET_NULL, null=True, related_name="+")
    position = models.PositiveIntegerField()
    day = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    task = models.ForeignKey("collaboration.Task", models.SET_NULL, null=True, related_name="+")
    mail = models.ForeignKey("mailing.OutgoingMail", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["enrollment", "step"], name="steprun_once"),)

    def __str__(self) -> str:
        return f"{self.enrollment_id} {self.step_id}"
