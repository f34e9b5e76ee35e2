"""Named periods such as "this week" or "last 30 days", as half-open ranges of days in a reader's zone."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

PERIODS: tuple[str, ...] = (
    "today", "yesterday", "tomorrow",
    "this_week", "last_week", "next_week",
    "this_month", "last_month", "next_month",
    "this_quarter", "last_quarter", "next_quarter",
    "this_year", "last_year", "next_year",
)  # fmt: skip
ROLLING = re.compile(r"(last|next)_([1-9][0-9]{0,3})_days")
MAX_DAYS = 3660


def days(period: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """First day and the day after the last of a named period. Weeks begin on Monday (ISO 8601).

    `last_N_days` ends with today, `next_N_days` begins with it. Raises ValueError for an unknown name.
    """
    if match := ROLLING.fullmatch(period):
        count = int(match[2])
        if count > MAX_DAYS:
            raise ValueError(f"at most {MAX_DAYS} days")
        if match[1] == "last":
            return today - dt.timedelta(count - 1), today + dt.timedelta(1)
        return today, today + dt.timedelta(count)
    if period not in PERIODS:
        raise ValueError(f"unknown period: {period}")
    if period in _DAYS:
        start = today + dt.timedelta(_DAYS[period])
        return start, start + dt.timedelta(1)
    which, unit = period.split("_")
    return _calendar(unit, {"last": -1, "this": 0, "next": 1}[which], today)


_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


def _calendar(unit: str, shift: int, today: dt.date) -> tuple[dt.date, dt.date]:
    if unit == "week":
        start = today - dt.timedelta(today.weekday()) + dt.timedelta(7 * shift)
        return start, start + dt.timedelta(7)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    index = (today.year * 12 + today.month - 1) // months + shift
    return _month(index * months), _month((index + 1) * months)


def _month(index: int) -> dt.date:
    return dt.date(index // 12, index % 12 + 1, 1)


def start_of_day(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The moment at which `day` begins in `zone`, in UTC."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(dt.UTC)
