"""Storage of queues, tickets with what was said on them, survey answers and costs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.records.base import LIVE, Record, SortIndex
from rapport.registry.modelfields import CurrencyField, MoneyField


class Priority(models.TextChoices):
    """How urgent a ticket is."""

    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class How(models.TextChoices):
    """Who works on a new ticket of a queue."""

    HAND = "hand", _("Whoever takes it on")
    TURN = "turn", _("In turn")
    LOAD = "load", _("Whoever has the fewest open tickets")


class TicketQueue(Record):
    """Where tickets wait for someone; the members of `team`, and of teams below it, work on it."""

    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True, default="")
    position = models.PositiveIntegerField(_("position"), default=10)
    how = models.CharField(_("given to"), max_length=4, choices=How, default=How.HAND)
    priority = models.CharField(
        _("priority of new tickets"), max_length=6, choices=Priority, blank=True, default="",
        help_text=_("Of tickets that come with normal priority."),
    )  # fmt: skip
    address = models.EmailField(
        _("answers come from"), blank=True, default="",
        help_text=_("An address of your own. Empty: that of whoever answers."),
    )  # fmt: skip
    retired = models.BooleanField(
        _("retired"), default=False, help_text=_("Takes no new tickets; those that it has stay in it.")
    )

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("queue"), _("queues")
        indexes = (*Record.Meta.indexes, SortIndex("name", name="queue_name"))

    def __str__(self) -> str:
        return self.name


class Kind(models.TextChoices):
    """What a customer comes with."""

    QUESTION = "question", _("Question")
    PROBLEM = "problem", _("Problem")
    REQUEST = "request", _("Request")
    COMPLAINT = "complaint", _("Complaint")


class Status(models.TextChoices):
    """Where a ticket stands."""

    NEW = "new", _("New")
    OPEN = "open", _("Open")
    WAITING = "waiting", _("Waiting for the customer")
    SOLVED = "solved", _("Solved")


class Channel(models.TextChoices):
    """How a customer reached us, or we the customer."""

    MAIL = "mail", _("E-mail")
    PHONE = "phone", _("Phone")
    WEB = "web", _("Website")
    CHAT = "chat", _("Chat")
    SOCIAL = "social", _("Social network")
    VISIT = "visit", _("In person")
    POST = "post", _("Post")
    OTHER = "other", _("Other")


class Ticket(Record):
    """Something that a customer wants of service. Times, minutes and satisfaction follow from what is written."""

    number = models.CharField(_("number"), max_length=20, blank=True, default="")
    subject = models.CharField(_("subject"), max_length=250)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind, default=Kind.QUESTION)
    kind_tones = {"question": "blue", "problem": "orange", "request": "purple", "complaint": "red"}
    status = models.CharField(_("status"), max_length=7, choices=Status, default=Status.NEW)
    status_tones = {"new": "purple", "open": "blue", "waiting": "orange", "solved": "green"}
    priority = models.CharField(_("priority"), max_length=6, choices=Priority, default=Priority.NORMAL)
    priority_tones = {"high": "orange", "urgent": "red"}
    queue = models.ForeignKey(TicketQueue, models.SET_NULL, null=True, blank=True, verbose_name=_("queue"))
    channel = models.CharField(_("came by"), max_length=6, choices=Channel, blank=True, default="")
    person = models.ForeignKey("customers.Person", models.SET_NULL, null=True, blank=True, verbose_name=_("person"))
    company = models.ForeignKey("customers.Company", models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("assignee")
    )
    description = models.TextField(_("description"), blank=True, default="")
    solution = models.TextField(_("what was done"), blank=True, default="")
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    first_answered_at = models.DateTimeField(_("first answered"), null=True, blank=True)
    solved_at = models.DateTimeField(_("solved at"), null=True, blank=True)
    minutes = models.PositiveIntegerField(_("minutes spent"), null=True, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        _("satisfaction"), null=True, blank=True, help_text=_("The last answer to “How satisfied are you?”, 1 to 5.")
    )
    next_step_at = models.DateTimeField(_("next step"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("ticket"), _("tickets")
        indexes = (
            *Record.Meta.indexes,
            SortIndex("subject", name="ticket_subject"),
            models.Index(fields=["number"], name="ticket_number"),
            models.Index(fields=["assignee", "status", "opened_at"], condition=LIVE, name="ticket_mine"),
            models.Index(fields=["status", "updated_at", "id"], condition=LIVE, name="ticket_card"),
        )

    def __str__(self) -> str:
        return self.subject


class Said(models.TextChoices):
    """Who said something on a ticket to whom."""

    ANSWER = "answer", _("Answer to the customer")
    CUSTOMER = "customer", _("From the customer")
    NOTE = "note", _("Internal note")


class TicketEntry(Record):
    """What was said on a ticket, and the minutes that it took."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, verbose_name=_("ticket"))
    kind = models.CharField(_("kind"), max_length=8, choices=Said, default=Said.NOTE)
    kind_tones = {"answer": "blue", "customer": "green", "note": "yellow"}
    summary = models.CharField(_("summary"), max_length=120, blank=True, default="")
    body = models.TextField(_("text"))
    minutes = models.PositiveIntegerField(_("minutes"), null=True, blank=True)
    by_mail = models.BooleanField(
        _("send to the customer"), default=False, help_text=_("By mail, to the first address of the person.")
    )
    message_id = models.CharField(
        _("message id"), max_length=250, blank=True, default="",
        help_text=_("Of a mail from the customer; answers refer to it."),
    )  # fmt: skip

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("ticket entry"), _("ticket entries")
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["ticket", "created_at", "id"], condition=LIVE, name="ticketentry_stream"),
        )

    def __str__(self) -> str:
        return self.summary


