"""Storage of mail templates and of mail that is written here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.records.base import LIVE, Record, SortIndex


class MailTemplate(Record):
    """Wording for mail that is written again and again."""

    name = models.CharField(_("name"), max_length=150)
    subject = models.CharField(_("subject"), max_length=250, blank=True, default="")
    body = models.TextField(
        _("text"),
        help_text=_("Placeholders: {{ person.first_name }}, {{ company.name }}, {{ deal.name }}, {{ me.name }}."),
    )

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("mail template"), _("mail templates")
        indexes = (*Record.Meta.indexes, SortIndex("name", name="mailtemplate_name"))

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """Where a mail stands."""

    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Being sent")
    SENDING = "sending", _("Handed to the mail server")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")


class OutgoingMail(Record):
    """One mail, from one user to one person. A draft waits until somebody presses “Send”."""

    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("text"))
    template = models.ForeignKey(
        MailTemplate, models.SET_NULL, null=True, blank=True, verbose_name=_("template"), db_index=False
    )
    person = models.ForeignKey("customers.Person", models.CASCADE, verbose_name=_("to"))
    address = models.EmailField(_("address"), help_text=_("Empty: the person's first one."))
    copies = models.CharField(
        _("copies to"), max_length=500, blank=True, default="", help_text=_("Separated by commas.")
    )
    company = models.ForeignKey("customers.Company", models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    deal = models.ForeignKey("sales.Deal", models.SET_NULL, null=True, blank=True, verbose_name=_("deal"))
    ticket = models.ForeignKey("service.Ticket", models.SET_NULL, null=True, blank=True, verbose_name=_("ticket"))
    entry = models.ForeignKey(
        "service.TicketEntry", models.SET_NULL, null=True, blank=True, verbose_name=_("answer on the ticket")
    )
    quote = models.TextField(_("quoted below"), blank=True, default="")
    origin = models.EmailField(_("sent from"), blank=True, default="")
    draft = models.BooleanField(
        _("draft"), default=False, help_text=_("Kept until someone presses “Send”; other mail is sent at once.")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    state_tones = {"draft": "orange", "waiting": "blue", "sending": "blue", "sent": "green", "failed": "red"}
    error = models.CharField(_("why not"), max_length=500, blank=True, default="")
    message_id = models.CharField(_("message id"), max_length=200, blank=True, default="")
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("sent by"),
        db_index=False,
    )  # fmt: skip
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("outgoing mail"), _("outgoing mail")
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["person", "id"], condition=LIVE & ~models.Q(state="sent"), name="outgoingmail_open"),
            models.Index(
                fields=["owner", "created_at"], condition=LIVE & models.Q(state="draft"), name="outgoingmail_drafts"
            ),
        )

    def __str__(self) -> str:
        return self.subject
