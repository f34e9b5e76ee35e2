"""What follows from what is entered of a lead: its name, who it is, its stamps, and what it takes to be qualified."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from rapport.apps.customers import identities
from rapport.apps.leads.models import Status
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.read import visible
from rapport.records.write import Batch, Entry, derive
from rapport.registry.types.dates import DateTimeType

NAMED_BY = ("first_name", "last_name", "company_name", "email", "phone", "subject", "person")
CLOSED = (Status.CONVERTED, Status.DISQUALIFIED)
_MOMENT = DateTimeType()


def prepare(batch: Batch) -> None:
    """A name (a lead may be nobody yet: a visitor, a number that rang), who it is, stamps, what qualified asks for."""
    musts = _musts() if any(e.changes("status") for e in batch.entries) else {}
    _recognise(batch)
    for entry in batch.entries:
        if batch.action == "create" or set(NAMED_BY) & entry.values.keys():
            _name(batch, entry)
        if entry.changes("owner"):
            entry.values["assigned_at"] = batch.moment(entry) if entry.get("owner") else None
        if entry.changes("status"):
            _stand(batch, entry, musts)


def _name(batch: Batch, entry: Entry) -> None:
    full = " ".join(p for p in (entry.get("first_name"), entry.get("last_name")) if p)
    known = _label(batch, entry.get("person")) if entry.get("person") and not full else ""
    who = full or known or entry.get("email") or entry.get("phone") or ""
    parts = [p for p in (who, entry.get("company_name") or ("" if who else entry.get("subject"))) if p]
    entry.values["name"] = ", ".join(parts)[:200] or _("Somebody unknown")


def _label(batch: Batch, person: int) -> str:
    rows = visible(batch.caller, "person").page(columns=("name",), ids=[person], size=1).rows
    return rows[0].title or "" if rows else ""


def _recognise(batch: Batch) -> None:
    """Tie new leads to the person whose mail address they give, if the caller may see that person."""
    open_ = [
        e for e in batch.entries
        if e.get("email") and not e.get("person") and (batch.action == "create" or e.changes("email"))
    ]  # fmt: skip
    if not open_:
        return
    held = identities.find(identities.EMAIL, [e.get("email") for e in open_])
    seen = set(visible(batch.caller, "person").allowed(sorted(set(held.values())), "read")) if held else set()
    for entry in open_:
        person = held.get(identities.normal(identities.EMAIL, entry.get("email")))
        if person in seen:
            entry.values["person"] = person


def _musts() -> dict[int, str]:
    return dict(
        db.rows(Sql("SELECT id, name FROM leads_criterion WHERE must AND deleted_at IS NULL ORDER BY position"))
    )


def _stand(batch: Batch, entry: Entry, musts: dict[int, str]) -> None:
    """What a new status asks for and stamps."""
    status = entry.values["status"]
    entry.values["closed_at"] = batch.moment(entry) if status in CLOSED else None
    if status != Status.DISQUALIFIED:
        entry.values |= {"reason": "", "reason_note": ""}
    if status == Status.CONVERTED and not entry.get("person"):
        entry.refuse("status", _("Convert the lead by “Convert”: that makes the person, the company and the deal."))
    if status == Status.QUALIFIED:
        met = set(entry.get("met") or ())
        if missing := [name for key, name in musts.items() if key not in met]:
            entry.refuse("status", _("Not qualified yet: %(criteria)s.") % {"criteria": ", ".join(missing)})


def effects(batch: Batch) -> None:
    """A lead that is taken up has been answered."""
    taken = {
        e.id: batch.moment(e)
        for e in batch.entries
        if batch.action == "update" and e.changes("status") and e.before.get("status") == Status.NEW
        and e.values["status"] != Status.DISQUALIFIED
    }  # fmt: skip
    answered(taken)


def answered(moments: dict[int, dt.datetime]) -> None:
    """Note when leads were first answered, for those that were not before."""
    found: dict[int, dt.datetime] = {}
    minutes: dict[int, int] = {}
    for part in db.chunks(sorted(moments)):
        text = f"SELECT id, created_at FROM leads_lead WHERE id IN ({db.marks(part)}) AND responded_at IS NULL"
        for key, raw in db.rows(Sql(text, tuple(part))):
            created = _MOMENT.from_json(raw)
            if created is not None and moments[key] >= created:
                found[key] = moments[key]
                minutes[key] = int((moments[key] - created).total_seconds() // 60)
    derive("lead", "responded_at", found)
    derive("lead", "response_minutes", minutes)


def follow_interactions(events: Sequence[Any]) -> None:
    """Whoever writes to or speaks with the person of an open lead has answered it."""
    for ids in db.chunks(sorted({key for event in events for key in event.ids})):
        statement = Sql(
            "SELECT l.id, MIN(x.at) FROM leads_lead l JOIN customers_identity i ON i.person_id = l.person_id "
            "JOIN customers_participant p ON p.identity_id = i.id "
            "JOIN customers_interaction x ON x.id = p.interaction_id "
            f"WHERE x.id IN ({db.marks(ids)}) AND x.kind <> 'note' AND x.direction <> 'in' AND x.deleted_at IS NULL "
            "AND l.responded_at IS NULL AND l.deleted_at IS NULL AND x.at >= l.created_at GROUP BY l.id",
            tuple(ids),
        )
        answered({key: moment for key, raw in db.rows(statement) if (moment := _MOMENT.from_json(raw))})
