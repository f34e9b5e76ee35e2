"""Jobs: leases, retries, stops, schedules, and events told after their commit."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from tests import factories as f

from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.jobs import outbox, queue, schedule, worker
from rapport.records.jobs.models import JobRow, State
from rapport.records.models import OutboxEntry
from rapport.records.read import visible
from rapport.registry import extensions

pytestmark = pytest.mark.django_db
ran: list[dict[str, Any]] = []


def run(context: Any) -> str:
    ran.append(context.arguments)
    if context.arguments.get("fail"):
        raise RuntimeError("broken")
    return "fine"


@pytest.fixture(autouse=True)
def job() -> Iterator[None]:
    extensions.register(extensions.Job(name="probe", run=run, label="Probe", attempts=2))
    ran.clear()
    yield
    extensions._registered[extensions.Job].pop("probe")


def only() -> JobRow:
    return JobRow.objects.get(name="probe")


def test_a_job_runs_and_keeps_its_result() -> None:
    queue.enqueue("probe", {"a": 1})
    worker.drain()
    assert ran == [{"a": 1}]
    assert (only().state, only().result, only().attempts) == (State.DONE, "fine", 1)


def test_a_key_waits_once() -> None:
    assert queue.enqueue("probe", key="one") is not None
    assert queue.enqueue("probe", key="one") is None
    worker.drain()
    assert queue.enqueue("probe", key="one") is not None


def test_a_job_that_is_woken_many_times_waits_once_and_runs_at_the_first_moment() -> None:
    now = timezone.now()
    queue.wake("probe", "one", {"a": 1}, now + dt.timedelta(hours=2))
    queue.wake("probe", "one", {"a": 2}, now + dt.timedelta(hours=1))
    queue.wake("probe", "one", {"a": 3}, now + dt.timedelta(hours=3))
    assert (only().due_at, only().arguments) == (now + dt.timedelta(hours=1), {"a": 1})
    with time_machine.travel(now + dt.timedelta(minutes=61)):
        worker.drain()
    assert len(ran) == 1


def test_a_job_that_is_woken_while_it_runs_runs_once_more() -> None:
    wakes = iter((True, True, False))

    def woken(context: Any) -> None:
        ran.append(context.arguments)
        if next(wakes):
            queue.wake("again", "one")
            queue.wake("again", "one", at=timezone.now() + dt.timedelta(days=1))

    with registered(extensions.Job(name="again", run=woken, label="Again", kept=False)):
        queue.wake("again", "one")
        worker.drain()
        assert len(ran) == 3
        assert not JobRow.objects.filter(name="again").exists(), "what is not to be kept is gone"


def test_a_job_can_ask_for_its_next_turn() -> None:
    moments = [queue.Later(timezone.now() + dt.timedelta(hours=1)), None]
    with registered(extensions.Job(name="turns", run=lambda context: moments.pop(0), label="Turns", attempts=1)):
        queue.wake("turns", "one")
        worker.drain()
        row = JobRow.objects.get(name="turns")
        assert (row.state, row.attempts, row.key, len(moments)) == (State.WAITING, 0, "one", 1)
        with time_machine.travel(timezone.now() + dt.timedelta(hours=2)):
            worker.drain()
        assert JobRow.objects.get(name="turns").state == State.DONE


def test_a_subscriber_that_wants_nothing_makes_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    wants = [False, True]
    monkeypatch.setitem(extensions._registered, extensions.On, {})
    extensions.register(
        extensions.On(name="probe", events=("company.*",), run=told.extend, wanted=lambda: wants.pop(0))
    )
    ann = f.user()
    f.make(ann, "company")
    worker.drain()
    assert (told, follow_ups()) == ([], [])
    f.make(ann, "company")
    worker.drain()
    assert len(told) == 1


@pytest.mark.django_db(transaction=True)
def test_jobs_that_wait_run_beside_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "BESIDE", 2)
    go, most, at_once = threading.Event(), [0], [0]
    lock = threading.Lock()

    def wait(context: Any) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        go.wait(120)
        with lock:
            at_once[0] -= 1

    with registered(extensions.Job(name="waits", run=wait, label="Waits", waits=True)):
        for _ in range(3):
            queue.enqueue("waits")
        queue.enqueue("probe", {"a": 1})
        stop = threading.Event()
        running = threading.Thread(target=_work, args=(stop,))
        running.start()
        try:
            _until(lambda: len(ran) == 1 and at_once[0] == 2)
            assert JobRow.objects.filter(name="waits", state=State.RUNNING).count() == 2
            go.set()
            _until(lambda: JobRow.objects.filter(name="waits", state=State.DONE).count() == 3)
        finally:
            go.set()
            stop.set()
            running.join(30)
    assert most == [2]


def _work(stop: threading.Event) -> None:
    try:
        worker.run(stop)
    finally:
        connection.close()


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def registered(made: extensions.Job) -> Iterator[None]:
    extensions.register(made)
    try:
        yield
    finally:
        extensions._registered[extensions.Job].pop(made.name)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_the_log_is_brought_to_its_place_by_workers_long_before_others_would() -> None:
    def pages() -> int:
        found = db.row(Sql("PRAGMA wal_autocheckpoint"))
        return int(found[0]) if found else 0

    before = pages()
    try:
        worker._sign_of_life("me")
        assert 0 < 10 * pages() < before
    finally:
        db.row(Sql(f"PRAGMA wal_autocheckpoint = {before}"))


def test_failures_are_tried_again_later_and_then_shown() -> None:
    queue.enqueue("probe", {"fail": True})
    worker.drain()
    assert (only().state, len(ran)) == (State.WAITING, 1)
    assert "broken" in only().error
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=5)):
        worker.drain()
    assert (only().state, len(ran)) == (State.FAILED, 2)
    assert queue.retry(only().pk)
    JobRow.objects.update(arguments={})
    worker.drain()
    assert only().state == State.DONE


def test_a_lost_lease_is_taken_up_by_another_worker() -> None:
    queue.enqueue("probe")
    claimed = queue.claim("first")
    assert claimed is not None
    assert queue.claim("second") is None
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=10)):
        again = queue.claim("second")
        assert again is not None
        assert (again.pk, again.worker, again.attempts) == (claimed.pk, "second", 2)
        assert not queue.beat(claimed, dt.timedelta(minutes=1)), "the first has lost it"


def test_waiting_jobs_are_cancelled_and_running_ones_asked_to_stop() -> None:
    row = queue.enqueue("probe")
    assert row is not None
    assert queue.cancel(row.pk)
    assert only().state == State.CANCELLED
    other = queue.enqueue("probe")
    claimed = queue.claim("me")
    assert claimed is not None
    assert other is not None
    assert queue.cancel(other.pk)
    context = worker.Context(claimed, extensions.named(extensions.Job, "probe"))  # type: ignore[arg-type]
    with pytest.raises(worker.Stopped):
        context.progress(1, 10)


def test_schedules_enqueue_once_in_each_interval() -> None:
    extensions.register(extensions.Job(name="hourly", run=run, label="Hourly", every=dt.timedelta(hours=1)))
    try:
        schedule.plan()
        schedule.plan()
        assert JobRow.objects.filter(name="hourly").count() == 1
        worker.drain()
        schedule.plan()
        assert JobRow.objects.filter(name="hourly").count() == 1
        with time_machine.travel(timezone.now() + dt.timedelta(hours=2)):
            schedule.plan()
        assert JobRow.objects.filter(name="hourly").count() == 2
    finally:
        extensions._registered[extensions.Job].pop("hourly")


def test_events_reach_their_subscribers_after_the_commit() -> None:
    ann = f.user()
    person = f.make(ann, "person")
    call = write.create(ann, "interaction", {"kind": "call", "people": [person], "at": "2026-01-02T10:00:00Z"})
    assert visible(ann, "person").get(person).values["last_contact_at"] is None
    worker.drain()
    assert visible(ann, "person").get(person).values["last_contact_at"] == dt.datetime(2026, 1, 2, 10, tzinfo=dt.UTC)
    write.delete(ann, "interaction", [call])
    worker.drain()
    assert visible(ann, "person").get(person).values["last_contact_at"] is None
    assert not OutboxEntry.objects.exists()
    assert not JobRow.objects.filter(name=outbox.JOB).exists()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The records of each set of events that a subscriber, the only one, is told; it can't bear those in `poison`."""
    told: list[list[int]] = []

    def hear(events: list[Any]) -> None:
        ids = [key for event in events for key in event.ids]
        if poison & set(ids):
            raise RuntimeError("unbearable")
        told.append(ids)

    monkeypatch.setattr(outbox, "AT_ONCE", 2)
    monkeypatch.setitem(extensions._registered, extensions.On, {})
    extensions.register(extensions.On(name="probe", events=("company.*",), run=hear))
    poison.clear()
    return told


