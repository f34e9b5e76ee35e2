"""Storage of mail templates, of mail that is written here, of mailboxes and of what comes into them."""

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
            models.Index(fields=["message_id"], condition=~models.Q(message_id=""), name="outgoingmail_message"),
        )

    def __str__(self) -> str:
        return self.subject


class Security(models.TextChoices):
    """How the way to a mail server is secured."""

    TLS = "tls", _("TLS (usual, port 993)")
    STARTTLS = "starttls", _("STARTTLS (port 143)")
    NONE = "none", _("None (only inside of your own network)")


class Mailbox(models.Model):
    """A mailbox at a mail server (IMAP) whose mail is taken in. It is only read; nothing in it is changed.

    The password is sealed. `uid_validity` and `last_uid` say how far it was read (RFC 3501, 2.3.1.1).
    """

    name = models.CharField(max_length=100)
    address = models.EmailField()
    host = models.CharField(max_length=200)
    port = models.PositiveIntegerField()
    security = models.CharField(max_length=8, choices=Security, default=Security.TLS)
    username = models.CharField(max_length=200)
    password = models.TextField()
    folder = models.CharField(max_length=200, default="INBOX")
    since = models.DateField()
    makes_people = models.BooleanField(default=True)
    queue = models.ForeignKey("service.TicketQueue", models.SET_NULL, null=True, related_name="+", db_index=False)
    team = models.ForeignKey("records.Team", models.SET_NULL, null=True, related_name="+", db_index=False)
    active = models.BooleanField(default=True)
    uid_validity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)
    fetched_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.name


class Arrived(models.TextChoices):
    """Where a mail stands that came in."""

    FILED = "filed", _("On the file")
    UNKNOWN = "unknown", _("From somebody unknown")
    AUTOMATIC = "automatic", _("Sent by a machine")
    INTERNAL = "internal", _("From a colleague")
    IGNORED = "ignored", _("Put aside")


class IncomingMail(Record):
    """A mail that came in, as it can be read; the original lies beside it as a file.

    `fingerprint` tells it from all others, so that it is taken in once, by whichever mailboxes it comes.
    """

    subject = models.CharField(_("subject"), max_length=250)
    body = models.TextField(_("text"), blank=True, default="")
    sender = models.EmailField(_("from"), blank=True, default="")
    sender_name = models.CharField(_("name of the sender"), max_length=150, blank=True, default="")
    recipient = models.CharField(_("came to"), max_length=254, blank=True, default="")
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    automatic = models.BooleanField(
        _("sent by a machine"),
        default=False,
        help_text=_("Such as a notice of absence: nobody is made of it."),
    )
    person = models.ForeignKey("customers.Person", models.CASCADE, null=True, blank=True, verbose_name=_("person"))
    company = models.ForeignKey("customers.Company", models.SET_NULL, null=True, blank=True, verbose_name=_("company"))
    deal = models.ForeignKey("sales.Deal", models.SET_NULL, null=True, blank=True, verbose_name=_("deal"))
    ticket = models.ForeignKey("service.Ticket", models.SET_NULL, null=True, blank=True, verbose_name=_("ticket"))
    state = models.CharField(_("state"), max_length=9, choices=Arrived, default=Arrived.UNKNOWN)
    state_tones = {
        "filed": "green", "unknown": "orange", "automatic": "neutral", "internal": "neutral", "ignored": "neutral",
    }  # fmt: skip
    why = models.CharField(_("why there"), max_length=250, blank=True, default="")
    message_id = models.CharField(_("message id"), max_length=250, blank=True, default="")
    interaction = models.ForeignKey("customers.Interaction", models.SET_NULL, null=True, blank=True, related_name="+")
    entry = models.ForeignKey(
        "service.TicketEntry", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    fingerprint = models.CharField(max_length=64, null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name, verbose_name_plural = _("incoming mail"), _("incoming mail")
        constraints = (models.UniqueConstraint(fields=["fingerprint"], name="incomingmail_once"),)
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=["created_at", "id"], condition=LIVE, name="incomingmail_created"),
            models.Index(
                fields=["created_at"], condition=LIVE & models.Q(state="unknown"), name="incomingmail_unknown"
            ),
            models.Index(fields=["message_id"], condition=~models.Q(message_id=""), name="incomingmail_message"),
        )

    def __str__(self) -> str:
        return self.subject
