"""The job that finds out whom events tell of: recognises, fills in or makes people, and ties identities to them.

A visitor's events are looked at together, in one transaction with what comes of them: a worker that is killed leaves
them waiting, or done. Who holds an identity keeps it; where events say that two people are one, the pair is queued for
somebody to decide.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from rapport.apps.cdp import traits
from rapport.apps.cdp.models import EventKind, Resolution
from rapport.apps.cdp.storing import ANONYMOUS, IDENTITIES, JOB, LINKS, TABLE, USER
from rapport.features.duplicates.arriving import Arrival, arrive
from rapport.features.duplicates.models import Source as Found
from rapport.features.duplicates.suggesting import Reason, Suggestion, suggest
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import RecordsError
from rapport.records.jobs import queue
from rapport.registry import catalog

__all__ = ["JOB", "resolve"]
DOOR, PERSON = "event", "person"
AT_ONCE = 200
POINTS = ("emails", "phones")
"""What is left of traits where a person takes them not all together."""
# The few that wait are taken first, by themselves: joined at once, SQLite walks all events instead of their index.
WAITING = (
    "SELECT e.id, e.identity_id, e.kind, s.makes_people, e.traits, e.context "
    f"FROM (SELECT * FROM {TABLE} WHERE resolution = 'waiting' ORDER BY id LIMIT {AT_ONCE}) e "
    "LEFT JOIN cdp_eventsource s ON s.id = e.source_id ORDER BY e.id"
)
SCORES = {True: 0.9, False: 0.6}
"""How likely two people are one whom an event says to be one, or who came as one visitor."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event to be resolved."""

    id: int
    identity: int
    kind: str
    makes: bool
    traits: str
    context: str


@dataclass(frozen=True, slots=True)
class Near:
    """An identity that came together with another one; `said` to be the same, or of the same visitor."""

    id: int
    kind: str
    person: int | None
    said: bool


def resolve(context: Any) -> queue.Later | None:
    """Resolve what waits, visitor by visitor, until nothing does or the worker stops."""
    caller = callers.system(DOOR)
    while found := _waiting():
        visitors: dict[int, list[Waiting]] = {}
        for event in found:
            visitors.setdefault(event.identity, []).append(event)
        for identity, events in visitors.items():
            if context.stop.is_set():
                return queue.Later(timezone.now())
            _resolved(context, caller, identity, events)
    return None


def _waiting() -> list[Waiting]:
    return [Waiting(i, who, kind, bool(makes), *said) for i, who, kind, makes, *said in db.rows(Sql(WAITING))]


def _resolved(context: Any, caller: Caller, identity: int, events: Sequence[Waiting]) -> None:
    """One visitor, in one transaction. Raises queue.TakenAway; what is wrong with one holds up no other."""
    try:
        with transaction.atomic():
            _note(events, _visitor(caller, identity, events))
            # At the end: until the commit, it keeps whoever takes in events from waking this job.
            queue.reached(context.row, done=context.row.done)
    except (OperationalError, InterfaceError, queue.TakenAway):
        raise
    except RecordsError:
        _failed(context, events, Resolution.BARE)
    except Exception:
        logger.exception("events of the identity %s can't be resolved", identity)
        _failed(context, events, Resolution.FAILED)


def _failed(context: Any, events: Sequence[Waiting], outcome: Resolution) -> None:
    with transaction.atomic():
        _note(events, outcome)
        queue.reached(context.row, done=context.row.done)


def _note(events: Sequence[Waiting], outcome: Resolution) -> None:
    marks = db.marks(events)
    text = f"UPDATE {TABLE} SET resolution = %s WHERE id IN ({marks})"
    db.execute(Sql(text, (outcome.value, *(event.id for event in events))))


