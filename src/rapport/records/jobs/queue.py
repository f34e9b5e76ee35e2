"""Putting jobs in the queue, and taking them out of it one lease at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.jobs.models import JobRow, State
from rapport.registry import extensions

BACKOFF = (5, 30, 120, 600, 3600)
"""Seconds before the second, third, … attempt."""


WAKE_ATTEMPTS = 100
"""How often a job may end between being looked for and being made, before something must be wrong."""


class TakenAway(Exception):
    """The lease was over, and another worker has the job."""


def enqueue(
    name: str, arguments: Mapping[str, Any] | None = None, *, key: str | None = None, user_id: int | None = None,
    due_at: dt.datetime | None = None, total: int | None = None,
) -> JobRow | None:  # fmt: skip
    """A job for the worker, in the transaction at hand. With a `key`, only one may wait or run; None when it does.

    Raises ValueError for a name that no `extensions.Job` has.
    """
    if extensions.named(extensions.Job, name) is None:
        raise ValueError(f"no job {name!r} is registered")
    now = timezone.now()
    row = JobRow(
        name=name, arguments=dict(arguments or {}), key=key, user_id=user_id, created_at=now, due_at=due_at or now,
        total=total,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return None
    return row


@dataclass(frozen=True, slots=True)
class Later:
    """What a job with a key gives back to have its next turn at a moment, its attempts counted anew."""

    at: dt.datetime


def wake(name: str, key: str, arguments: Mapping[str, Any] | None = None, at: dt.datetime | None = None) -> None:
    """See that the job with a key runs after this transaction, at `at` at the latest, once more where it runs already.

    However many wake it, one waits or runs; none is woken in vain.
    """
    at = at or timezone.now()
    text = (
        "UPDATE records_jobrow SET due_at = CASE WHEN state = 'running' OR due_at > %s THEN %s ELSE due_at END "
        "WHERE key = %s"
    )
    moment = db.dialect().moment(at)
    for _attempt in range(WAKE_ATTEMPTS):
        if db.execute(Sql(text, (moment, moment, key))) or enqueue(name, arguments, key=key, due_at=at) is not None:
            return
    raise RuntimeError(f"the job {key!r} comes and goes")


def unfinished(name: str, user_id: int | None, most: int = 5) -> list[JobRow]:
    """The newest jobs of a name and a user that wait or run. Every list asks, and hardly ever is there one."""
    statement = (
        f'SELECT id FROM "{JobRow._meta.db_table}" '
        "WHERE state IN ('waiting', 'running') AND name = %s AND user_id = %s ORDER BY id DESC LIMIT %s"
    )
    found = [row[0] for row in db.rows(Sql(statement, (name, user_id, most)))]
    return list(JobRow.objects.filter(pk__in=found).order_by("-id")) if found else []


def claim(worker: str, but: Collection[str] = ()) -> JobRow | None:
    """The next due job, leased to this worker; also one whose worker stopped giving signs of life.

    Jobs with the names in `but` are left to others.
    """
    with transaction.atomic():
        now = timezone.now()
        jobs = JobRow.objects.exclude(name__in=but) if but else JobRow.objects
        rows = jobs.filter(state=State.WAITING, due_at__lte=now).order_by("due_at", "id")
        lost = jobs.filter(state=State.RUNNING, lease_until__lt=now).order_by("lease_until")
        if connection.vendor == "postgresql":
            rows, lost = rows.select_for_update(skip_locked=True), lost.select_for_update(skip_locked=True)
        row = lost.first() or rows.first()
        if row is None:
            return None
        job = extensions.named(extensions.Job, row.name)
        if job is None or row.attempts >= job.attempts:
            finish(row, State.FAILED, error=row.error or "the worker stopped again and again while this ran")
            return None
        row.state, row.worker, row.attempts = State.RUNNING, worker, row.attempts + 1
        row.started_at, row.lease_until = now, now + job.lease
        row.save(update_fields=["state", "worker", "attempts", "started_at", "lease_until"])
    return row


def held(row: JobRow) -> QuerySet[JobRow]:
    """The job, as long as it is this worker's."""
    return JobRow.objects.filter(pk=row.pk, state=State.RUNNING, worker=row.worker, attempts=row.attempts)


def beat(row: JobRow, lease: dt.timedelta) -> bool:
    """Extend the lease; False when the job was taken away or asked to stop."""
    kept = held(row).update(lease_until=timezone.now() + lease)
    return bool(kept) and not held(row).filter(stop=True).exists()


def reached(row: JobRow, **position: Any) -> None:
    """Note how far a job is, in the transaction of the work up to there. Raises TakenAway."""
    if not held(row).update(**position):
        raise TakenAway


def close(row: JobRow, job: extensions.Job, result: Any) -> None:
    """End a run that succeeded: for good, or until its next turn where it wants one or was woken. Raises TakenAway."""
    with transaction.atomic():
        rows = held(row)
        found = (rows.select_for_update() if connection.vendor == "postgresql" else rows).first()
        if found is None:
            raise TakenAway
        due = result.at if isinstance(result, Later) else None
        if found.due_at != row.due_at:  # woken while it ran
            due = timezone.now()
        if due is not None:
            rows.update(state=State.WAITING, due_at=due, attempts=0, lease_until=None, error="", stop=False)
        elif job.kept:
            finish(row, State.DONE, result=result)
        else:
            rows.delete()


def finish(row: JobRow, state: State, *, result: Any = None, error: str = "") -> None:
    """End a job; its key is free again."""
    row.state, row.result, row.error = state, result, error[-4000:]
    row.finished_at, row.key, row.lease_until = timezone.now(), None, None
    row.save(update_fields=["state", "result", "error", "finished_at", "key", "lease_until"])


def again(row: JobRow, error: str) -> None:
    """Let a failed attempt wait for its next, or fail for good after the last."""
    job = extensions.named(extensions.Job, row.name)
    if job is None or row.attempts >= job.attempts:
        finish(row, State.FAILED, error=error)
        return
    wait = BACKOFF[min(row.attempts - 1, len(BACKOFF) - 1)]
    row.state, row.error, row.lease_until = State.WAITING, error[-4000:], None
    row.due_at = timezone.now() + dt.timedelta(seconds=wait)
    row.save(update_fields=["state", "error", "lease_until", "due_at"])


def retry(job_id: int) -> bool:
    """Run a failed or cancelled job once more; False for one in another state."""
    rows = JobRow.objects.filter(pk=job_id, state__in=[State.FAILED, State.CANCELLED])
    return bool(rows.update(state=State.WAITING, attempts=0, stop=False, due_at=timezone.now(), finished_at=None))


def cancel(job_id: int) -> bool:
    """Cancel a waiting job, or ask a running one to stop; False for one that has ended."""
    waiting = JobRow.objects.filter(pk=job_id, state=State.WAITING)
    if waiting.update(state=State.CANCELLED, finished_at=timezone.now(), key=None):
        return True
    return bool(JobRow.objects.filter(pk=job_id, state=State.RUNNING).update(stop=True))
