"""From the outbox to subscribers: each event is told to each subscriber at least once, after its commit."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.db import connection, transaction

from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.jobs.queue import enqueue
from rapport.registry import extensions

BATCH = 200
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


def dispatch() -> int:
    """Turn events into work for their subscribers and remove them; how many. One transaction, safe to run twice."""
    subscribers = extensions.all_of(extensions.On)
    with transaction.atomic():
        lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
        rows = db.rows(
            Sql(f"SELECT id, event, ids, fields, actor_id, at FROM records_outboxentry ORDER BY id LIMIT {BATCH}{lock}")
        )
        for key, name, ids, fields, actor, at in rows:
            for subscriber in subscribers:
                if any(fnmatchcase(name, pattern) for pattern in subscriber.events):
                    arguments = {
                        "subscriber": subscriber.name, "event": name, "ids": json.column(ids),
                        "fields": json.column(fields), "actor_id": actor, "at": str(at),
                    }  # fmt: skip
                    enqueue(JOB, arguments, key=f"tell:{key}:{subscriber.name}")
        for part in db.chunks([r[0] for r in rows]):
            db.execute(Sql(f"DELETE FROM records_outboxentry WHERE id IN ({db.marks(part)})", tuple(part)))
    return len(rows)


def tell(context: Any) -> None:
    """Run one subscriber on one event."""
    arguments = context.arguments
    subscriber = extensions.named(extensions.On, arguments["subscriber"])
    if subscriber is None:
        return
    object_key, _dot, action = arguments["event"].partition(".")
    run: Callable[[Any], None] = subscriber.run
    run(
        Event(
            object_key, action, list(arguments["ids"]), list(arguments["fields"]), arguments["actor_id"],
            arguments["at"],
        )
    )  # fmt: skip
