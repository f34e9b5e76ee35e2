"""What a visitor did, on the timeline of the person: pages of half an hour in one entry, other events one by one.

An entry of several pages stands where the first of them was looked at. Half hours are those of the clock, so that
however a timeline is cut into pages, the same events stand in one entry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.cdp import telling
from rapport.apps.cdp.models import EventKind
from rapport.apps.cdp.storing import ANONYMOUS, IDENTITIES, TABLE, USER
from rapport.features.timeline.entries import Before, Entry, Phrase, Strong
from rapport.features.timeline.sql import older
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()
ROWS, ROUNDS = 200, 5
"""Events that are read at once, and how often, until there are enough entries."""
STREAMS = 200
"""Identities of one person that are listened to."""
HALF_HOUR = 1800
LOOKS = (EventKind.PAGE.value, EventKind.SCREEN.value)
SHOWN = ("track", *LOOKS)
NAMED = 4
"""Pages that an entry names."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An event of a timeline."""

    at: dt.datetime
    id: int
    kind: str
    name: str
    properties: str
    context: str

    @property
    def half_hour(self) -> int:
        """The half hour in which it was."""
        return int(self.at.timestamp()) // HALF_HOUR


def entries(_caller: Caller, _obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """What a person did on websites and in apps; whoever may see the person may see it."""
    text = f"SELECT id FROM {IDENTITIES} WHERE person_id = %s AND kind IN ('{USER}', '{ANONYMOUS}') LIMIT {STREAMS}"
    identities = [key for (key,) in db.rows(Sql(text, (record_id,)))]
    if not identities:
        return []
    events: list[Shown] = []
    told: list[Entry] = []
    end = before
    for _round in range(ROUNDS):
        read = _events(identities, older("e.at", "e.id", end), ROWS)
        events += read
        told = _told(events)
        if len(read) < ROWS or len(told) > limit:
            break
        end = (read[-1].at, read[-1].id)
    if before is not None and events:
        told = _told([*_rest(identities, before), *events])
        told = [entry for entry in told if (entry.at, entry.tie) < before]
    return told[:limit]


def _rest(identities: Sequence[int], before: tuple[dt.datetime, int]) -> list[Shown]:
    """Pages of the half hour of a position that are newer than it: they belong to an entry that is older."""
    end = dt.datetime.fromtimestamp((int(before[0].timestamp()) // HALF_HOUR + 1) * HALF_HOUR, dt.UTC)
    moment = db.dialect().moment
    since = Sql("(e.at, e.id) >= (%s, %s)", (moment(before[0]), before[1]))
    found = _events(identities, all_of([since, Sql("e.at < %s", (moment(end),))]), ROWS)
    return [event for event in found if event.kind in LOOKS]


def _events(identities: Sequence[int], where: Sql, limit: int) -> list[Shown]:
    """The newest events under some identities, each read from its own stream of the index."""
    one = (
        f"SELECT e.at AS at, e.id AS id, e.kind, e.name, e.properties, e.context FROM {TABLE} e "
        f"WHERE e.identity_id = {{}} AND e.kind IN ({', '.join(repr(k) for k in SHOWN)}) AND {where.text} "
        f"ORDER BY e.at DESC, e.id DESC LIMIT {limit}"
    )
    if db.dialect().vendor == "postgresql":
        text = f"SELECT s.* FROM unnest(%s::bigint[]) AS i(id), LATERAL ({one.format('i.id')}) s"
        params: tuple[Any, ...] = (list(identities), *where.params)
    else:
        text = " UNION ALL ".join([f"SELECT * FROM ({one.format('%s')})"] * len(identities))
        params = tuple(v for identity in identities for v in (identity, *where.params))
    rows = [(_DATETIME.from_json(at), *rest) for at, *rest in db.rows(Sql(text, params))]
    return sorted((Shown(*row) for row in rows), key=lambda e: (e.at, e.id), reverse=True)[:limit]


def _told(events: Iterable[Shown]) -> list[Entry]:
    """Entries of events, newest first; given these newest first."""
    looks: dict[tuple[int, str], list[Shown]] = {}
    found = []
    for event in events:
        if event.kind in LOOKS:
            looks.setdefault((event.half_hour, event.kind), []).append(event)
        else:
            found.append(_track(event))
    found += [_looked(kind, group) for (_half_hour, kind), group in looks.items()]
    return sorted(found, key=lambda entry: (entry.at, entry.tie), reverse=True)


def _looked(kind: str, group: Sequence[Shown]) -> Entry:
    """Pages looked at one after the other; `group` is newest first."""
    names = list(dict.fromkeys(telling.page(event.name, event.properties, event.context) for event in reversed(group)))
    first = group[-1]
    icon = "eye" if kind == EventKind.PAGE else "device-mobile"
    if len(names) == 1:
        return Entry(
            at=first.at, tie=first.id, icon=icon, title=Phrase(_("Looked at {page}"), {"page": Strong(names[0])})
        )
    text = ngettext("Looked at {count} page", "Looked at {count} pages", len(names))
    more = [] if len(names) <= NAMED else ["…"]
    return Entry(
        at=first.at, tie=first.id, icon=icon, title=Phrase(text, {"count": str(len(names))}),
        meta=" · ".join([*names[:NAMED], *more]),
    )  # fmt: skip


def _track(event: Shown) -> Entry:
    title = Phrase("{event}", {"event": Strong(event.name or _("Event"))})
    return Entry(at=event.at, tie=event.id, icon="bolt", tone="blue", title=title, meta=telling.facts(event.properties))


SOURCE = TimelineSource(name="events", label=gettext_lazy("Events"), objects=("person",), entries=entries)
