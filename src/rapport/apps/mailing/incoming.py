"""What follows from a mail that came in: an entry on the timeline of whom it is from, or on the ticket it answers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.customers import identities
from rapport.apps.mailing.intake.reading import reply_of
from rapport.apps.mailing.models import Arrived, IncomingMail
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import RowView, visible
from rapport.records.write import Batch, Entry, derive, update_each
from rapport.registry.objects import Action

KEY, TABLE = "incoming_mail", IncomingMail._meta.db_table


def prepare(batch: Batch) -> None:
    """When it was sent, where that is not said."""
    for entry in batch.entries:
        if batch.action == "create" and not entry.get("sent_at"):
            entry.values["sent_at"] = batch.moment(entry)


def effects(batch: Batch) -> None:
    """File what is new, and what now belongs to somebody else."""
    if batch.action not in {"create", "update"}:
        return
    moved = ("person", "ticket", "automatic")
    entries = [e for e in batch.entries if batch.action == "create" or any(e.changes(name) for name in moved)]
    placed = _placed([e.id for e in entries])
    derive(KEY, "state", {e.id: _file(e, *placed[e.id]) for e in entries})
    if batch.action == "update":
        why = _("%(name)s said so.") % {"name": batch.caller.name}
        derive(KEY, "why", {e.id: why for e in entries if e.changes("person") or e.changes("ticket")})


def _placed(ids: list[int]) -> dict[int, tuple[int | None, int | None]]:
    """The interaction and the ticket entry of each mail, where it has one."""
    found: dict[int, tuple[int | None, int | None]] = {}
    for part in db.chunks(ids):
        text = f"SELECT id, interaction_id, entry_id FROM {TABLE} WHERE id IN ({db.marks(part)})"
        found |= {key: (interaction, entry) for key, interaction, entry in db.rows(Sql(text, tuple(part)))}
    return found


def _file(entry: Entry, interaction: int | None, said: int | None) -> str:
    """Put a mail where it belongs; where it stands then. It is Rapport who writes, whoever said whose mail it is."""
    if entry.get("automatic"):
        return str(Arrived.AUTOMATIC)
    person, ticket = entry.get("person"), entry.get("ticket")
    text = reply_of(entry.get("body") or "")
    on_ticket = {
        "ticket": ticket, "kind": "customer", "body": text or entry.get("subject"),
        "message_id": entry.get("message_id") or "",
    }  # fmt: skip
    of_person = {
        "kind": "mail", "direction": "in", "at": entry.get("sent_at"), "subject": entry.get("subject"), "body": text,
        "people": [person], "company": entry.get("company"), "deal": entry.get("deal"), "owner": entry.get("owner"),
        "team": entry.get("team"),
    }  # fmt: skip
    _place(entry.id, "ticketentry", "entry_id", said, on_ticket if ticket else None, "ticket")
    _place(
        entry.id, "interaction", "interaction_id", interaction, of_person if person and not ticket else None, "people"
    )
    return str(Arrived.FILED if person or ticket else Arrived.UNKNOWN)


def _place(mail: int, key: str, column: str, there: int | None, wanted: dict[str, Any] | None, moves: str) -> None:
    """Make, move or take away what a mail became, one record of `key`; `moves` is the field that says whose it is."""
    system = callers.system("mail")
    if there is not None and not visible(system, key).allowed([there]):
        there = None  # somebody has thrown it away
    if wanted is not None and there is not None:
        write.update(system, key, there, {moves: wanted[moves]})
        return
    if there is not None:
        write.delete(system, key, [there])
    made = write.create(system, key, wanted) if wanted is not None else None
    db.execute(Sql(f"UPDATE {TABLE} SET {column} = %s WHERE id = %s", (made, mail)))


def put_aside(caller: Caller, ids: list[int]) -> str:
    """Mail that belongs to no customer: it waits for nobody any more."""
    rows = _unknown(caller, ids)
    derive(KEY, "state", {row.id: str(Arrived.IGNORED) for row in rows})
    return ngettext("%(count)d mail put aside.", "%(count)d mails put aside.", len(rows)) % {"count": len(rows)}


def make_people(caller: Caller, ids: list[int]) -> str:
    """A new person of each sender, by the caller; who is known by now is taken. Raises Invalid, Forbidden."""
    rows, whose, made = _unknown(caller, ids), dict[str, int](), 0
    for sender, name in {row.values["sender"]: row.values["sender_name"] for row in rows}.items():
        known = identities.known_to(caller, sender)
        whose[sender] = known or write.create(caller, "person", {**person_of(sender, name), "source": "mail"})
        made += known is None
    errors = update_each(caller, KEY, [(row.id, {"person": whose[row.values["sender"]]}) for row in rows])
    if errors:
        raise Invalid(next(iter(errors.values())))
    return ngettext("%(count)d person made.", "%(count)d people made.", made) % {"count": made}


def person_of(address: str, name: str) -> dict[str, Any]:
    """What a mail tells of its sender: address, and a name that is one."""
    given, _space, family = name.rpartition(" ") if "@" not in name else ("", "", "")
    found = {"emails": address, "first_name": given, "last_name": family}
    return {field: value for field, value in found.items() if value}


def _unknown(caller: Caller, ids: list[int]) -> list[RowView]:
    columns, size = ("sender", "sender_name", "state"), len(ids)
    rows = visible(caller, KEY).page(columns=columns, ids=ids, filter=WAITING, sort="id", size=size).rows
    return [row for row in rows if row.values.get("sender")]


WAITING = {"field": "state", "op": "is", "value": str(Arrived.UNKNOWN)}
MAKE = Action(
    key="make-person", label=gettext_lazy("Make a person"), icon="user-plus", run=make_people, offered=WAITING
)
ASIDE = Action(key="aside", label=gettext_lazy("Put aside"), icon="archive", run=put_aside, offered=WAITING)
