"""The arithmetic of days: weekends, hours, zones, summer time."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.apps.sequences import steps, timing
from rapport.apps.sequences.steps import Made, Step

ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Auckland", "UTC", "Asia/Kolkata"]).map(ZoneInfo)
MOMENTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2035, 1, 1), timezones=st.just(dt.UTC))
DATES = st.dates(dt.date(2000, 1, 1), dt.date(2060, 1, 1))
OFFSETS = st.integers(0, 365)


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        ("2026-03-02", 0, "2026-03-02"),
        ("2026-03-02", 4, "2026-03-06"),
        ("2026-03-02", 5, "2026-03-09"),
        ("2026-03-06", 1, "2026-03-09"),
        ("2026-03-07", 0, "2026-03-09"),
        ("2026-03-08", 1, "2026-03-10"),
        ("2026-03-05", 12, "2026-03-23"),
    ],
)
def test_working_days(day: str, days: int, expected: str) -> None:
    assert timing.later(dt.date.fromisoformat(day), days, working=True) == dt.date.fromisoformat(expected)


@given(DATES, OFFSETS)
def test_working_days_are_those_counted_one_by_one(day: dt.date, days: int) -> None:
    found = timing.later(day, days, working=True)
    assert found.weekday() < 5
    between = [day + dt.timedelta(days=n) for n in range((found - day).days + 1)]
    begun = [d for d in between if d.weekday() < 5]
    assert len(begun) - 1 == days


@given(DATES, OFFSETS, OFFSETS)
def test_days_add_up(day: dt.date, first: int, second: int) -> None:
    for working in (True, False):
        at_once = timing.later(day, first + second, working=working)
        assert timing.later(timing.later(day, first, working=working), second, working=working) == at_once


@given(MOMENTS, OFFSETS, st.integers(0, 23), ZONES, st.booleans())
def test_a_step_is_due_at_its_hour_and_never_before_what_it_follows(
    since: dt.datetime, days: int, hour: int, zone: ZoneInfo, working: bool
) -> None:
    due = timing.due(since, days, working=working, hour=hour, zone=zone)
    day = timing.later(since.astimezone(zone).date(), days, working=working)
    assert due >= since
    if due > since:
        local = due.astimezone(zone)
        assert local.date() == day
        moved = zone.utcoffset(dt.datetime.combine(day, dt.time(0))) != zone.utcoffset(
            dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0))
        )
        assert local.hour == hour or moved  # an hour that summer time leaves out
    else:
        assert day == since.astimezone(zone).date()


@given(MOMENTS, ZONES)
def test_a_task_is_due_that_evening_or_within_the_hour(at: dt.datetime, zone: ZoneInfo) -> None:
    end = timing.evening(at, zone)
    assert end >= at + dt.timedelta(hours=1)
    assert end.astimezone(zone).hour == timing.EVENING or end == at + dt.timedelta(hours=1)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12), st.data())
def test_every_step_is_made_once_and_in_order(days: list[int], data: st.DataObject) -> None:
    plan = [Step(n, n, day) for n, day in enumerate(days, 1)]
    made: list[Made] = []
    seen = []
    while (found := steps.following(plan, made)[0]) is not None:
        seen.append(found.id)
        made.append(Made(found.id, found.position, found.day))
        if data.draw(st.booleans()) and len(plan) > 1:  # somebody removes a step meanwhile
            gone = data.draw(st.sampled_from(plan))
            plan = [step for step in plan if step.id != gone.id]
            made = [Made(None, m.position, m.day) if m.step == gone.id else m for m in made]
    assert seen == sorted(set(seen))
    assert {step.id for step in plan} <= set(seen)


def test_a_step_that_was_put_before_is_left_out() -> None:
    plan = [Step(9, 1, 0), Step(1, 2, 0), Step(2, 3, 5)]
    assert steps.following(plan, [Made(1, 1, 0)]) == (Step(2, 3, 5), 0)
    assert steps.following(plan, [Made(1, 1, 0), Made(2, 2, 5)]) == (None, 5)
    assert steps.following([], []) == (None, 0)
