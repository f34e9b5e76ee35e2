"""Events stored in one transaction: identities, links between them, rows, counts, and the job woken that recognises."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from rapport.apps.cdp.decoding import Taken
from rapport.apps.cdp.models import EventKind, Resolution
from rapport.apps.cdp.sources import MINUTE, MINUTES, Source
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.jobs import queue

JOB = "resolve-events"
USER, ANONYMOUS = "user", "anonymous"
TABLE, LINKS, IDENTITIES = "cdp_event", "cdp_identitylink", "customers_identity"
COLUMNS = (
    "key", "source_id", "identity_id", "kind", "name", "at", "received_at", "properties", "traits", "context",
    "resolution",
)  # fmt: skip
MAIL = '"email"'
ALIAS = EventKind.ALIAS.value
TELLING = frozenset((EventKind.IDENTIFY.value, ALIAS))
"""Kinds of events that say who somebody is."""
POSTGRESQL = (
    f"INSERT INTO {TABLE} ({', '.join(COLUMNS)}) "
    "SELECT decode(r.key, 'hex'), r.source_id, r.identity_id, r.kind, r.name, r.at, r.received_at, r.properties, "
    "r.traits, r.context, r.resolution FROM json_to_recordset(%s::json) AS r(key text, source_id bigint, "
    "identity_id bigint, kind text, name text, at timestamptz, received_at timestamptz, properties text, traits text, "
    "context text, resolution text) ON CONFLICT (key) DO NOTHING"
)
Who = tuple[str, str]
"""Kind and value of an identity."""
Held = dict[Who, tuple[int, int | None]]
"""Identity to its key and its person."""


class TooMany(Exception):
    """The source has sent more than it may in this minute, which has so many `seconds` left."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


_full: dict[int, int] = {}
"""The minute in which a source was found to have sent all that it may, so that the next requests cost nothing."""
_lock = threading.Lock()


def store(source: Source, events: Sequence[Taken], refused: Sequence[str], received: dt.datetime) -> None:
    """Store events that are new, and count all, with why others were refused: everything or nothing. Raises TooMany."""
    minute, left = divmod(int(received.timestamp()), MINUTE)
    if _full.get(source.id) == minute:
        raise TooMany(MINUTE - left)
    try:
        with transaction.atomic():
            _store(source, events, received)
            if _counted(source, minute, len(events), refused) > int(settings.EVENTS_PER_MINUTE):
                raise TooMany(MINUTE - left)
    except TooMany:
        with _lock:
            _full[source.id] = minute
        raise


def _store(source: Source, events: Sequence[Taken], received: dt.datetime) -> None:
    held = _identities(events)
    fresh = _linked(events, held)
    rows = [_row(source, event, received, held, fresh) for event in events]
    _insert(rows)
    if any(row[-1] for row in rows):
        queue.wake(JOB, JOB)


def who(event: Taken) -> Who:
    """The identity that an event is of: the user's, else the visitor's."""
    return (USER, event.user) if event.user else (ANONYMOUS, event.visitor)


def others(event: Taken, held: Held) -> Iterable[tuple[Who, bool]]:
    """The identities that came with it, and whether they are said to be the same."""
    if event.user and event.visitor:
        yield (ANONYMOUS, event.visitor), False
    if event.kind == ALIAS and event.previous:
        previous = (USER, event.previous) if (USER, event.previous) in held else (ANONYMOUS, event.previous)
        if previous != who(event):
            yield previous, True


def _identities(events: Sequence[Taken]) -> Held:
    """The identities of events; those that nobody has yet are made, of nobody."""
    asked = {who(event) for event in events} | {(USER, event.previous) for event in events if event.previous}
    asked |= {(ANONYMOUS, value) for event in events for value in (event.visitor, event.previous) if value}
    held = _held(asked)
    wanted = {one for event in events for one in (who(event), *(other for other, _said in others(event, held)))}
    if missing := sorted(wanted - held.keys()):
        db.insert_missing(IDENTITIES, ("kind", "value"), missing, unique=("kind", "value"))
        held |= _held(missing)
    return held


