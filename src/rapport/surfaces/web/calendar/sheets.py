"""Which days a calendar shows, and entries laid out on them: a month, a week by the clock, or a list of days."""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from rapport.lib.format import format_date, format_time, initials, locale_of
from rapport.records.accounts.caller import Caller
from rapport.surfaces.web.calendar.entries import Entry

MONTH, WEEK, AGENDA = "month", "week", "agenda"
VIEWS = (MONTH, WEEK, AGENDA)
AGENDA_DAYS = 28
A_DAY = 5
"""Entries that a day of a month shows before "more"."""
OPENS, CLOSES = 8, 18
"""Hours that a week shows at least."""
LANES = (1, 2, 3, 4, 6)
"""Into how many parts a day is divided where entries overlap."""
EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2200, 12, 31)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A view and the day that it is about; `first` to `last` are the days on it."""

    view: str
    day: dt.date
    today: dt.date
    week_start: int

    @property
    def weeks(self) -> list[list[dt.date]]:
        """The weeks of the month around the day, with days of the months beside it."""
        return months.Calendar(self.week_start).monthdatescalendar(self.day.year, self.day.month)

    @property
    def days(self) -> list[dt.date]:
        """All days on the sheet, in order."""
        if self.view == MONTH:
            return [day for week in self.weeks for day in week]
        if self.view == WEEK:
            first = self.day - dt.timedelta(days=(self.day.weekday() - self.week_start) % 7)
            return [first + dt.timedelta(days=n) for n in range(7)]
        return [self.day + dt.timedelta(days=n) for n in range(AGENDA_DAYS)]

    def url(self, *, view: str = "", day: dt.date | None = None) -> str:
        """The address of another view or day."""
        values = {"view": view or self.view, "day": (day or self.day).isoformat()}
        return f"{reverse('calendar')}?{urlencode(values)}"

    def shifted(self, by: int) -> dt.date:
        """The day that the sheet before (-1) or after (1) is about."""
        if self.view == MONTH:
            index = self.day.year * 12 + self.day.month - 1 + by
            return _within(dt.date(index // 12, index % 12 + 1, 1))
        return _within(self.day + dt.timedelta(days=by * (7 if self.view == WEEK else AGENDA_DAYS)))

    def title(self, language: str) -> str:
        """What the sheet is called: a month, or from one day to another."""
        zone = timezone.get_current_timezone()
        if self.view == MONTH:
            return format_date(self.day, language, zone, "yMMMM")
        days = self.days
        return f"{format_date(days[0], language, zone)} – {format_date(days[-1], language, zone)}"


def sheet_of(caller: Caller, view: str, day: str) -> Sheet:
    """The sheet that an address names; today's month where it names none."""
    today = timezone.localdate()
    try:
        chosen = dt.date.fromisoformat(day)
    except ValueError:
        chosen = today
    return Sheet(view if view in VIEWS else MONTH, _within(chosen), today, caller.week_start)


def _within(day: dt.date) -> dt.date:
    return min(max(day, EARLIEST), LATEST)


def month(caller: Caller, sheet: Sheet, found: Sequence[Entry], *, many: bool, create: bool) -> dict[str, Any]:
    """The month as `ui/macros/calendar.html` takes it."""
    days = _by_day(found)
    names = locale_of(caller.language).days["format"]["abbreviated"]
    weeks = sheet.weeks
    return {
        "label": sheet.title(caller.language),
        "weekdays": [names[day.weekday()] for day in weeks[0]],
        "weeks": [[_day(caller, sheet, day, days.get(day, []), many, create) for day in week] for week in weeks],
    }


def _day(
    caller: Caller, sheet: Sheet, day: dt.date, found: Sequence[Entry], many: bool, create: bool
) -> dict[str, Any]:
    return {
        "date": day,
        "in_month": day.month == sheet.day.month,
        "today": day == sheet.today,
        "items": [item(caller, entry, many=many) for entry in found[:A_DAY]],
        "more_count": max(0, len(found) - A_DAY),
        "more_url": sheet.url(view=WEEK, day=day),
        "create_url": new_url(day) if create else None,
        "drop": day.isoformat(),
    }


def new_url(day: dt.date, clock: str = "") -> str:
    """Where something new of a day begins."""
    return f"{reverse('calendar-new')}?{urlencode({'day': day.isoformat(), **({'time': clock} if clock else {})})}"


