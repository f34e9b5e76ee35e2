"""Imports that run or ran: how far, how fast, what became of the rows; and all of the past."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rapport.features.transfer import answering, jobs, runs, undoing
from rapport.features.transfer.models import ImportRun, State
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound, RecordsError
from rapport.records.jobs.models import JobRow
from rapport.records.models import User
from rapport.registry import catalog
from rapport.surfaces.web import toasts
from rapport.surfaces.web.importing import results
from rapport.surfaces.web.importing.reach import run_of, runs_of
from rapport.surfaces.web.importing.texts import remaining, sentences
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

SIZE = 100
TONES = {
    State.RUNNING: "blue", State.STOPPED: "orange", State.DONE: "green", State.UNDOING: "blue",
    State.UNDONE: "neutral",
}  # fmt: skip
ROWS = {"refused": False, "noted": True}


@require_safe
def past(request: Request) -> HttpResponse:
    """All imports that the caller may see."""
    found = listed(runs_of(request.caller)[:SIZE])
    context = {"runs": found, "everyone": request.caller.is_admin}
    return page(request, "web/importing/past.html", context)


def listed(found: Iterable[ImportRun]) -> list[dict[str, Any]]:
    """Imports as a table takes them."""
    found = [run for run in found if run.object_key in catalog.current().objects]
    names = dict(User.objects.filter(pk__in={r.user_id for r in found if r.user_id}).values_list("pk", "name"))
    return [
        {
            "run": run,
            "url": reverse("import-run", args=[run.pk]),
            "object": capfirst(str(catalog.current()[run.object_key].label_plural)),
            "who": names.get(run.user_id or 0, ""),
            "state": State(run.state).label,
            "tone": TONES[State(run.state)],
        }
        for run in found
    ]


@require_http_methods(["GET", "POST"])
def show(request: Request, run_id: int) -> HttpResponse:
    """One import (GET), for htmx the part that changes; stop it, or go on with it (POST)."""
    run = run_of(request.caller, run_id)
    if request.method == "POST":
        try:
            match request.POST.get("do"):
                case "stop":
                    jobs.stop(run)
                case "undo":
                    undoing.start(request.caller, run.pk)
                case _:
                    jobs.resume(request.caller, run.pk)
        except NotFound:
            raise
        except RecordsError as error:
            toasts.tell(request, " ".join(sentences(error)), level="error")
        return redirect("import-run", run.pk)
    context: dict[str, Any] = {"run": run, "i": _state(request.caller, run)}
    if run.state == State.UNDONE:
        context["kept"] = results.kept(request.caller, run)
    if request.headers.get("HX-Target", "").endswith("#import"):
        return render(request, "web/importing/progress.html", context)
    obj = catalog.current()[run.object_key]
    crumbs = [
        {"label": capfirst(str(obj.label_plural)), "url": reverse("list", args=[obj.plural])},
        {"label": _("Imports"), "url": reverse("imports")}, {"label": run.name},
    ]  # fmt: skip
    return page(request, "web/importing/run.html", {**context, "title": run.name, "crumbs": crumbs})


def _state(caller: Caller, run: ImportRun) -> dict[str, Any]:
    """What of an import changes while it runs."""
    obj, job = catalog.current()[run.object_key], runs.job_of(run)
    working = job is not None and (run.state in {State.RUNNING, State.UNDOING} or job.name == answering.JOB)
    undoing_ = run.state in {State.UNDOING, State.UNDONE}
    waiting = runs.waiting(run)
    return {
        "url": reverse("import-run", args=[run.pk]),
        "working": working,
        "done": run.state == State.DONE,
        "undoing": run.state == State.UNDOING,
        "undone": run.state == State.UNDONE,
        "answering": bool(job and job.name == answering.JOB),
        "may_undo": undoing.may_undo(run) and bool(run.position),
        "stopping": bool(job and job.stop),
        "may_resume": not working and run.state in {State.RUNNING, State.STOPPED}
        and bool(run.path or not run.stored),
        "value": job.done if job and job.name != jobs.JOB else run.position,
        "total": (job.total or 0) if job and job.name != jobs.JOB
        else max(run.source.get("about") or 0, run.position),
        "objects": obj.label_plural,
        "created_url": _records_url(run, "created") if run.created and not undoing_ else "",
        "updated_url": _records_url(run, "updated") if run.updated and not undoing_ else "",
        "waiting": waiting,
        "waiting_url": reverse("import-waiting", args=[run.pk]) if waiting else "",
        "plain_url": reverse("list", args=[obj.plural]),
        "import_url": reverse("import", args=[obj.plural]),
        "refused_url": reverse("import-rows", args=[run.pk, "refused"]) if run.rejected else "",
        "noted_url": reverse("import-rows", args=[run.pk, "noted"]) if run.noted else "",
        **(_pace(run, job) if working and job and job.name == jobs.JOB else {}),
    }  # fmt: skip


def _records_url(run: ImportRun, which: str) -> str:
    return reverse("import-records", args=[run.pk, which])


def _pace(run: ImportRun, job: JobRow) -> dict[str, Any]:
    """Rows a second since the job began, and about how long it will still take."""
    if job.started_at is None:
        return {"waiting_turn": True}
    seconds = (timezone.now() - job.started_at).total_seconds()
    rate = (run.position - job.arguments.get("from", 0)) / seconds if seconds > 0 else 0
    left = (run.source.get("about") or 0) - run.position
    return {"rate": round(rate), "left": remaining(left / rate) if rate > 0 and left > 0 else ""}


@require_safe
def rows(request: Request, run_id: int, which: str) -> HttpResponseBase:
    """Rows that were refused, or taken without a value, as CSV with the reason of each."""
    run = run_of(request.caller, run_id)
    if which not in ROWS:
        raise NotFound
    response = StreamingHttpResponse(
        runs.issues_csv(run.pk, imported=ROWS[which]), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="import-{run.pk}-{which}.csv"'
    return response
