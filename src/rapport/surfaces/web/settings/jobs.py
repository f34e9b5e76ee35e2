"""The page of jobs: what runs, what waits, what failed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.jobs import queue
from rapport.records.jobs.models import JobRow, State, WorkerRow
from rapport.records.models import User
from rapport.registry import extensions
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

ALIVE_SECONDS = 60
SIZE = 50
TONES = {"waiting": "neutral", "running": "blue", "done": "green", "failed": "red", "cancelled": "orange"}
ORDER = (State.RUNNING, State.WAITING, State.FAILED, State.CANCELLED, State.DONE)


@require_safe
def jobs(request: Request) -> HttpResponse:
    """All jobs for administrators, their own for others; the table alone for the page that asks again and again."""
    context = _state(request.caller)
    if request.headers.get("HX-Target", "").endswith("#jobs"):
        return render(request, "web/settings/jobs_table.html", {**context, "csrf": request.META.get("CSRF_COOKIE", "")})
    return page(request, "web/settings/jobs.html", context)


def _mine(caller: Caller) -> Any:
    rows = JobRow.objects.order_by("-id")
    return rows if caller.is_admin else rows.filter(user_id=caller.user_id)


def _state(caller: Caller) -> dict[str, Any]:
    rows = [row for state in ORDER for row in _mine(caller).filter(state=state)[:SIZE]]
    names = dict(User.objects.filter(pk__in={r.user_id for r in rows} - {None}).values_list("pk", "name"))
    fresh = timezone.now() - dt.timedelta(seconds=ALIVE_SECONDS)
    return {
        "jobs": [_shown(row, names) for row in rows],
        "busy": any(row.state in {State.RUNNING, State.WAITING} for row in rows),
        "workers": WorkerRow.objects.filter(beat_at__gte=fresh).count(),
        "everyone": caller.is_admin,
    }


def _shown(row: JobRow, names: dict[int, str]) -> dict[str, Any]:
    job = extensions.named(extensions.Job, row.name)
    return {
        "row": row,
        "label": job.label if job else row.name,
        "state": State(row.state).label,
        "tone": TONES[row.state],
        "who": names.get(row.user_id or 0, ""),
        "percent": min(100, row.done * 100 // row.total) if row.total else None,
        "error": row.error.strip().splitlines()[-1] if row.error.strip() else "",
        "may_retry": row.state in {State.FAILED, State.CANCELLED},
        "may_cancel": row.state in {State.WAITING, State.RUNNING} and not row.stop,
    }


@require_POST
def retry(request: Request, job_id: int) -> HttpResponse:
    """Run a failed or cancelled job again."""
    _visible(request.caller, job_id)
    done = queue.retry(job_id)
    toasts.tell(request, _("The job waits for its turn.") if done else _("This job has not failed."))
    return redirect("jobs")


@require_POST
def cancel(request: Request, job_id: int) -> HttpResponse:
    """Cancel a job, or ask it to stop at the next step."""
    _visible(request.caller, job_id)
    done = queue.cancel(job_id)
    toasts.tell(request, _("The job stops.") if done else _("This job has ended already."))
    return redirect("jobs")


def _visible(caller: Caller, job_id: int) -> None:
    if not _mine(caller).filter(pk=job_id).exists():
        raise NotFound
