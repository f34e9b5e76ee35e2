"""What stands in the days of people: what the reader may read, and that the rest of a colleague's time is taken.

Taken time is told of people of the reader's own teams only, and of layers that take somebody's time: when, how long
and whose, nothing else. Two statements a layer, however many entries there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import CalendarLayer
from rapport.surfaces.web.calendar.people import Choice, Someone
from rapport.surfaces.web.cells import record_url

MOST = 500
"""Entries of one layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `start` and `end` are moments in the reader's zone, or None for a whole day.

    `url`, `key` and `version` are empty where the reader sees only that time is taken.
    """

    layer: CalendarLayer
    who: Someone
    day: dt.date
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    title: str = ""
    url: str = ""
    key: int = 0
    version: int = 0
    done: bool = False
    movable: bool = False

    @property
    def busy(self) -> bool:
        """Whether it says only that time is taken."""
        return not self.key

    @property
    def order(self) -> tuple[Any, ...]:
        """Whole days first, then by the clock."""
        return (self.day, self.start is not None, self.start or self.day, self.title, self.key)


def entries(caller: Caller, choice: Choice, first: dt.date, last: dt.date) -> tuple[list[Entry], bool]:
    """Entries from `first` to `last`, both included, in order; and whether some were left out as too many."""
    people = {someone.id: someone for someone in choice.people}
    found: list[Entry] = []
    cut = False
    for layer in choice.layers:
        rows, more = _rows(caller, layer, list(people), first, last)
        found += [_entry(caller, layer, row, people[row.values[layer.who]]) for row in rows]
        cut = cut or more
        near = [key for key, someone in people.items() if someone.near and key != caller.user_id]
        if layer.busy and near:
            found += _taken(caller, layer, people, near, first, last)
    return sorted(found, key=lambda entry: entry.order), cut


def _rows(
    caller: Caller, layer: CalendarLayer, people: Sequence[int], first: dt.date, last: dt.date
) -> tuple[list[RowView], bool]:
    conditions: list[Any] = [
        {"field": layer.who, "op": "in", "value": list(people)},
        {"field": layer.at, "op": "between", "value": [first.isoformat(), last.isoformat()]},
    ]
    if layer.only:
        conditions.append(layer.only)
    columns = tuple(filter(None, (layer.at, layer.who, layer.minutes, layer.done[0] if layer.done else "")))
    page = visible(caller, layer.object_key).page(columns=columns, filter={"all": conditions}, sort=layer.at, size=MOST)
    return page.rows, page.next is not None


def _taken(
    caller: Caller, layer: CalendarLayer, people: dict[int, Someone], near: list[int], first: dt.date, last: dt.date
) -> Iterator[Entry]:
    """The time of colleagues that goes to what the reader may not read."""
    system = replace(callers.system(), zone=caller.zone)
    rows, _more = _rows(system, layer, near, first, last)
    read = visible(caller, layer.object_key).allowed(row.id for row in rows)
    for row in rows:
        if row.id not in read and not _is_done(layer, row):
            at = row.values[layer.at]
            start, end = _span(caller, layer, row)
            day = start.date() if start else at
            yield Entry(layer=layer, who=people[row.values[layer.who]], day=day, start=start, end=end, title=_("Busy"))


def _span(caller: Caller, layer: CalendarLayer, row: RowView) -> tuple[dt.datetime | None, dt.datetime | None]:
    """From when to when, in the reader's zone; nothing for a date."""
    at = row.values[layer.at]
    if not isinstance(at, dt.datetime):
        return None, None
    start = at.astimezone(caller.env().zone)
    return start, start + dt.timedelta(minutes=row.values.get(layer.minutes) or layer.usual)


def _is_done(layer: CalendarLayer, row: RowView) -> bool:
    return bool(layer.done) and row.values.get(layer.done[0]) == layer.done[1]  # type: ignore[index]


def _entry(caller: Caller, layer: CalendarLayer, row: RowView, who: Someone) -> Entry:
    obj = catalog.current()[layer.object_key]
    start, end = _span(caller, layer, row)
    return Entry(
        layer=layer, who=who, day=start.date() if start else row.values[layer.at], start=start, end=end,
        title=row.title or _("(no name)"), url=record_url(layer.object_key, row.id), key=row.id, version=row.version,
        done=_is_done(layer, row),
        movable=who.id == caller.user_id and caller.may(obj, "edit") and caller.edits(obj, obj.fields[layer.at]),
    )  # fmt: skip
