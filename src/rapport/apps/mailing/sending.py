"""Sending: each mail once. Where nobody can know whether the server took it, it is not sent a second time by itself."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Sequence
from email.utils import formataddr, make_msgid
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.apps.mailing import profiles
from rapport.apps.mailing.models import State
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.read import RowView, visible
from rapport.records.write import derive
from rapport.ui.markup import render_markdown

COLUMNS = (
    "subject", "body", "address", "copies", "person", "company", "deal", "state", "owner", "created_by", "sender",
    "message_id", "ticket", "entry", "quote", "origin",
)  # fmt: skip
MOST_REFERENCES = 20


def send(context: Any) -> str:
    """The job: one mail. A refusal for good is noted; what may pass is raised, so that the job comes again."""
    begun = _begin(context.row.arguments["mail"])
    if isinstance(begun, str):
        return begun
    row, sender, message = begun
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


Begun = tuple[RowView, Caller, EmailMultiAlternatives]


@transaction.atomic
def _begin(key: int) -> Begun | str:
    """The mail, who sends it and the message, noted as handed over; or why there is nothing to send.

    It is locked meanwhile, so that nobody changes it or takes it back once this has begun.
    """
    suffix = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    db.row(Sql(f"SELECT id FROM mailing_outgoingmail WHERE id = %s{suffix}", (key,)))
    system = callers.system("mail")
    found = visible(system, "outgoing_mail").page(columns=COLUMNS, ids=[key], size=1).rows
    state = found[0].values["state"] if found else ""
    if state == State.SENDING:
        _note(key, State.FAILED, _("The connection broke while it was sent. It may have arrived."))
        return "unknown"
    if state != State.WAITING:
        return "gone"
    row = found[0]
    sender = callers.of_user(row.values["sender"] or row.values["created_by"] or 0)
    if sender is None:
        _note(key, State.FAILED, _("Whoever wrote it can't sign in any more."))
        return "refused"
    message = _message(row.values, sender, _thread(row))
    _note(key, State.SENDING, message_id=message.extra_headers["Message-ID"])
    return row, sender, message


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


def _message(values: Any, sender: Caller, thread: Sequence[str]) -> EmailMultiAlternatives:
    """Markdown as it is for readers of plain text, rendered beside it for others; with the writer's signature.

    What is quoted stands below it; the message belongs to the thread of those whose ids are given, oldest first.
    """
    profile = profiles.of(sender)
    address, quote = values["origin"] or profile.address, values["quote"]
    signature = f"\n\n-- \n{profile.signature}" if profile.signature else ""
    parts = [render_markdown(part) for part in (values["body"], profile.signature, quote) if part]
    headers = {"Message-ID": values["message_id"] or make_msgid(domain=address.rpartition("@")[2])}
    if thread:
        headers |= {"In-Reply-To": thread[-1], "References": " ".join(thread)}
    message = EmailMultiAlternatives(
        subject=" ".join(values["subject"].split()),
        body=values["body"] + signature + (f"\n\n{quote}" if quote else ""),
        from_email=formataddr((sender.name, address)),
        to=[values["address"]],
        cc=[c.strip() for c in values["copies"].split(",") if c.strip()],
        headers=headers,
    )
    message.attach_alternative(f'<div lang="{sender.language}">{"".join(map(str, parts))}</div>', "text/html")
    return message


def _thread(row: RowView) -> list[str]:
    """Ids of the mails that went back and forth about the ticket of a mail, oldest first."""
    ticket = row.values["ticket"]
    if ticket is None:
        return []
    system, about = callers.system("mail"), {"field": "ticket", "op": "is", "value": ticket}
    sent = {"all": [about, {"field": "state", "op": "is", "value": State.SENT.value}]}
    said = {"all": [about, {"field": "message_id", "op": "not_empty"}]}
    ours = visible(system, "outgoing_mail").page(columns=("message_id", "sent_at"), filter=sent, size=100).rows
    theirs = visible(system, "ticketentry").page(columns=("message_id", "created_at"), filter=said, size=100).rows
    known = [(r.values["sent_at"], r.values["message_id"]) for r in ours if r.id != row.id]
    known += [(r.values["created_at"], r.values["message_id"]) for r in theirs]
    ids = [_bracketed(text) for _at, text in sorted(known) if text]
    return [i for i in dict.fromkeys(ids) if i][-MOST_REFERENCES:]


def _bracketed(text: str) -> str:
    """A message id as a header names it; empty for what could not be one."""
    bare = text.strip().strip("<>")
    return f"<{bare}>" if _ID.fullmatch(bare) else ""


_ID = re.compile(r"[^\s<>\"]+@[^\s<>\"]+")


def _note(mail: int, state: State, error: str = "", **more: Any) -> None:
    for name, value in {"state": str(state), "error": error, **more}.items():
        derive("outgoing_mail", name, {mail: value})


@transaction.atomic
def _record(sender: Caller, row: Any) -> None:
    """The mail was sent: it stands on the timeline from now on, unless it does already, as an answer on a ticket."""
    now = timezone.now()
    _note(row.id, State.SENT, sent_at=now)
    if row.values["entry"] is not None:
        return
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
