"""Starting people in sequences, and what may become of that: who may, once only, paused, gone on with, stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.sequences import planning, undoing
from rapport.apps.sequences.models import OPEN, OPEN_SQL, Reason, State
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.records.write import Batch, Entry, create_many, update_many
from rapport.registry.extensions import Act
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import Action
from rapport.registry.types import TYPES

KEY = "enrollment"


def prepare(batch: Batch) -> None:
    """Who may be started, by whom, once; and which state may follow which."""
    fresh = batch.action == "create"
    sequences = _sequences(batch) if fresh else {}
    for entry in batch.entries:
        if fresh:
            _start(batch, entry, sequences.get(entry.get("sequence")))
        else:
            _go_on(batch, entry)
    _check_owners(batch)
    _check_deals(batch)
    if fresh:
        _check_once(batch)


def _sequences(batch: Batch) -> dict[int, tuple[str, bool, bool, bool]]:
    """Name, whether active, whether it has steps, whether it writes mail, of the sequences of a batch."""
    found = {}
    for part in db.chunks(sorted({e.get("sequence") for e in batch.entries if e.get("sequence")})):
        text = (
            "SELECT s.id, s.name, s.active, COUNT(t.id), SUM(CASE WHEN t.kind = 'mail' THEN 1 ELSE 0 END) "
            "FROM sequences_sequence s LEFT JOIN sequences_sequencestep t ON t.sequence_id = s.id "
            f"AND t.deleted_at IS NULL WHERE s.id IN ({db.marks(part)}) GROUP BY s.id, s.name, s.active"
        )
        for key, name, active, count, mails in db.rows(Sql(text, tuple(part))):
            found[key] = (name, bool(active), bool(count), bool(mails))
    return found


def _start(batch: Batch, entry: Entry, sequence: tuple[str, bool, bool, bool] | None) -> None:
    if entry.get("state") != State.RUNNING:
        entry.refuse("state", _("Whoever is started begins as “%(state)s”.") % {"state": State.RUNNING.label})
    entry.values |= {"reason": "", "started_at": batch.moment(entry)}
    if sequence is None:
        return
    name, active, some, mails = sequence
    entry.values["name"] = name
    if not active:
        entry.refuse("sequence", _("“%(name)s” is not active. Activate it, or choose another one.") % {"name": name})
    elif not some:
        entry.refuse("sequence", _("“%(name)s” has no steps yet. Add one first.") % {"name": name})
    elif mails and entry.get("person") and not _has_mail(batch.caller, entry.get("person")):
        entry.refuse("person", _("“%(name)s” writes mails, and this person has no e-mail address.") % {"name": name})


def _has_mail(caller: Caller, person: int) -> bool:
    rows = visible(caller, "person").page(columns=("emails",), ids=[person], size=1).rows
    return not rows or "emails" not in rows[0].values or bool(rows[0].values["emails"])


def _go_on(batch: Batch, entry: Entry) -> None:
    """Refuse another sequence or person, and a way back from the end."""
    for name in ("sequence", "person"):
        if entry.changes(name):
            entry.refuse(name, _("That can't be changed any more: stop this one and start another."))
    if not entry.changes("state"):
        return
    if entry.before.get("state") not in OPEN:
        entry.refuse("state", _("It has ended. Start the sequence once more instead."))
        return
    ended = entry.values["state"] not in OPEN
    entry.values["ended_at"] = batch.moment(entry) if ended else None
    if entry.values["state"] == State.STOPPED:
        entry.values.setdefault("reason", Reason.HAND)


def _check_owners(batch: Batch) -> None:
    """Whoever works on it must be there and see the person."""
    wanted: dict[int, list[Entry]] = {}
    for entry in batch.entries:
        if batch.action == "create" or entry.changes("owner"):
            wanted.setdefault(entry.get("owner") or 0, []).append(entry)
    for owner, entries in wanted.items():
        worker = callers.of_user(owner)
        people = [e.get("person") for e in entries if e.get("person")]
        seen = visible(worker, "person").allowed(people) if worker else set()
        for entry in entries:
            if worker is None:
                entry.refuse("owner", _("Choose who works on it."))
            elif entry.get("person") and entry.get("person") not in seen:
                entry.refuse("owner", _("%(name)s may not see this person.") % {"name": worker.name})


def _check_deals(batch: Batch) -> None:
    given = [e for e in batch.entries if e.changes("deal") and e.values["deal"]]
    closed: set[int] = set()
    for part in db.chunks(sorted({e.values["deal"] for e in given})):
        text = f"SELECT id FROM sales_deal WHERE id IN ({db.marks(part)}) AND outcome <> 'open'"
        closed |= {r[0] for r in db.rows(Sql(text, tuple(part)))}
    for entry in given:
        if entry.values["deal"] in closed:
            entry.refuse("deal", _("This deal is closed: choose an open one, or none."))


def _check_once(batch: Batch) -> None:
    """Nobody is in one sequence twice at a time."""
    pairs = {(e.get("sequence"), e.get("person")) for e in batch.entries}
    taken: set[tuple[int, int]] = set()
    for part in db.chunks(sorted({person for _sequence, person in pairs if person})):
        text = (
            "SELECT sequence_id, person_id FROM sequences_enrollment WHERE deleted_at IS NULL "
            f"AND state IN {OPEN_SQL} AND person_id IN ({db.marks(part)})"
        )
        taken |= {(sequence, person) for sequence, person in db.rows(Sql(text, tuple(part)))}
    for entry in batch.entries:
        pair = (entry.get("sequence"), entry.get("person"))
        if pair in taken and not entry.errors:
            entry.refuse("person", _("This person is in “%(name)s” already.") % {"name": entry.get("name")})
        taken.add(pair)


def effects(batch: Batch) -> None:
    """The next step is planned; what was stopped takes its open tasks and drafts along."""
    if batch.action == "create":
        planning.plan(batch.ids)
    if batch.action != "update":
        return
    turned = [e for e in batch.entries if e.changes("state")]
    planning.plan([e.id for e in turned if e.values["state"] == State.RUNNING], not_before=batch.at)
    planning.plan([e.id for e in batch.entries if e.changes("owner") and not e.changes("state")])
    planning.forget([e.id for e in turned if e.values["state"] not in OPEN])
    undoing.withdraw({e.id: _why(e) for e in turned if e.values["state"] in (State.ANSWERED, State.STOPPED)})


def _why(entry: Entry) -> str:
    state, reason = State(entry.get("state")), entry.get("reason")
    text = str(Reason(reason).label) if reason and state == State.STOPPED else str(state.label)
    return f"{entry.get('name')}: {text}"


# -- acts -------------------------------------------------------------------------------------------------------------


def start(caller: Caller, ids: Sequence[int], values: Mapping[str, Any]) -> str:
    """Start people in a sequence; all or none. Raises Forbidden, and Invalid for the first who can't be."""
    return _enroll(caller, [{"person": key} for key in ids], values)