class Survey(models.TextChoices):
    """What was asked."""

    CSAT = "csat", _("Satisfaction (CSAT)")
    NPS = "nps", _("Recommendation (NPS)")
    CES = "ces", _("Effort (CES)")


SCALES = {Survey.CSAT: (1, 5), Survey.NPS: (0, 10), Survey.CES: (1, 7)}
"""The lowest and the highest score of each kind."""


class SurveyAnswer(Record):
    """How someone rated us."""

    name = models.CharField(_("answer"), max_length=60, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=4, choices=Survey, default=Survey.CSAT)
    score = models.PositiveSmallIntegerField(_("score"), help_text=_("CSAT 1 to 5, NPS 0 to 10, CES 1 to 7."))
    comment = models.TextField(_("comment"), blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    ticket = models.ForeignKey(Ticket, models.SET_NULL, null=True, blank=True, verbose_name=_("ticket"))
    person = models.ForeignKey("customers.Person", models.SET_NULL, null=True, blank=True, verbose_name=_("person"))
    company = models.ForeignKey("customers.Company", models.SET_NULL, null=True, blank=True, verbose_name=_("company"))

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("survey answer"), _("survey answers")
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["answered_at", "id"], condition=LIVE, name="surveyanswer_at"),
        )

    def __str__(self) -> str:
        return self.name


class CostKind(models.TextChoices):
    """What money was spent on."""

    CAMPAIGN = "campaign", _("Campaign")
    CHANNEL = "channel", _("Channel")
    EVENT = "event", _("Event or fair")
    VISIT = "visit", _("Visit and travel")
    GIFT = "gift", _("Gift or goodwill")
    SERVICE = "service", _("Service")
    OTHER = "other", _("Other")


class Cost(Record):
    """Money spent on winning, keeping or serving customers."""

    name = models.CharField(_("what for"), max_length=200)
    amount = MoneyField(_("amount"))
    amount_currency = CurrencyField()
    spent_on = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=8, choices=CostKind, default=CostKind.OTHER)
    kind_tones = {
        "campaign": "purple", "channel": "blue", "event": "teal", "visit": "orange", "gift": "pink", "service": "green",
    }  # fmt: skip
    campaign = models.CharField(_("campaign"), max_length=120, blank=True, default="")
    channel = models.CharField(_("channel"), max_length=6, choices=Channel, blank=True, default="")
    company = models.ForeignKey("customers.Company", models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    person = models.ForeignKey("customers.Person", models.SET_NULL, null=True, blank=True, verbose_name=_("person"))
    description = models.TextField(_("description"), blank=True, default="")

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("cost"), _("costs")
        indexes = (
            *Record.Meta.indexes,
            SortIndex("name", name="cost_name"),
            models.Index(fields=["spent_on", "id"], condition=LIVE, name="cost_date"),
        )

    def __str__(self) -> str:
        return self.name
