"""Scheduled jobs without cron: a job that says `every` is due once in each interval, whoever looks first."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from rapport.records.jobs.models import JobRow, State
from rapport.records.jobs.queue import enqueue
from rapport.registry import extensions


def plan(now: dt.datetime | None = None) -> int:
    """Enqueue scheduled jobs whose interval has begun; how many. Two schedulers in one second enqueue one job."""
    now, planned = now or timezone.now(), 0
    for job in extensions.all_of(extensions.Job):
        if job.every is None:
            continue
        last = JobRow.objects.filter(name=job.name, key__isnull=False).exists()
        newest = JobRow.objects.filter(name=job.name).order_by("-id").values_list("created_at", flat=True).first()
        due = newest is None or newest + job.every <= now
        if due and not last and enqueue(job.name, key=f"schedule:{job.name}") is not None:
            planned += 1
    return planned


def forget_idle(row: JobRow) -> None:
    """Of the runs of a scheduled job that found nothing to do, the last one is enough."""
    before = JobRow.objects.filter(name=row.name, state=State.DONE, pk__lt=row.pk)
    idle = [key for key, result in before.values_list("pk", "result") if not result]
    JobRow.objects.filter(pk__in=idle).delete()
