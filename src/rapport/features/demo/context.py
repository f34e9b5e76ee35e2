"""What demo data is made with: the organisation's members, the calendar, chance that repeats, the write path."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid

BATCH = "demo"
SEED = "rapport"


@dataclass(frozen=True, slots=True)
class Member:
    """A user of the demo organisation. `group`: lead, sales or service."""

    user_id: int
    name: str
    group: str
    caller: Caller


@dataclass(frozen=True, slots=True)
class Made:
    """A record that was loaded: its key, what it was made with, when, and what of it is worth telling others."""

    id: int
    values: Mapping[str, Any]
    at: dt.datetime
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class DemoContext:
    """Handed to each `extensions.Demo`. `made` holds what was loaded so far, by object."""

    members: tuple[Member, ...]
    zone: ZoneInfo
    now: dt.datetime = field(default_factory=timezone.now)
    made: dict[str, list[Made]] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        """The day in the organisation's zone."""
        return self.now.astimezone(self.zone).date()

    def chance(self, name: str) -> random.Random:
        """Chance of its own for each domain; the same at each load."""
        return random.Random(f"{SEED}:{name}")

    def group(self, *names: str) -> list[Member]:
        """The members of these groups."""
        return [m for m in self.members if m.group in names]

    def moment(self, chance: random.Random, earliest: float, latest: float) -> dt.datetime:
        """A working hour between so many days ago (`earliest` ≥ `latest`); negative days lie ahead."""
        days = chance.uniform(latest, earliest)
        day = self.today - dt.timedelta(days=round(days))
        if day != self.today:
            day -= dt.timedelta(days=max(0, day.weekday() - 4))
        clock = dt.time(chance.choice((8, 9, 9, 10, 10, 11, 13, 14, 14, 15, 16, 17)), chance.randrange(60))
        at = dt.datetime.combine(day, clock, self.zone).astimezone(dt.UTC)
        if days >= 0 and at > self.now:
            at = self.now - dt.timedelta(minutes=chance.randrange(5, 600))
        return at

    def walk(self, chance: random.Random, start: dt.datetime, steps: Sequence[float]) -> list[dt.datetime]:
        """Working hours so many days after one another, closer together where they would reach into the future."""
        since, total = (self.now - start).total_seconds() / 86400, sum(steps)
        share = min(1.0, 0.97 * since / total) if total else 1.0
        found, gone = [start], 0.0
        for days in steps:
            gone += days * share
            at = self.moment(chance, max(0.0, since - gone), max(0.0, since - gone))
            found.append(min(max(at, found[-1] + dt.timedelta(minutes=chance.randrange(5, 50))), self.now))
        return found

    def create(self, key: str, rows: Iterable[tuple[Mapping[str, Any], dt.datetime, Mapping[str, Any]]]) -> list[Made]:
        """Records of an object, each written by its owner (the lead if none) at its moment; in the order of time.

        Raises Invalid for a row that is refused: demo data is always right.
        """
        ordered = sorted(rows, key=lambda row: row[1])
        found: list[Made | None] = [None] * len(ordered)
        for member, mine in self._by_author(row[0] for row in ordered):
            batch = write.cleaned(member.caller, key, [ordered[i][0] for i in mine], [ordered[i][1] for i in mine])
            created = write.insert(batch)
            if created.errors:
                raise Invalid(next(iter(created.errors.values())))
            for i, record_id in zip(mine, created.ids, strict=True):
                if record_id is not None:
                    values, at, extra = ordered[i]
                    found[i] = Made(record_id, values, at, extra)
        made = [m for m in found if m is not None]
        self.made.setdefault(key, []).extend(made)
        return made

    def update(self, key: str, changes: Sequence[tuple[Made, Mapping[str, Any], dt.datetime]]) -> None:
        """Change records, each by its owner at the moment given; one record may be named once. Raises Invalid."""
        for member, places in self._by_author(made.values for made, _values, _at in changes):
            mine = [changes[i] for i in places]
            errors = write.update_each(
                member.caller, key, [(made.id, values) for made, values, _at in mine],
                at={made.id: at for made, _values, at in mine},
            )  # fmt: skip
            if errors:
                raise Invalid(next(iter(errors.values())))

    def _by_author(self, rows: Iterable[Mapping[str, Any]]) -> list[tuple[Member, list[int]]]:
        """Each member who owns any of the rows, with their places; what has no owner is the first member's."""
        places: dict[int, list[int]] = {m.user_id: [] for m in self.members}
        first = places[self.members[0].user_id]
        for i, values in enumerate(rows):
            places.get(values.get("owner") or 0, first).append(i)
        return [(m, places[m.user_id]) for m in self.members if places[m.user_id]]
