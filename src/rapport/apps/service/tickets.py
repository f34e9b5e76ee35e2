"""What follows from what is written on tickets: numbers, times, minutes, where they stand; and acts on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from rapport.apps.service import answering, assigning
from rapport.apps.service.models import Said, Status
from rapport.lib.sql import Sql
from rapport.records import db, numbers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.write import Batch, derive, update_each, update_many
from rapport.registry.objects import Action
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()
NUMBER = "T-{}"
LONGEST = 120
UNSOLVED: Mapping[str, Any] = {"field": "status", "op": "is_not", "value": str(Status.SOLVED)}


def prepare(batch: Batch) -> None:
    """Number and opening of new tickets, what their queue implies, when one was solved, the company of who came."""
    if batch.action == "create":
        for entry, number in zip(batch.entries, numbers.take("ticket", len(batch.entries)), strict=True):
            entry.values |= {"number": NUMBER.format(number), "opened_at": batch.moment(entry)}
    assigning.prepare(batch)
    employers = employers_of(entry.values.get("person") for entry in batch.entries if entry.changes("person"))
    for entry in batch.entries:
        if entry.changes("person") and entry.get("company") is None:
            entry.values["company"] = employers.get(entry.values["person"])
        if entry.changes("status"):
            solved = entry.values["status"] == Status.SOLVED
            entry.values["solved_at"] = batch.moment(entry) if solved else None


def employers_of(people: Iterable[int | None]) -> dict[int, int]:
    """The company of each person who has one."""
    keys = sorted({key for key in people if key})
    found: dict[int, int] = {}
    for part in db.chunks(keys):
        text = f"SELECT id, company_id FROM customers_person WHERE company_id IS NOT NULL AND id IN ({db.marks(part)})"
        found.update(db.rows(Sql(text, tuple(part))))
    return found


def prepare_entry(batch: Batch) -> None:
    """What to call an entry by: the first line of its text, which it follows, unless something else was given."""
    for entry in batch.entries:
        if not entry.get("summary") or (entry.changes("body") and entry.get("summary") == _first(entry.before)):
            entry.values["summary"] = _first({"body": entry.get("body")})
    answering.check(batch)


def _first(values: Mapping[str, Any]) -> str:
    return str(values.get("body") or "").strip().split("\n")[0][:LONGEST]


def follow_entries(batch: Batch) -> None:
    """Minutes and first answer of the tickets, and where they stand after what was said."""
    tickets = sorted({key for e in batch.entries for key in (e.get("ticket"), e.before.get("ticket")) if key})
    for part in db.chunks(tickets):
        _sum_up(list(part))
    if batch.action == "create":
        _move(batch)


def _sum_up(tickets: list[int]) -> None:
    text = (
        "SELECT ticket_id, SUM(minutes), MIN(CASE WHEN kind = 'answer' THEN created_at END) FROM service_ticketentry "
        f"WHERE deleted_at IS NULL AND ticket_id IN ({db.marks(tickets)}) GROUP BY ticket_id"
    )
    found = {key: (minutes, answered) for key, minutes, answered in db.rows(Sql(text, tuple(tickets)))}
    spent = {key: found.get(key, (None, None))[0] for key in tickets}
    derive("ticket", "minutes", {key: None if minutes is None else int(minutes) for key, minutes in spent.items()})
    answered = {key: _DATETIME.from_json(found.get(key, (None, None))[1]) for key in tickets}
    derive("ticket", "first_answered_at", answered)


def _move(batch: Batch) -> None:
    """A customer who writes opens the ticket again; an answer opens a new one, or lets it wait when it is sent."""
    wrote = {e.values["ticket"] for e in batch.entries if e.values["kind"] == Said.CUSTOMER}
    answers = [e for e in batch.entries if e.values["kind"] == Said.ANSWER]
    answered = {e.values["ticket"] for e in answers} - wrote
    sent = {e.values["ticket"] for e in answers if e.values.get("by_mail")}
    moments = {e.values["ticket"]: batch.moment(e) for e in batch.entries}
    for part in db.chunks(sorted(wrote | answered)):
        text = f"SELECT id, status FROM service_ticket WHERE deleted_at IS NULL AND id IN ({db.marks(part)})"
        for key, status in db.rows(Sql(text, tuple(part))):
            to = _after(status, wrote=key in wrote, sent=key in sent)
            if to != status:
                update_each(batch.caller, "ticket", [(key, {"status": to})], at={key: moments[key]})


def _after(status: str, *, wrote: bool, sent: bool) -> str:
    """Where a ticket stands after the customer wrote, or was answered, by mail or otherwise."""
    if wrote:
        return str(Status.OPEN) if status in {Status.WAITING, Status.SOLVED} else status
    if sent:
        return str(Status.WAITING) if status in {Status.NEW, Status.OPEN} else status
    return str(Status.OPEN) if status == Status.NEW else status


def solve(caller: Caller, ids: list[int], values: Mapping[str, Any]) -> str:
    """Mark tickets as solved, with what was done. Raises NotFound, Forbidden, Invalid."""
    _refuse(update_many(caller, "ticket", ids, {**values, "status": Status.SOLVED}))
    return ngettext("%(count)d ticket solved.", "%(count)d tickets solved.", len(ids)) % {"count": len(ids)}


def reopen(caller: Caller, ids: list[int]) -> str:
    """Open tickets again. Raises NotFound, Forbidden."""
    _refuse(update_many(caller, "ticket", ids, {"status": Status.OPEN}))
    return ngettext("%(count)d ticket open again.", "%(count)d tickets open again.", len(ids)) % {"count": len(ids)}


def take_over(caller: Caller, ids: list[int]) -> str:
    """Make the caller the one who works on tickets. Raises NotFound, Forbidden."""
    _refuse(update_many(caller, "ticket", ids, {"assignee": caller.user_id}))
    return ngettext("%(count)d ticket is yours.", "%(count)d tickets are yours.", len(ids)) % {"count": len(ids)}


def _refuse(errors: Mapping[int, dict[str, list[Any]]]) -> None:
    if errors:
        raise Invalid(next(iter(errors.values())))


SOLVE = Action(
    key="solve", label=_("Solve"), icon="circle-check", run=solve, asks=("solution",), offered=UNSOLVED,
)  # fmt: skip
REOPEN = Action(
    key="reopen", label=_("Open again"), icon="rotate", run=reopen,
    offered={"field": "status", "op": "is", "value": str(Status.SOLVED)},
)  # fmt: skip
TAKE = Action(
    key="take", label=_("Take it on"), icon="user-check", run=take_over,
    offered={"all": [UNSOLVED, {"field": "assignee", "op": "empty"}]},
)  # fmt: skip
