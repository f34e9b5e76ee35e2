"""What tests of sequences are made of: people, a sequence of three steps, a clock that can be set."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests import factories as f

from rapport.apps.sequences import advancing
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.jobs import worker
from rapport.records.read import visible

BERLIN = ZoneInfo("Europe/Berlin")
STEPS: tuple[dict[str, Any], ...] = (
    {"kind": "mail", "day": 0, "subject": "Hello {{ person.first_name }}", "body": "How is {{ company.name }}?"},
    {"kind": "call", "day": 2, "subject": "Call {{ person.name }}", "body": "Ask about {{ deal.name }}"},
    {"kind": "task", "day": 4, "subject": "Send the brochure", "priority": "high"},
)  # fmt: skip
MONDAY = dt.datetime(2026, 3, 2, 10, 0, tzinfo=BERLIN).astimezone(dt.UTC)
"""Ten in the morning in Berlin, after the hour at which steps fall due."""


class Clock:
    """What time it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, now: dt.datetime = MONDAY) -> None:
        self.now = now
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.now)

    def go(self, *, days: float = 0, hours: float = 0) -> None:
        """Some time later."""
        self.now += dt.timedelta(days=days, hours=hours)


class Context:
    """What the job tells how far it is."""

    def progress(self, done: int, total: int | None = None) -> None:
        """Nobody looks."""


def advance() -> int:
    """Run the job once, as the worker does; how many steps it made."""
    return advancing.advance(Context())


def person(caller: Caller, **values: Any) -> int:
    """Somebody with a mail address and a phone, at a company."""
    given = {
        "first_name": "Noor", "last_name": "Okafor", "emails": [{"value": "noor@fjord.example"}],
        "phones": [{"value": "+4930123456"}], **values,
    }  # fmt: skip
    if "company" not in given:
        given["company"] = f.make(caller, "company", name="Fjord & Co")
    return f.make(caller, "person", **given)


def sequence(caller: Caller, steps: tuple[dict[str, Any], ...] = STEPS, **values: Any) -> int:
    """A sequence with its steps."""
    key = write.create(caller, "sequence", {"name": "First contact", **values})
    for step in steps:
        write.create(caller, "sequence_step", {"sequence": key, **step})
    return key


def enroll(caller: Caller, sequence_id: int, person_id: int, **values: Any) -> int:
    """Start somebody."""
    return write.create(caller, "enrollment", {"sequence": sequence_id, "person": person_id, **values})


def read(key: str, record_id: int) -> dict[str, Any]:
    """The values of a record, as an administrator sees them."""
    from rapport.records.accounts import caller as callers

    return dict(visible(callers.system(), key).get(record_id).values)


def rows(caller: Caller, key: str, *columns: str) -> list[dict[str, Any]]:
    """The values of all live records of an object, oldest first."""
    found = visible(caller, key).page(columns=columns, sort="created_at", size=200).rows
    return [{"id": row.id, "title": row.title, **row.values} for row in found]


def interaction(caller: Caller, person_id: int, **values: Any) -> int:
    """Something that came in from somebody, told to all who listen."""
    given = {"kind": "mail", "direction": "in", "subject": "Re: Hello", "people": [person_id], **values}
    key = write.create(caller, "interaction", given)
    worker.drain()
    return key