def start_leads(caller: Caller, ids: Sequence[int], values: Mapping[str, Any]) -> str:
    """Start the people of leads in a sequence. Raises Forbidden, Invalid."""
    rows = visible(caller, "lead").page(columns=("person", "deal"), ids=ids, sort="id", size=len(ids) or 1).rows
    if not all(row.values.get("person") for row in rows):
        raise Invalid({"": [_("Nobody is known behind this lead yet: convert it, or choose its person, first.")]})
    who = [{"person": row.values["person"], "deal": row.values.get("deal")} for row in rows]
    return _enroll(caller, who, values)


def _enroll(caller: Caller, who: Iterable[Mapping[str, Any]], values: Mapping[str, Any]) -> str:
    given = {name: value for name in ("sequence", "owner", "deal") if (value := values.get(name))}
    rows = [{**person, **given} for person in who]
    created = create_many(caller, KEY, rows)
    if created.errors:
        raise Invalid(next(iter(created.errors.values())))
    return ngettext("%(count)d person started.", "%(count)d people started.", len(rows)) % {"count": len(rows)}


def pause(caller: Caller, ids: list[int]) -> str:
    """No further steps for now. Raises NotFound, Forbidden, Invalid."""
    _turn(caller, ids, State.PAUSED)
    return ngettext("%(count)d sequence paused.", "%(count)d sequences paused.", len(ids)) % {"count": len(ids)}


def resume(caller: Caller, ids: list[int]) -> str:
    """On with the next step. Raises NotFound, Forbidden, Invalid."""
    _turn(caller, ids, State.RUNNING)
    return ngettext("%(count)d sequence resumed.", "%(count)d sequences resumed.", len(ids)) % {"count": len(ids)}


def stop(caller: Caller, ids: list[int]) -> str:
    """No further steps at all. Raises NotFound, Forbidden, Invalid."""
    _turn(caller, ids, State.STOPPED)
    return ngettext("%(count)d sequence stopped.", "%(count)d sequences stopped.", len(ids)) % {"count": len(ids)}


def _turn(caller: Caller, ids: list[int], state: State) -> None:
    errors = update_many(caller, KEY, ids, {"state": state.value})
    if errors:
        raise Invalid(next(iter(errors.values())))


def _in(*states: State) -> dict[str, Any]:
    return {"field": "state", "op": "in", "value": [state.value for state in states]}


PAUSE = Action(
    key="pause", label=gettext_lazy("Pause"), icon="player-pause", run=pause, offered=_in(State.RUNNING),
)  # fmt: skip
RESUME = Action(key="resume", label=gettext_lazy("Resume"), icon="player-play", run=resume, offered=_in(State.PAUSED))
STOP = Action(key="stop", label=gettext_lazy("Stop"), icon="ban", run=stop, offered=_in(*OPEN))

_SEQUENCE = FieldSpec(
    name="sequence", type=TYPES["reference"], label=gettext_lazy("sequence"), target="sequence", required=True
)
_OWNER = FieldSpec(
    name="owner", type=TYPES["user"], label=gettext_lazy("works on it"), target="records.User",
    help=gettext_lazy("Gets the tasks and the drafts. Empty: you."),
)  # fmt: skip
_DEAL = FieldSpec(
    name="deal", type=TYPES["reference"], label=gettext_lazy("deal"), target="deal",
    help=gettext_lazy("Closing it stops the sequence."),
)  # fmt: skip


def _act(key: str, run: Callable[..., str], inputs: tuple[FieldSpec, ...]) -> Act:
    action = Action(
        key="start-sequence", label=gettext_lazy("Start sequence"), icon="route", run=run, inputs=inputs,
    )  # fmt: skip
    return Act(name=f"start-sequence-{key}", object_key=key, action=action)


ACTS = (_act("person", start, (_SEQUENCE, _OWNER, _DEAL)), _act("lead", start_leads, (_SEQUENCE, _OWNER)))
