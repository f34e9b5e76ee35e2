"""When the next step of enrollments is due: kept beside them, and kept up when sequences change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from rapport.apps.sequences import steps, timing
from rapport.apps.sequences.models import OPEN_SQL, Days
from rapport.apps.sequences.steps import Made, Step
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.write import derive
from rapport.registry.types.dates import DateTimeType

_MOMENT = DateTimeType()
KEY = "enrollment"


@dataclass(frozen=True, slots=True)
class Way:
    """An enrollment on its way: what its sequence says, and when it went on last."""

    id: int
    sequence: int
    working: bool
    hour: int
    wait_days: int
    zone: ZoneInfo
    since: dt.datetime

    def due(self, since: dt.datetime, days: int) -> dt.datetime:
        """The moment so many days later, as the sequence counts them."""
        return timing.due(since, days, working=self.working, hour=self.hour, zone=self.zone)


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next, and when; without a step the sequence ends then."""

    step: Step | None
    at: dt.datetime
    done: int


def upcoming(ids: Sequence[int]) -> dict[int, tuple[Way, Next]]:
    """What comes next for enrollments, as sequences are now."""
    ways = _ways(ids)
    of_sequences = steps.of_sequences({way.sequence for way in ways})
    made = _made(ids)
    found = {}
    for way in ways:
        step, reached = steps.following(of_sequences[way.sequence], made.get(way.id, ()))
        days = max(0, step.day - reached) if step else way.wait_days
        found[way.id] = (way, Next(step, way.due(way.since, days), len(made.get(way.id, ()))))
    return found


def plan(ids: Iterable[int], *, not_before: dt.datetime | None = None) -> None:
    """Note when enrollments go on; not before a moment, if one is given (and then on a day that counts)."""
    for part in db.chunks(sorted(set(ids))):
        found = upcoming(part)
        moments = {
            key: max(following.at, way.due(not_before, 0)) if not_before else following.at
            for key, (way, following) in found.items()
        }
        derive(KEY, "next_at", moments)
        derive(KEY, "steps_done", {key: following.done for key, (_way, following) in found.items()})


def forget(ids: Sequence[int]) -> None:
    """What has ended has no next step."""
    derive(KEY, "next_at", dict.fromkeys(ids))


def _ways(ids: Sequence[int]) -> list[Way]:
    rows: list[tuple[Any, ...]] = []
    for part in db.chunks(list(ids)):
        text = (
            "SELECT e.id, e.sequence_id, s.days, s.hour, s.wait_days, u.zone, "
            "COALESCE((SELECT MAX(r.at) FROM sequences_steprun r WHERE r.enrollment_id = e.id), e.started_at) "
            "FROM sequences_enrollment e JOIN sequences_sequence s ON s.id = e.sequence_id "
            f"LEFT JOIN records_user u ON u.id = e.owner_id WHERE e.id IN ({db.marks(part)}) ORDER BY e.id"
        )
        rows += db.rows(Sql(text, tuple(part)))
    found = []
    for key, sequence, days, hour, wait, zone, at in rows:
        since = _MOMENT.from_json(at)
        if since is not None:
            found.append(Way(key, sequence, days == Days.WORKING, hour, wait, ZoneInfo(zone or "UTC"), since))
    return found


def _made(ids: Sequence[int]) -> dict[int, list[Made]]:
    found: dict[int, list[Made]] = {}
    for part in db.chunks(list(ids)):
        text = (
            "SELECT enrollment_id, step_id, position, day FROM sequences_steprun "
            f"WHERE enrollment_id IN ({db.marks(part)}) ORDER BY id"
        )
        for enrollment, step, position, day in db.rows(Sql(text, tuple(part))):
            found.setdefault(enrollment, []).append(Made(step, position, day))
    return found


def on_steps(events: Sequence[Any]) -> None:
    """Steps were added, moved, changed or removed: those who are on their way follow the new ones."""
    for ids in db.chunks(sorted({key for event in events for key in event.ids})):
        text = f"SELECT DISTINCT sequence_id FROM sequences_sequencestep WHERE id IN ({db.marks(ids)})"
        _replan([r[0] for r in db.rows(Sql(text, tuple(ids)))])


def on_sequences(events: Sequence[Any]) -> None:
    """Days or hours of sequences were changed."""
    changed = [event for event in events if {"days", "hour", "wait_days"} & set(event.fields)]
    _replan(sorted({key for event in changed for key in event.ids}))


def _replan(sequences: Sequence[int]) -> None:
    for ids in db.chunks(sequences):
        text = (
            f"SELECT id FROM sequences_enrollment WHERE deleted_at IS NULL AND state IN {OPEN_SQL} "
            f"AND sequence_id IN ({db.marks(ids)})"
        )
        plan(r[0] for r in db.rows(Sql(text, tuple(ids))))