def week(caller: Caller, sheet: Sheet, found: Sequence[Entry], *, many: bool, create: bool) -> dict[str, Any]:
    """Seven days side by side by the clock, half an hour a row; from the first to the last hour that is needed."""
    timed = [entry for entry in found if entry.start and entry.end]
    opens = min([OPENS, *(e.start.hour for e in timed if e.start)])
    closes = max([CLOSES, *(_last_hour(e) for e in timed)])
    zone = timezone.get_current_timezone()
    hours = [dt.datetime(2024, 1, 1, hour, tzinfo=zone) for hour in range(opens, closes)]
    days = _by_day(found)
    return {
        "opens": opens,
        "hours": [format_time(hour, caller.language, zone) for hour in hours],
        "rows": (closes - opens) * 2,
        "days": [
            {
                "date": day,
                "today": day == sheet.today,
                "drop": day.isoformat(),
                "whole": [item(caller, e, many=many) for e in days.get(day, []) if not e.start],
                "timed": _beside([_placed(caller, e, opens, closes, many) for e in days.get(day, []) if e.start]),
                "create_url": new_url(day, "09:00") if create else None,
            }
            for day in sheet.days
        ],
    }  # fmt: skip


def _last_hour(entry: Entry) -> int:
    if entry.end is None or entry.end.date() > entry.day:
        return 24
    return entry.end.hour + (1 if entry.end.minute else 0)


def _placed(caller: Caller, entry: Entry, opens: int, closes: int, many: bool) -> dict[str, Any]:
    """An entry with its first row and how many it takes, a row being half an hour."""
    assert entry.start is not None
    assert entry.end is not None
    at = (entry.start.hour - opens) * 2 + entry.start.minute // 30
    length = max(1, round((entry.end - entry.start).total_seconds() / 1800))
    return {**item(caller, entry, many=many), "row": at + 1, "rows": min(length, (closes - opens) * 2 - at)}


def _beside(placed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries that overlap get lanes beside each other, as many as their group needs, at most `LANES`."""
    group: list[dict[str, Any]] = []
    free: list[int] = []

    def close() -> None:
        for each in group:
            each["lanes"] = next(n for n in LANES if n >= len(free))

    for each in sorted(placed, key=lambda each: (each["row"], -each["rows"])):
        if group and each["row"] >= max(free):
            close()
            group, free = [], []
        lane = next((n for n, until in enumerate(free) if until <= each["row"]), len(free))
        lane = min(lane, LANES[-1] - 1)
        free[lane : lane + 1] = [max(each["row"] + each["rows"], *free[lane : lane + 1], 0)]
        each["lane"] = lane + 1
        group.append(each)
    close()
    return placed


def agenda(caller: Caller, sheet: Sheet, found: Sequence[Entry], *, many: bool, create: bool) -> list[dict[str, Any]]:
    """Days with something on them, and the first one in any case."""
    days = _by_day(found)
    return [
        {
            "date": day,
            "today": day == sheet.today,
            "drop": day.isoformat(),
            "items": [item(caller, entry, many=many) for entry in days.get(day, [])],
            "create_url": new_url(day) if create else None,
        }
        for day in sheet.days
        if day in days or day == sheet.day
    ]


def _by_day(found: Iterable[Entry]) -> dict[dt.date, list[Entry]]:
    days: dict[dt.date, list[Entry]] = {}
    for entry in found:
        days.setdefault(entry.day, []).append(entry)
    return days


def item(caller: Caller, entry: Entry, *, many: bool) -> dict[str, Any]:
    """An entry as templates take it. With `many` people on show, each has a colour and the initials stand on it."""
    zone = timezone.get_current_timezone()
    start, end = (format_time(at, caller.language, zone) if at else "" for at in (entry.start, entry.end))
    return {
        "label": entry.title,
        "url": entry.url,
        "time": start or None,
        "span": f"{start}–{end}" if start and entry.layer.minutes else start,
        "tone": entry.who.tone if many else entry.layer.tone,
        "icon": "lock" if entry.busy else entry.layer.icon,
        "kind": entry.layer.label,
        "busy": entry.busy,
        "done": entry.done,
        "who": entry.who.name if many else "",
        "initials": initials(entry.who.name) if many else "",
        "move": f"{entry.layer.name}:{entry.key}:{entry.version}" if entry.movable else "",
    }