def _visitor(caller: Caller, identity: int, events: Sequence[Waiting]) -> Resolution:
    """Who it is, with all that follows; what came of it. Raises Invalid where nobody can be made of what is known."""
    row = db.row(Sql(f"SELECT kind, value, person_id FROM {IDENTITIES} WHERE id = %s", (identity,)))
    if row is None:
        return Resolution.DONE
    kind, value, person = row
    near = _near(identity)
    known = person if person is not None else _through(kind, near)
    arrival = _arrived(caller, value if kind == USER else "", events, known)
    meant = arrival.id if arrival.id is not None else known
    if meant is not None:
        _tie(meant, [identity, *(one.id for one in near if one.person is None)])
        if any(event.kind in {EventKind.IDENTIFY, EventKind.ALIAS} for event in events):
            _queue(meant, near)
        return Resolution.DONE
    return Resolution.ALIKE if arrival.alike else Resolution.UNKNOWN if _recognises_only(events) else Resolution.BARE


def _recognises_only(events: Iterable[Waiting]) -> bool:
    """Whether strangers are not made into people by the sources of the events."""
    return not any(event.makes for event in events)


def _near(identity: int) -> list[Near]:
    """The identities that came with this one, in either place."""
    text = (
        f"SELECT i.id, i.kind, i.person_id, l.said FROM {LINKS} l JOIN {IDENTITIES} i ON i.id = l.other_id "
        f"WHERE l.identity_id = %s UNION ALL SELECT i.id, i.kind, i.person_id, l.said FROM {LINKS} l "
        f"JOIN {IDENTITIES} i ON i.id = l.identity_id WHERE l.other_id = %s"
    )
    rows = db.rows(Sql(text, (identity, identity)))
    return [
        Near(key, kind, person, bool(said)) for key, kind, person, said in sorted(rows, key=lambda r: (not r[3], r[0]))
    ]


def _through(kind: str, near: Sequence[Near]) -> int | None:
    """The person whom an identity stands for by what came with it.

    A user id is somebody else than the visitor before, where that visitor is known under a user id of their own: two
    people may use one browser, one after the other.
    """
    for one in near:
        if one.person is not None and (one.said or kind == ANONYMOUS or not _has_user(one.person)):
            return one.person
    return None


def _has_user(person: int) -> bool:
    text = f"SELECT 1 FROM {IDENTITIES} WHERE person_id = %s AND kind = '{USER}' LIMIT 1"
    return db.row(Sql(text, (person,))) is not None


def _arrived(caller: Caller, user: str, events: Sequence[Waiting], known: int | None) -> Arrival:
    """Let traits arrive at the door of events; without any that a field takes, nobody does."""
    said = traits.combined((event.kind, event.traits, event.context) for event in events)
    obj = catalog.current()[PERSON]
    identifies = any(event.kind == EventKind.IDENTIFY for event in events)
    raw = traits.values(obj, said, user if identifies else "")
    if not raw:
        return Arrival(None)
    new = None if _recognises_only(events) else traits.of_new(said)
    try:
        with transaction.atomic():
            return arrive(caller, obj, raw, known, new=new)
    except RecordsError:  # such as a value that must be unique, and somebody else has
        points = {field: raw[field] for field in POINTS if field in raw}
        if known is None and not points:
            raise
        with transaction.atomic():
            return arrive(caller, obj, points, known, new=new)


def _tie(person: int, identities: Sequence[int]) -> None:
    """Give identities that nobody has to a person, with all that happened under them."""
    for part in db.chunks(identities):
        text = f"UPDATE {IDENTITIES} SET person_id = %s WHERE person_id IS NULL AND id IN ({db.marks(part)})"
        db.execute(Sql(text, (person, *part)))


def _queue(meant: int, near: Sequence[Near]) -> None:
    """Queue others who hold what came with an identity; not who used the same browser under a user id of their own."""
    pairs: dict[int, Suggestion] = {}
    for one in near:
        if one.person is None or one.person == meant or one.person in pairs:
            continue
        if one.said or not (_has_user(meant) and _has_user(one.person)):
            pairs[one.person] = Suggestion(meant, one.person, SCORES[one.said], (Reason("visitor", "same", 1.0),))
    suggest(PERSON, pairs.values(), Found.EVENT)
