"""Invitations: a mail with the appointment, to everyone who takes part in a meeting and has an address."""

from __future__ import annotations

import datetime as dt
from email.mime.text import MIMEText
from email.utils import formataddr
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.scheduling.feed import USUAL, uid
from rapport.lib.format import format_date, format_time
from rapport.lib.ical import Appointment, calendar
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.jobs import queue
from rapport.records.read import RecordView, visible
from rapport.registry.extensions import Job

JOB = "send-invitation"


def invite(caller: Caller, interaction: int) -> bool:
    """Queue invitations to a meeting; False when nobody who takes part has an address. Raises NotFound."""
    view = visible(caller, "interaction").get(interaction)
    people = addresses(caller, view.values.get("people") or ())
    if not people:
        return False
    for _name, address in people:
        queue.enqueue(
            JOB, {"meeting": interaction, "user": caller.user_id, "to": address, "version": view.version},
            key=f"invite-{interaction}-{view.version}-{address}"[:120], user_id=caller.user_id,
        )  # fmt: skip
    return True


def addresses(caller: Caller, people: Any) -> list[tuple[str, str]]:
    """Name and first mail address of people who have one."""
    ids = list(people)
    if not ids:
        return []
    rows = visible(caller, "person").page(columns=("name", "emails"), ids=ids, size=len(ids)).rows
    return [(r.title or "", r.values["emails"][0]["value"]) for r in rows if r.values.get("emails")]


def send(context: Any) -> str:
    """The job: one invitation to one address; a mail that can't be sent is tried again."""
    arguments = context.row.arguments
    sender = callers.of_user(arguments["user"] or 0)
    if sender is None:
        return "gone"
    try:
        view = visible(sender, "interaction").get(arguments["meeting"])
    except NotFound:
        return "gone"
    with translation.override(sender.language), timezone.override(sender.env().zone):
        _message(sender, view, arguments["to"]).send()
    return "sent"


def _message(sender: Caller, view: RecordView, to: str) -> EmailMultiAlternatives:
    appointment = appointment_of(sender, view)
    zone = sender.env().zone
    when = f"{format_date(appointment.start, sender.language, zone, 'full')}, "
    when += f"{format_time(appointment.start, sender.language, zone)} ({zone.key})"
    text = _("%(name)s invites you: %(subject)s\n%(when)s") % {
        "name": sender.name, "subject": appointment.summary, "when": when,
    }  # fmt: skip
    message = EmailMultiAlternatives(
        subject=_("Invitation: %(subject)s") % {"subject": " ".join(appointment.summary.split())},
        body=f"{text}\n\n{appointment.description}".strip(),
        from_email=formataddr((sender.name, sender.email)),
        to=[to],
    )
    body = calendar(sender.name, [appointment], method="REQUEST").decode("utf-8")
    part = MIMEText(body, "calendar", "utf-8")
    part.set_param("method", "REQUEST")
    message.attach(part)
    return message


def appointment_of(sender: Caller, view: RecordView) -> Appointment:
    """A meeting as an appointment with all who take part."""
    minutes = view.values.get("minutes")
    start = view.values["at"]
    return Appointment(
        uid=uid("interaction", view.id),
        summary=view.title or "",
        start=start,
        end=start + (dt.timedelta(minutes=minutes) if minutes else USUAL),
        changed=timezone.now(),
        description=str(view.values.get("body") or "")[:2000],
        sequence=view.version - 1,
        organizer=(sender.name, sender.email),
        attendees=addresses(sender, view.values.get("people") or ()),
    )


SENDING = Job(name=JOB, run=send, label=gettext_lazy("Send an invitation"))
