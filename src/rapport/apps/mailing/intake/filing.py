"""`take`: a mail becomes a record, under whom it is from, once; its original and its attachments lie beside it.

Who it is from is told by the engine for duplicates, at the door "mail". What it answers, if anything, tells the deal or
the ticket. Everything happens in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.apps.mailing.incoming import KEY, person_of
from rapport.apps.mailing.intake.reading import ORIGINAL, Letter
from rapport.apps.mailing.models import Arrived, IncomingMail, Mailbox, OutgoingMail
from rapport.features.duplicates import policies
from rapport.features.duplicates.arriving import Arrival, arrive, readable
from rapport.features.files import storing
from rapport.features.notifications.telling import Note, tell
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.models import User
from rapport.records.read import visible
from rapport.records.write import derive
from rapport.registry import catalog

CAME = "mail-came"
TABLE = IncomingMail._meta.db_table


@dataclass(frozen=True, slots=True)
class Thread:
    """What a mail belongs to, and how that is known, in words."""

    company: int | None = None
    deal: int | None = None
    ticket: int | None = None
    owner: int | None = None
    why: str = ""


@transaction.atomic
def take(mailbox: Mailbox, letter: Letter, raw: bytes) -> int | None:
    """Keep a letter and file it; the key of its record, None where it was taken in before."""
    if IncomingMail.objects.filter(fingerprint=letter.fingerprint).exists():
        return None
    caller = callers.system(policies.MAIL)
    thread, internal = _thread(letter), _is_ours(letter.sender)
    who = Arrival(None) if internal else _who(caller, mailbox, letter, thread)
    ticket = thread.ticket
    if ticket is None and mailbox.queue_id and who.id and not letter.automatic:
        ticket = _open_ticket(caller, mailbox, letter, who.id)
    values = {
        "subject": letter.subject or _("(no subject)"), "body": letter.body, "sender": letter.sender,
        "sender_name": letter.sender_name, "recipient": mailbox.address, "sent_at": letter.sent_at or timezone.now(),
        "message_id": letter.message_id, "automatic": letter.automatic, "person": who.id,
        "company": thread.company, "deal": thread.deal,
        "ticket": ticket, "owner": thread.owner, "team": mailbox.team_id,
    }  # fmt: skip
    made = write.create(caller, KEY, readable(caller, catalog.current()[KEY], values))
    if internal:
        derive(KEY, "state", {made: str(Arrived.INTERNAL)})
    derive(KEY, "why", {made: _why(mailbox, letter, thread, who)[:250]})
    text = f"UPDATE {TABLE} SET fingerprint = %s WHERE id = %s"
    db.execute(Sql(text, (letter.fingerprint, made)))
    _keep_files(caller, made, letter, raw)
    _tell(made, thread.owner or _owner_of(caller, who.id))
    return made


def _owner_of(caller: Caller, person: int | None) -> int | None:
    if person is None:
        return None
    try:
        owner: int | None = visible(caller, "person").get(person).values.get("owner")
    except NotFound:
        return None
    return owner


def _tell(mail: int, user_id: int | None) -> None:
    """Whoever wrote what it answers, or looks after its sender, is told."""
    if user_id is not None:
        tell([Note(user_id=user_id, kind=CAME, key=f"{CAME}-{mail}", object_key=KEY, record_id=mail)])


def _who(caller: Caller, mailbox: Mailbox, letter: Letter, thread: Thread) -> Arrival:
    """Whom the letter is from: recognised, or made where the mailbox and the door let it. A machine makes nobody."""
    if not letter.sender:
        return Arrival(None)
    new = {"source": "mail", "company": thread.company} if mailbox.makes_people and not letter.automatic else None
    raw = person_of(letter.sender, letter.sender_name)
    try:
        return arrive(caller, catalog.current()["person"], raw, new=new)
    except Invalid:
        return Arrival(None)


def _is_ours(address: str) -> bool:
    return bool(address) and (
        User.objects.filter(email__iexact=address).exists() or Mailbox.objects.filter(address__iexact=address).exists()
    )


def _thread(letter: Letter) -> Thread:
    """What the mails that it answers belong to: one of ours, or one that came in before."""
    for model in (OutgoingMail, IncomingMail):
        rows = {row.message_id: row for row in model.objects.filter(message_id__in=letter.answers, deleted_at=None)}
        for row in (rows[message_id] for message_id in letter.answers if message_id in rows):
            why = _("It answers “%(subject)s”.") % {"subject": row.subject}
            return Thread(row.company_id, row.deal_id, row.ticket_id, row.owner_id, why)
    return Thread()


def _why(mailbox: Mailbox, letter: Letter, thread: Thread, who: Arrival) -> str:
    """How it is known where the mail belongs, in words."""
    said = [thread.why]
    if who.made:
        said.append(_("Nobody had this address: a person was made."))
    elif who.id:
        said.append(_("This person has the address."))
    elif who.alike:
        names = ", ".join(match.title for match in who.alike[:3])
        said.append(_("It may be from %(names)s: choose the person.") % {"names": names})
    elif not mailbox.makes_people and not letter.automatic:
        said.append(_("Nobody has this address: choose the person."))
    return " ".join(filter(None, said))


def _open_ticket(caller: Caller, mailbox: Mailbox, letter: Letter, person: int) -> int:
    values = {
        "subject": letter.subject or _("(no subject)"), "person": person, "channel": "mail", "queue": mailbox.queue_id,
    }  # fmt: skip
    return write.create(caller, "ticket", values)


def _keep_files(caller: Caller, mail: int, letter: Letter, raw: bytes) -> None:
    """The original and the attachments; what is empty or too large for a file of ours is in the original only."""
    for name, content in [(ORIGINAL, raw), *((part.name, part.content) for part in letter.parts)]:
        try:
            storing.store(caller, ContentFile(content, name), KEY, mail)
        except Invalid:
            continue
