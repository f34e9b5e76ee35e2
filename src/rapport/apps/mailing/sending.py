"""Sending: each mail once. Where nobody can know whether the server took it, it is not sent a second time by itself."""

from __future__ import annotations

import smtplib
from email.utils import formataddr, make_msgid
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.apps.mailing import profiles
from rapport.apps.mailing.models import State
from rapport.records import write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.records.write import derive
from rapport.ui.markup import render_markdown

COLUMNS = (
    "subject", "body", "address", "copies", "person", "company", "deal", "state", "owner", "created_by", "message_id",
)  # fmt: skip


def send(context: Any) -> str:
    """The job: one mail. A refusal for good is noted; what may pass is raised, so that the job comes again."""
    system = callers.system("mail")
    found = visible(system, "outgoing_mail").page(columns=COLUMNS, ids=[context.row.arguments["mail"]], size=1).rows
    if not found or found[0].values["state"] == State.SENT:
        return "gone"
    row = found[0]
    if row.values["state"] == State.SENDING:
        _note(row.id, State.FAILED, _("The connection broke while it was sent. It may have arrived."))
        return "unknown"
    sender = callers.of_user(row.values["created_by"] or 0)
    if sender is None:
        _note(row.id, State.FAILED, _("Whoever wrote it can't sign in any more."))
        return "refused"
    message = _message(row.values, sender)
    _note(row.id, State.SENDING, message_id=message.extra_headers["Message-ID"])
    try:
        message.send()
    except _FOR_GOOD as error:
        _note(row.id, State.FAILED, told(error))
        return "refused"
    except (OSError, smtplib.SMTPException) as error:
        last = context.row.attempts >= context.job.attempts
        _note(row.id, State.FAILED if last else State.WAITING, told(error))
        if not last:
            raise
        return "refused"
    _record(sender, row)
    return "sent"


_FOR_GOOD = (
    smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError, smtplib.SMTPAuthenticationError,
    smtplib.SMTPNotSupportedError,
)  # fmt: skip


def told(error: Exception) -> str:
    """Why a server did not take a mail, in words."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{address}: {_words(said)}" for address, (_code, said) in error.recipients.items())[:500]
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_words(error.smtp_error)}"[:500]
    return (str(error) or type(error).__name__)[:500]


def _words(said: Any) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _message(values: Any, sender: Caller) -> EmailMultiAlternatives:
    """Markdown as it is for readers of plain text, rendered beside it for others; with the writer's signature."""
    profile = profiles.of(sender)
    text = values["body"] + (f"\n\n-- \n{profile.signature}" if profile.signature else "")
    html = render_markdown(values["body"]) + (render_markdown(profile.signature) if profile.signature else "")
    message = EmailMultiAlternatives(
        subject=" ".join(values["subject"].split()),
        body=text,
        from_email=formataddr((sender.name, profile.address)),
        to=[values["address"]],
        cc=[c.strip() for c in values["copies"].split(",") if c.strip()],
        headers={"Message-ID": values["message_id"] or make_msgid(domain=profile.address.rpartition("@")[2])},
    )
    message.attach_alternative(f'<div lang="{sender.language}">{html}</div>', "text/html")
    return message


def _note(mail: int, state: State, error: str = "", **more: Any) -> None:
    for name, value in {"state": str(state), "error": error, **more}.items():
        derive("outgoing_mail", name, {mail: value})


@transaction.atomic
def _record(sender: Caller, row: Any) -> None:
    """The mail was sent: it stands on the timeline from now on."""
    now = timezone.now()
    _note(row.id, State.SENT, sent_at=now)
    values = {
        "kind": "mail", "direction": "out", "at": now, "subject": row.values["subject"], "body": row.values["body"],
        "people": [row.values["person"]], "company": row.values["company"], "deal": row.values["deal"],
        "owner": row.values["owner"],
    }  # fmt: skip
    write.create(sender.through("mail"), "interaction", values)


def test(caller: Caller) -> None:
    """Send a mail to the caller, at once. Raises OSError, SMTPException."""
    profile = profiles.of(caller)
    EmailMultiAlternatives(
        subject=_("A test from Rapport"),
        body=_("If you can read this, Rapport can send mail."),
        from_email=formataddr((caller.name, profile.address)),
        to=[caller.email],
    ).send()


def writes_files() -> bool:
    """Whether no server is configured, so that mail is only written to files."""
    return settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
