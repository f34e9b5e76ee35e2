"""From the outbox to subscribers: each event is told to each subscriber at least once, after its commit.

Events are told in runs: a job holds what a subscriber has to hear, and tells it a few at a time. What a subscriber does
to the database stands or falls with the position of its job, so that a killed worker leaves nothing out and does
nothing twice. An event that a subscriber can't bear is set apart, in a job of its own that is tried again later.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.db import OperationalError, connection, transaction

from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.jobs.queue import BACKOFF, TakenAway, enqueue, reached
from rapport.registry import extensions

BATCH, MOST_IDS = 500, 10_000
"""Events of one dispatch; records in the events of one job."""
AT_ONCE = 500
"""Records in the events that a subscriber is told at once, in one transaction."""
JOB = "tell"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a set of records: `object_key`, `action`, their `ids`, the `fields` that changed."""

    object_key: str
    action: str
    ids: list[int]
    fields: list[str]
    actor_id: int | None
    at: dt.datetime | str


Raw = dict[str, Any]
"""An event as a job keeps it."""


def dispatch() -> int:
    """Turn events into work for their subscribers and remove them; how many. One transaction, safe to run twice."""
    if db.row(Sql("SELECT 1 FROM records_outboxentry LIMIT 1")) is None:
        return 0
    with transaction.atomic():
        lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
        rows = db.rows(
            Sql(f"SELECT id, event, ids, fields, actor_id, at FROM records_outboxentry ORDER BY id LIMIT {BATCH}{lock}")
        )
        events = [
            {"event": name, "ids": json.column(ids), "fields": json.column(fields), "actor_id": actor, "at": str(at)}
            for _key, name, ids, fields, actor, at in rows
        ]
        for subscriber in extensions.all_of(extensions.On):
            heard = [e for e in events if any(fnmatchcase(e["event"], pattern) for pattern in subscriber.events)]
            for part in _parts(heard, MOST_IDS) if heard and subscriber.wanted() else ():
                enqueue(JOB, {"subscriber": subscriber.name, "events": part}, total=len(part))
        for chunk in db.chunks([r[0] for r in rows]):
            db.execute(Sql(f"DELETE FROM records_outboxentry WHERE id IN ({db.marks(chunk)})", tuple(chunk)))
    return len(rows)


def tell(context: Any) -> None:
    """Run one subscriber on the events of a job, from its position on. Raises what a single event makes it raise."""
    subscriber = extensions.named(extensions.On, context.arguments["subscriber"])
    if subscriber is None:
        return
    events: list[Raw] = context.arguments["events"]
    position = context.row.done
    for part in _parts(events[position:], AT_ONCE):
        try:
            _tell(context, subscriber, part, position)
        except (OperationalError, TakenAway):
            raise
        except Exception:
            if len(events) == 1:
                raise
            _tell_each(context, subscriber, part, position)
        position += len(part)
        context.progress(position)


def _tell(context: Any, subscriber: extensions.On, events: Sequence[Raw], position: int) -> None:
    """Tell events at once; what the subscriber writes and the position behind them are one transaction."""
    run: Callable[[list[Event]], None] = subscriber.run
    with transaction.atomic():
        run([_event(raw) for raw in events])
        reached(context.row, done=position + len(events))


def _tell_each(context: Any, subscriber: extensions.On, events: Sequence[Raw], position: int) -> None:
    """Tell events one by one, and set apart those that the subscriber can't bear."""
    for at, raw in enumerate(events, position):
        try:
            _tell(context, subscriber, [raw], at)
        except (OperationalError, TakenAway):
            raise
        except Exception:
            logger.exception("%s could not follow up on %s", subscriber.name, raw["event"])
            with transaction.atomic():
                due = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=BACKOFF[0])
                enqueue(JOB, {"subscriber": subscriber.name, "events": [raw]}, due_at=due, total=1)
                reached(context.row, done=at + 1)


def _event(raw: Raw) -> Event:
    object_key, _dot, action = raw["event"].partition(".")
    return Event(object_key, action, list(raw["ids"]), list(raw["fields"]), raw["actor_id"], raw["at"])


def _parts(events: Sequence[Raw], most: int) -> Iterator[list[Raw]]:
    """Consecutive events with at most so many records together; one with more stands alone."""
    part: list[Raw] = []
    count = 0
    for raw in events:
        if part and count + len(raw["ids"]) > most:
            yield part
            part, count = [], 0
        part.append(raw)
        count += len(raw["ids"])
    if part:
        yield part