def _held(wanted: Iterable[Who]) -> Held:
    values: dict[str, list[str]] = {}
    for kind, value in sorted(wanted):
        values.setdefault(kind, []).append(value)
    found: Held = {}
    for kind, mine in values.items():
        for part in db.chunks(mine):
            text = f"SELECT value, id, person_id FROM {IDENTITIES} WHERE kind = %s AND value IN ({db.marks(part)})"
            found |= {(kind, value): (key, person) for value, key, person in db.rows(Sql(text, (kind, *part)))}
    return found


def _linked(events: Sequence[Taken], held: Held) -> set[tuple[int, int]]:
    """Note which identities came together; the pairs of which one is known and the other is not."""
    rows, fresh = set(), set()
    for event in events:
        mine, person = held[who(event)]
        for other, said in others(event, held):
            theirs, whose = held[other]
            rows.add((mine, theirs, said))
            if (person is None) != (whose is None):
                fresh.add((mine, theirs))
    known = _known_links({mine for mine, _theirs, _said in rows})
    if new := sorted(rows - known):
        columns = ("identity_id", "other_id", "said")
        text = (
            f"INSERT INTO {LINKS} ({', '.join(columns)}) VALUES (%s, %s, %s) "
            f"ON CONFLICT ({', '.join(columns)}) DO NOTHING"
        )
        db.execute_many(text, new)
    return fresh


def _known_links(identities: Iterable[int]) -> set[tuple[int, int, bool]]:
    found: set[tuple[int, int, bool]] = set()
    for part in db.chunks(sorted(identities)):
        text = f"SELECT identity_id, other_id, said FROM {LINKS} WHERE identity_id IN ({db.marks(part)})"
        found |= {(mine, theirs, bool(said)) for mine, theirs, said in db.rows(Sql(text, tuple(part)))}
    return found


def _row(
    source: Source, event: Taken, received: dt.datetime, held: Held, fresh: set[tuple[int, int]]
) -> tuple[Any, ...]:  # fmt: skip
    mine = held[who(event)][0]
    asks = event.kind in TELLING or MAIL in event.context
    asks = asks or any((mine, held[other][0]) in fresh for other, _said in others(event, held))
    return (
        event.key, source.id, mine, event.kind, event.name, event.at, received, event.properties, event.traits,
        event.context, Resolution.WAITING.value if asks else "",
    )  # fmt: skip


def _insert(rows: Sequence[tuple[Any, ...]]) -> None:
    """New rows, in one statement where the database takes one; those whose key is there already are left out."""
    if not rows:
        return
    if db.dialect().vendor == "postgresql":
        told = [dict(zip(COLUMNS, (row[0].hex(), *row[1:]), strict=True)) for row in rows]
        db.execute(Sql(POSTGRESQL, (json.dumps(told),)))
        return
    moment = db.dialect().moment
    kept = [(*row[:5], moment(row[5]), moment(row[6]), *row[7:]) for row in rows]
    db.insert_missing(TABLE, COLUMNS, kept, unique=("key",))


def _counted(source: Source, minute: int, taken: int, refused: Sequence[str]) -> int:
    """Count what came; how much the source has sent in this minute."""
    reason = refused[-1] if refused else ""
    text = (
        f"INSERT INTO {MINUTES} AS m (source_id, minute, taken, refused, reason) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (source_id, minute) DO UPDATE SET taken = m.taken + excluded.taken, "
        "refused = m.refused + excluded.refused, "
        "reason = CASE WHEN excluded.reason = '' THEN m.reason ELSE excluded.reason END RETURNING taken + refused"
    )
    row = db.row(Sql(text, (source.id, minute, taken, len(refused), reason)))
    return int(row[0]) if row else 0


def forget() -> None:
    """Begin to count anew, for tests."""
    with _lock:
        _full.clear()
