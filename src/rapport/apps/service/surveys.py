"""Survey answers: the scale of each kind, whom they are about, and the satisfaction of their tickets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.apps.service.models import SCALES, Survey
from rapport.apps.service.tickets import employers_of
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.write import Batch, Entry, derive


def prepare(batch: Batch) -> None:
    """Refuse a score off the scale; fill in who answered, when, and what to call it."""
    tickets = _tickets(batch)
    for entry in batch.entries:
        _check(entry)
        if entry.get("answered_at") is None:
            entry.values["answered_at"] = batch.moment(entry)
        if entry.changes("ticket"):
            for name, value in tickets.get(entry.values["ticket"], {}).items():
                if entry.get(name) is None:
                    entry.values[name] = value
        if not entry.errors and entry.get("name") in {None, "", _name(entry.before)}:
            entry.values["name"] = _name({"kind": entry.get("kind"), "score": entry.get("score")})
    employers = employers_of(e.get("person") for e in batch.entries if e.changes("person"))
    for entry in batch.entries:
        if entry.changes("person") and entry.get("company") is None:
            entry.values["company"] = employers.get(entry.values["person"])


def _name(values: Mapping[str, Any]) -> str:
    """What to call an answer by: `CSAT 4`."""
    return f"{values['kind']} {values['score']}".upper() if values else ""


def _check(entry: Entry) -> None:
    kind, score = entry.get("kind"), entry.get("score")
    if kind not in SCALES or score is None:
        return
    lowest, highest = SCALES[Survey(kind)]
    if not lowest <= score <= highest:
        text = _("%(kind)s goes from %(lowest)d to %(highest)d.")
        entry.refuse("score", text % {"kind": Survey(kind).label, "lowest": lowest, "highest": highest})


def _tickets(batch: Batch) -> dict[int, dict[str, Any]]:
    """Person and company of the tickets that answers are about."""
    keys = sorted({e.values["ticket"] for e in batch.entries if e.changes("ticket") and e.values["ticket"]})
    found: dict[int, dict[str, Any]] = {}
    for part in db.chunks(keys):
        text = f"SELECT id, person_id, company_id FROM service_ticket WHERE id IN ({db.marks(part)})"
        for key, person, company in db.rows(Sql(text, tuple(part))):
            found[key] = {"person": person, "company": company}
    return found


def follow_answers(batch: Batch) -> None:
    """Keep the satisfaction of tickets: their last answer of the kind CSAT."""
    keys = sorted({key for e in batch.entries for key in (e.get("ticket"), e.before.get("ticket")) if key})
    for part in db.chunks(keys):
        text = (
            "SELECT ticket_id, score FROM service_surveyanswer WHERE kind = 'csat' AND deleted_at IS NULL "
            f"AND ticket_id IN ({db.marks(part)}) ORDER BY answered_at, id"
        )
        derive("ticket", "satisfaction", {**dict.fromkeys(part), **dict(db.rows(Sql(text, tuple(part))))})
