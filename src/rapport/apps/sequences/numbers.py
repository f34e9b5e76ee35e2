"""How far people came in a sequence: counted by the database, of those whom the reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rapport.apps.sequences.models import OPEN, State
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible


@dataclass(frozen=True, slots=True)
class Reached:
    """Of one step: how many it was made for, how many wait behind it now, and how many answered after it."""

    made: int = 0
    here: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of one sequence: enrollments by state, and what each step, by key, was to them."""

    states: Mapping[str, int]
    steps: Mapping[int, Reached]

    @property
    def started(self) -> int:
        """All that were ever started."""
        return sum(self.states.values())


def numbers(caller: Caller, sequence: int) -> Numbers:
    """The numbers of a sequence, as far as the caller may see who is in it."""
    where = visible(caller, "enrollment").where()
    params = (sequence, *where.params)
    states = db.rows(
        Sql(
            "SELECT t.state, COUNT(*) FROM sequences_enrollment t "
            f"WHERE t.sequence_id = %s AND {where.text} GROUP BY t.state",
            params,
        )
    )
    made = db.rows(
        Sql(
            "SELECT r.step_id, COUNT(*) FROM sequences_enrollment t "
            "JOIN sequences_steprun r ON r.enrollment_id = t.id "
            f"WHERE t.sequence_id = %s AND {where.text} AND r.step_id IS NOT NULL GROUP BY r.step_id",
            params,
        )
    )
    last = db.rows(
        Sql(
            "SELECT r.step_id, t.state, COUNT(*) FROM sequences_enrollment t "
            "JOIN sequences_steprun r ON r.enrollment_id = t.id "
            f"WHERE t.sequence_id = %s AND {where.text} AND r.step_id IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM sequences_steprun x WHERE x.enrollment_id = t.id AND x.id > r.id) "
            "GROUP BY r.step_id, t.state",
            params,
        )
    )
    here: dict[int, int] = {}
    answered: dict[int, int] = {}
    for step, state, count in last:
        if state in OPEN:
            here[step] = here.get(step, 0) + count
        elif state == State.ANSWERED:
            answered[step] = count
    reached = {step: Reached(count, here.get(step, 0), answered.get(step, 0)) for step, count in made}
    return Numbers(dict(states), reached)
