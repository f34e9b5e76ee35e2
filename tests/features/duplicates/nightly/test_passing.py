"""The pass keeps what it finds, forgets what is no pair any more, keeps decisions, can be stopped and run again."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from tests import factories

from rapport.features.duplicates.models import DuplicatePair, PassSetting
from rapport.features.duplicates.nightly import child, passing
from rapport.features.duplicates.suggesting import Suggestion, suggest
from rapport.records import write
from rapport.records.customising import sync
from rapport.records.customising.actions import add_field
from rapport.records.customising.definitions import FieldDefinition
from rapport.records.errors import Forbidden
from rapport.records.jobs import queue
from rapport.records.jobs.models import JobRow, State
from rapport.records.jobs.worker import drain, perform

pytestmark = pytest.mark.django_db
Pair = tuple[int, int, float]


class Found:
    """Stands for the process: what it was given, and the pairs that it finds in people."""

    def __init__(self, pairs: list[Pair]) -> None:
        self.pairs, self.given = pairs, list[list[Any]]()
        self.kinds: dict[str, str] = {}

    def __call__(self, kinds: dict[str, str], least: float, sets: Any, look: Any) -> Iterator[dict[str, Any]]:
        self.kinds = kinds
        self.given = [record for part in sets for record in part]
        look()
        ids = {record[0] for record in self.given}
        found = [p for p in self.pairs if {p[0], p[1]} <= ids] if "first_name" in kinds else []
        for one, other, score in found:
            yield {"pair": [one, other, score, [["last_name", "same", 7.5]]]}
        yield {"done": len(found), "records": len(ids), "candidates": 9}


def ran(monkeypatch: pytest.MonkeyPatch, found: Any, **arguments: Any) -> JobRow:
    monkeypatch.setattr(child, "linked", found)
    JobRow.objects.all().delete()
    queue.enqueue(passing.NAME, {"now": True, **arguments}, key=passing.NOW)
    drain()
    return JobRow.objects.filter(name=passing.NAME).latest("pk")


def pairs() -> list[tuple[int, int, float, str]]:
    return list(DuplicatePair.objects.order_by("pk").values_list("first_id", "second_id", "score", "state"))


def test_what_is_found_is_kept_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = factories.admin()
    one, two = (factories.make(ada, "person", birthday=dt.date(1990, 5, 3)) for _ in range(2))
    gone = factories.make(ada, "person")
    write.delete(ada, "person", [gone])
    found = Found([(one, two, 0.9), (two, gone, 0.8)])
    row = ran(monkeypatch, found)
    assert row.state == State.DONE
    assert row.result["person"] | {"seconds": 0} == {"pairs": 1, "records": 2, "candidates": 9, "seconds": 0}
    assert pairs() == [(one, two, 0.9, "open")]
    assert DuplicatePair.objects.get().reasons == [["last_name", "same", 7.5]]


def test_what_is_compared_is_read_with_custom_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = factories.admin()
    add_field(ada, "person", "text", FieldDefinition(label="Passport", options={"matching": True}), key="passport")
    sync.refresh()
    for number in ("A1", "B2"):
        factories.make(
            ada, "person", first_name="Eva", last_name="Lang", passport=number, birthday=dt.date(1990, 5, 3),
            emails=[{"value": f"{number}@example.org"}],
        )  # fmt: skip
    found = Found([])
    seen: list[dict[str, Any]] = []

    def linked(kinds: dict[str, str], *rest: Any) -> Iterator[dict[str, Any]]:
        yield from found(kinds, *rest)
        if "first_name" in kinds:
            seen.extend(dict(zip(kinds, record[1:], strict=True)) for record in found.given)

    ran(monkeypatch, linked)
    assert [(r["first_name"], r["passport"], r["birthday"], r["emails"][0]["value"]) for r in seen] == [
        ("Eva", "A1", "1990-05-03", "A1@example.org"), ("Eva", "B2", "1990-05-03", "B2@example.org"),
    ]  # fmt: skip


def test_a_second_pass_changes_nothing_and_forgets_what_is_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = factories.admin()
    a, b, c, d = (factories.make(ada, "person") for _ in range(4))
    found = Found([(a, b, 0.9), (b, c, 0.8), (c, d, 0.7)])
    ran(monkeypatch, found)
    first = list(DuplicatePair.objects.order_by("pk").values_list("pk", flat=True))
    DuplicatePair.objects.filter(second_id=b).update(state="different")
    suggest("person", [Suggestion(a, d, 0.6)], "form")
    ran(monkeypatch, found)
    assert list(DuplicatePair.objects.order_by("pk").values_list("pk", flat=True))[:3] == first
    found.pairs = [(a, b, 0.99)]
    ran(monkeypatch, found)
    assert pairs() == [(a, b, 0.9, "different"), (a, d, 0.6, "open")]
    write.delete(ada, "person", [d])
    ran(monkeypatch, found)
    assert pairs() == [(a, b, 0.9, "different")]


def test_when_it_fails_or_is_stopped_what_was_open_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = factories.admin()
    a, b, c = (factories.make(ada, "person") for _ in range(3))
    ran(monkeypatch, Found([(a, b, 0.9)]))

    def failing(*_given: Any) -> Iterator[dict[str, Any]]:
        yield {"pair": [b, c, 0.7, []]}
        raise child.Failed("out of memory")

    row = ran(monkeypatch, failing)
    assert row.state == State.WAITING
    assert "out of memory" in row.error
    assert pairs()[0] == (a, b, 0.9, "open")

    closed: list[bool] = []

    def endless(kinds: Any, least: Any, sets: Any, look: Any) -> Iterator[dict[str, Any]]:
        try:
            while True:
                JobRow.objects.update(stop=True)
                look()
        finally:
            closed.append(True)
        yield {}

    row = ran(monkeypatch, endless)
    assert (row.state, closed) == (State.CANCELLED, [True])
    assert pairs()[0] == (a, b, 0.9, "open")


def test_a_worker_that_ends_leaves_the_pass_to_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = factories.admin()
    a, b = (factories.make(ada, "person") for _ in range(2))
    monkeypatch.setattr(child, "linked", Found([(a, b, 0.9)]))
    queue.enqueue(passing.NAME, {"now": True}, key=passing.NOW)
    ending = threading.Event()
    ending.set()
    row = queue.claim("worker")
    assert row is not None
    perform(row, ending)
    row.refresh_from_db()
    assert (row.state, row.attempts, pairs()) == (State.WAITING, 0, [])


def test_by_day_it_waits_for_the_night_and_then_looks_at_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = factories.admin()
    berlin = ZoneInfo("Europe/Berlin")
    with time_machine.travel(dt.datetime(2026, 3, 4, 14, 0, tzinfo=berlin), tick=False):
        a, b = (factories.make(ada, "person") for _ in range(2))
        row = ran(monkeypatch, Found([(a, b, 0.9)]), now=False)
        assert (row.state, pairs()) == (State.WAITING, [])
        assert row.due_at.astimezone(berlin) == dt.datetime(2026, 3, 5, 1, 30, tzinfo=berlin)
    with time_machine.travel(dt.datetime(2026, 3, 5, 1, 31, tzinfo=berlin), tick=False):
        drain()
        assert pairs() == [(a, b, 0.9, "open")]
        assert PassSetting.objects.get(object_key="person").numbers["records"] == 2
    with time_machine.travel(dt.datetime(2026, 3, 6, 2, 0, tzinfo=berlin), tick=False):
        row = ran(monkeypatch, Found([]), now=False)
        assert (row.state, row.result) == (State.DONE, {})


def test_only_administrators_start_it_and_only_once() -> None:
    ada, eve = factories.admin(), factories.user("Eve")
    with pytest.raises(Forbidden):
        passing.start(eve.user_id, eve.is_admin)
    assert passing.start(ada.user_id, ada.is_admin)
    assert not passing.start(ada.user_id, ada.is_admin)


def test_an_object_that_is_switched_off_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ada = factories.admin()
    a, b = (factories.make(ada, "person") for _ in range(2))
    PassSetting.objects.create(object_key="person", enabled=False, threshold=0.5)
    row = ran(monkeypatch, Found([(a, b, 0.9)]))
    assert (row.state, pairs()) == (State.DONE, [])
    assert "person" not in row.result
