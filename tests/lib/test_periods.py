"""Named periods, against the calendar."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.lib import periods

TODAY = dt.date(2026, 11, 21)  # a Saturday


@pytest.mark.parametrize(
    ("period", "first", "after"),
    [
        ("today", "2026-11-21", "2026-11-22"),
        ("yesterday", "2026-11-20", "2026-11-21"),
        ("this_week", "2026-11-16", "2026-11-23"),
        ("next_week", "2026-11-23", "2026-11-30"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("next_month", "2026-12-01", "2027-01-01"),
        ("this_quarter", "2026-10-01", "2027-01-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("last_7_days", "2026-11-15", "2026-11-22"),
        ("next_1_days", "2026-11-21", "2026-11-22"),
    ],
)
def test_periods(period: str, first: str, after: str) -> None:
    assert periods.days(period, TODAY) == (dt.date.fromisoformat(first), dt.date.fromisoformat(after))


@pytest.mark.parametrize("period", ["", "this", "last_0_days", "last_99999_days", "this_day", "next_-1_days"])
def test_unknown_periods_are_refused(period: str) -> None:
    with pytest.raises(
        ValueError,
    ):
        periods.days(period, TODAY)


@given(
    day=st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), unit=st.sampled_from(["week", "month", "quarter", "year"])
)
def test_calendar_periods_join_without_gap(day: dt.date, unit: str) -> None:
    last, this, following = (periods.days(f"{word}_{unit}", day) for word in ("last", "this", "next"))
    assert last[1] == this[0] <= day < this[1] == following[0]


def test_a_day_begins_at_midnight_of_the_zone() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert periods.start_of_day(dt.date(2026, 3, 30), zone) == dt.datetime(2026, 3, 29, 22, tzinfo=dt.UTC)
    assert periods.start_of_day(dt.date(2026, 3, 29), zone) == dt.datetime(2026, 3, 28, 23, tzinfo=dt.UTC)