poison: set[int] = set()


def follow_ups() -> list[JobRow]:
    return list(JobRow.objects.filter(name=outbox.JOB).order_by("id"))


def test_events_are_told_in_sets_in_their_order_by_one_job(heard: list[list[int]]) -> None:
    ann = f.user()
    made = [f.make(ann, "company") for _ in range(5)]
    assert outbox.dispatch() == 5
    assert len(follow_ups()) == 1
    worker.drain()
    assert heard == [made[:2], made[2:4], made[4:]]
    assert follow_ups() == []
    assert outbox.dispatch() == 0


def test_an_event_that_cant_be_borne_is_set_apart_and_tried_again(heard: list[list[int]]) -> None:
    ann = f.user()
    made = [f.make(ann, "company") for _ in range(5)]
    poison.add(made[2])
    worker.drain()
    assert heard == [made[:2], [made[3]], [made[4]]]
    assert [e["ids"] for row in follow_ups() for e in row.arguments["events"]] == [[made[2]]]
    poison.clear()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=5)):
        worker.drain()
    assert heard[-1] == [made[2]]
    assert follow_ups() == []


def test_an_event_that_can_never_be_borne_fails_visibly(heard: list[list[int]]) -> None:
    poison.add(f.make(f.user(), "company"))
    for days in range(8):
        with time_machine.travel(timezone.now() + dt.timedelta(days=days)):
            worker.drain()
    assert heard == []
    assert [(row.state, "unbearable" in row.error) for row in follow_ups()] == [(State.FAILED, True)]


