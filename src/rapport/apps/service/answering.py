"""Answers that go to the customer by mail: who gets them, what they are called, what they quote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from rapport.apps.service.models import Said
from rapport.lib.format import format_datetime
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.read import RecordView, visible
from rapport.records.write import Batch, Entry
from rapport.registry import catalog
from rapport.registry.types.dates import DateTimeType

MAIL = "outgoing_mail"
LONGEST, MOST_QUOTED = 250, 4000
_DATETIME = DateTimeType()


def check(batch: Batch) -> None:
    """Only answers are sent, to a person who has an address, by whoever may write mail, and once."""
    for entry in batch.sound():
        if not entry.changes("by_mail"):
            continue
        if not entry.values["by_mail"]:
            if entry.before.get("by_mail"):
                entry.refuse("by_mail", _("This answer is on its way to the customer already."))
        elif entry.get("kind") != Said.ANSWER:
            entry.refuse("by_mail", _("Only an answer is sent to the customer."))
        elif not batch.caller.may(catalog.current()[MAIL], "create"):
            entry.refuse("by_mail", _("You may not write mail."))
        elif not reachable(batch.caller, entry.get("ticket")):
            text = _("The person of this ticket has no e-mail address that you may see. Add one, or don't send it.")
            entry.refuse("by_mail", text)


def reachable(caller: Caller, ticket: int | None) -> bool:
    """Whether the person of a ticket has a mail address, as far as the caller may see."""
    try:
        person = visible(caller, "ticket").get(ticket or 0).values.get("person")
        return bool(person and visible(caller, "person").get(person).values.get("emails"))
    except NotFound:
        return False


def effects(batch: Batch) -> None:
    """Hand answers that are to be sent to those who send mail. Raises Invalid when one can't be."""
    if batch.action not in {"create", "update"}:
        return
    for entry in batch.entries:
        if entry.changes("by_mail") and entry.values["by_mail"]:
            _send(batch, entry)


def _send(batch: Batch, entry: Entry) -> None:
    ticket = visible(batch.caller, "ticket").get(entry.get("ticket"))
    values = {
        "ticket": ticket.id, "entry": entry.id, "person": ticket.values["person"],
        "company": ticket.values.get("company"), "subject": subject(ticket.values), "body": entry.get("body"),
        "quote": _quoted(batch.caller, ticket, entry), "owner": entry.get("owner"), "team": entry.get("team"),
    }  # fmt: skip
    try:
        write.create(batch.caller, MAIL, values)
    except Invalid as error:
        raise Invalid({"by_mail": [text for texts in error.errors.values() for text in texts]}) from error


def subject(values: Mapping[str, Any]) -> str:
    """The subject of an answer, with the number of the ticket, by which a reply is known."""
    text, number = " ".join(str(values["subject"]).split()), f" [{values['number']}]"
    text = text if text.lower().startswith(("re:", "aw:")) else f"Re: {text}"
    return text[: LONGEST - len(number)] + number


def _quoted(caller: Caller, ticket: RecordView, entry: Entry) -> str:
    """What the customer said last, as mail quotes it; what the ticket was opened with where they said nothing since."""
    text = (
        "SELECT body, created_at FROM service_ticketentry WHERE deleted_at IS NULL AND ticket_id = %s "
        "AND kind = 'customer' AND id < %s ORDER BY created_at DESC, id DESC LIMIT 1"
    )
    found = db.row(Sql(text, (ticket.id, entry.id)))
    body, at = found or (ticket.values.get("description"), None)
    if not body:
        return ""
    moment = _DATETIME.from_json(at) or ticket.values["opened_at"]
    day = format_datetime(moment, caller.language, ZoneInfo(caller.zone))
    head = _("%(who)s wrote on %(day)s:") % {"who": ticket.labels.get("person") or _("The customer"), "day": day}
    lines = str(body)[:MOST_QUOTED].strip().splitlines()
    return "\n".join([head, "", *(f"> {line}".rstrip() for line in lines)])
