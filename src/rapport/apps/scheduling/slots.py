"""Free times of a booking page: its hours, less what stands in the user's calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

Span = tuple[dt.datetime, dt.datetime]


def slots(
    *, days: Sequence[int], opens: dt.time, closes: dt.time, length: dt.timedelta, zone: ZoneInfo, first: dt.datetime,
    last: dt.datetime, taken: Iterable[Span],
) -> Iterator[dt.datetime]:  # fmt: skip
    """Beginnings of free spans of `length`, in order: on `days` (0 is Monday) between `opens` and `closes` of `zone`.

    Only those that begin in [`first`, `last`) and touch nothing that is `taken`. Moments are aware. Each day counts
    its own hours, so that a change of the clock moves no meeting.
    """
    busy = sorted(taken)
    day = first.astimezone(zone).date()
    while dt.datetime.combine(day, dt.time.min, zone) < last:
        if day.weekday() in days:
            at = dt.datetime.combine(day, opens, zone).astimezone(dt.UTC)
            end = dt.datetime.combine(day, closes, zone).astimezone(dt.UTC)
            while at + length <= end:
                if first <= at < last and not any(b < at + length and e > at for b, e in busy):
                    yield at
                at += length
        day += dt.timedelta(days=1)
