"""When a step falls due: days counted with or without weekends, at an hour of somebody's zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

SATURDAY, WEEK, WORKDAYS = 5, 7, 5
DAY = dt.timedelta(days=1)
EVENING = 17
"""The hour until which a task of a step is to be done."""


def later(day: dt.date, days: int, *, working: bool) -> dt.date:
    """The day so many days after another; of working days, a weekend begins with its Monday."""
    if not working:
        return day + days * DAY
    while day.weekday() >= SATURDAY:
        day += DAY
    weeks, rest = divmod(days, WORKDAYS)
    over = day.weekday() + rest >= WORKDAYS
    return day + (weeks * WEEK + rest + (2 if over else 0)) * DAY


def due(since: dt.datetime, days: int, *, working: bool, hour: int, zone: ZoneInfo) -> dt.datetime:
    """The moment so many days after another, at an hour of the day; never before it: what is late is due at once."""
    local = since.astimezone(zone)
    day = later(local.date(), days, working=working)
    return max(since, dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC))


def evening(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Until when what comes up at a moment is to be done: that evening, or within the hour when it is later already."""
    end = dt.datetime.combine(at.astimezone(zone).date(), dt.time(EVENING), zone).astimezone(dt.UTC)
    return max(end, at + dt.timedelta(hours=1))