def test_a_job_whose_lease_is_lost_tells_nothing_more(heard: list[list[int]]) -> None:
    ann = f.user()
    made = [f.make(ann, "company") for _ in range(5)]
    outbox.dispatch()
    first = queue.claim("first")
    assert first is not None
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=10)):
        second = queue.claim("second")
        assert second is not None
        worker.perform(first)
        assert follow_ups()[0].worker == "second"
        assert follow_ups()[0].done == 0
        heard.clear()
        worker.perform(second)
    assert heard == [made[:2], made[2:4], made[4:]]


def test_next_step_follows_tasks() -> None:
    ann = f.user()
    first, second = f.make(ann, "person"), f.make(ann, "person")
    task = write.create(ann, "task", {"subject": "Call", "person": first, "due_at": "2026-02-01T09:00:00Z"})
    worker.drain()
    assert visible(ann, "person").get(first).values["next_step_at"] == dt.datetime(2026, 2, 1, 9, tzinfo=dt.UTC)
    write.update(ann, "task", task, {"person": second})
    worker.drain()
    assert visible(ann, "person").get(first).values["next_step_at"] is None
    assert visible(ann, "person").get(second).values["next_step_at"] is not None
    write.update(ann, "task", task, {"status": "done"})
    worker.drain()
    assert visible(ann, "person").get(second).values["next_step_at"] is None


def test_a_repeating_task_comes_again() -> None:
    ann = f.user()
    with time_machine.travel(dt.datetime(2026, 3, 27, 12, tzinfo=dt.UTC), tick=False):
        task = write.create(ann, "task", {"subject": "Report", "due_at": "2026-03-27 09:00", "repeat": "weekly"})
        write.update(ann, "task", task, {"status": "done"})
    rows = visible(ann, "task").page(sort="due_at", columns=("due_at", "status")).rows
    assert [row.values["status"] for row in rows] == ["done", "open"]
    assert rows[1].values["due_at"] == dt.datetime(2026, 4, 3, 7, tzinfo=dt.UTC), "nine o'clock also in summer time"
