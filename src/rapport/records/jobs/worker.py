"""The worker: tells events, plans scheduled jobs, and runs jobs one after the other with a heartbeat."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.customising import sync
from rapport.records.errors import Outdated, RecordsError
from rapport.records.jobs import outbox, queue, schedule
from rapport.records.jobs.models import JobRow, State, WorkerRow
from rapport.registry import extensions

IDLE_SECONDS = 0.5
PLAN_SECONDS = 30
BEAT_SECONDS = 10
BESIDE = 8
"""Jobs that wait for others, such as for the answer of a server, that one worker runs beside its own."""
LOG_PAGES = 1_000
"""Pages of SQLite's log that a worker's commit brings to their place; other processes leave it to workers."""
logger = logging.getLogger(__name__)


class Stopped(Exception):
    """The user asked the job to stop, or another worker has taken it over."""


@dataclass
class Context:
    """What a running job knows and may tell."""

    row: JobRow
    job: extensions.Job
    told_at: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)
    """Set when the worker is about to end, for jobs that have a good place to pause."""

    @property
    def arguments(self) -> dict[str, Any]:
        """What the job was enqueued with."""
        arguments: dict[str, Any] = self.row.arguments
        return arguments

    @property
    def user_id(self) -> int | None:
        """Who started it."""
        return self.row.user_id

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far the job is, between transactions. Raises Stopped."""
        now = time.monotonic()
        if now - self.told_at < 0.5:
            return
        self.told_at = now
        JobRow.objects.filter(pk=self.row.pk).update(done=done, **({"total": total} if total is not None else {}))
        if not queue.beat(self.row, self.job.lease):
            raise Stopped


def name() -> str:
    """This process, for the lease."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run(stop: threading.Event | None = None) -> None:
    """Work until `stop` is set."""
    stop = stop or threading.Event()
    me, planned, beaten = name(), 0.0, 0.0
    beside = _Beside(stop)
    while not stop.is_set():
        try:
            close_old_connections()
            now = time.monotonic()
            if now - beaten > BEAT_SECONDS or not beaten:
                _sign_of_life(me)
                beaten = now
            if now - planned > PLAN_SECONDS or not planned:
                schedule.plan()
                planned = now
            if not step(me, beside):
                stop.wait(IDLE_SECONDS)
        except OperationalError:
            logger.warning("the database is away; trying again", exc_info=True)
            connection.close()
            stop.wait(2)
    beside.join()


def step(me: str = "", beside: _Beside | None = None) -> bool:
    """One round: events, then one job; False when there was nothing to do. Without `beside`, all run in this thread."""
    sync.refresh()
    events = outbox.dispatch()
    full = beside is not None and beside.is_full()
    row = queue.claim(me or name(), _waiting_jobs() if full else ())
    if row is None:
        return bool(events)
    job = extensions.named(extensions.Job, row.name)
    if beside is not None and job is not None and job.waits:
        beside.perform(row)
    else:
        perform(row)
    return True


def _waiting_jobs() -> list[str]:
    return [job.name for job in extensions.all_of(extensions.Job) if job.waits]


def drain(limit: int = 10_000) -> int:
    """Run everything that is due, for commands and tests; rounds that did something."""
    for count in range(limit):
        if not step():
            return count
    return limit


def perform(row: JobRow, stop: threading.Event | None = None) -> None:
    """Run a claimed job to its end: done, again later, failed or cancelled."""
    job = extensions.named(extensions.Job, row.name)
    assert job is not None
    with _Heart(row, job):
        try:
            result = job.run(Context(row, job, stop=stop or threading.Event()))
        except Stopped:
            queue.finish(row, State.CANCELLED)
        except queue.TakenAway:
            logger.warning("job %s %s is another worker's by now", row.pk, row.name)
        except Outdated as error:
            queue.again(row, str(error))
        except RecordsError as error:
            queue.finish(row, State.FAILED, error=str(error))
        except Exception:
            logger.exception("job %s %s failed", row.pk, row.name)
            queue.again(row, traceback.format_exc(limit=6))
        else:
            _close(row, job, result)


def _close(row: JobRow, job: extensions.Job, result: Any) -> None:
    try:
        queue.close(row, job, result)
    except queue.TakenAway:
        logger.warning("job %s %s is another worker's by now", row.pk, row.name)
        return
    if job.every and not result:
        schedule.forget_idle(row)


class _Beside:
    """Jobs that mostly wait, each in a thread of its own beside the others; at most `BESIDE` at once."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.threads: list[threading.Thread] = []

    def is_full(self) -> bool:
        """Whether no further one may run now."""
        self.threads = [thread for thread in self.threads if thread.is_alive()]
        return len(self.threads) >= BESIDE

    def perform(self, row: JobRow) -> None:
        """Run a claimed job."""
        thread = threading.Thread(target=self._run, args=(row,), name=f"job-{row.pk}")
        self.threads.append(thread)
        thread.start()

    def _run(self, row: JobRow) -> None:
        try:
            perform(row, self.stop)
        except OperationalError:
            logger.warning("the database went away from job %s", row.pk, exc_info=True)
        finally:
            connection.close()

    def join(self) -> None:
        """Wait for those that run."""
        for thread in self.threads:
            thread.join()


class _Heart:
    """Extends the lease while the job runs, from a thread of its own."""

    def __init__(self, row: JobRow, job: extensions.Job) -> None:
        self.row, self.job, self.ended = row, job, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self.ended.wait(self.job.lease.total_seconds() / 3):
            try:
                queue.beat(self.row, self.job.lease)
            except OperationalError:
                logger.warning("no heartbeat for job %s", self.row.pk, exc_info=True)
            finally:
                connection.close()

    def __enter__(self) -> None:
        if self.job.lease.total_seconds() < 3600:
            self.thread.start()

    def __exit__(self, *_error: object) -> None:
        self.ended.set()


def _sign_of_life(me: str) -> None:
    if connection.vendor == "sqlite":
        db.row(Sql(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}"))
    now = timezone.now()
    WorkerRow.objects.update_or_create(
        name=me, defaults={"beat_at": now}, create_defaults={"started_at": now, "beat_at": now}
    )
