"""The page from which administrators take the whole organisation with them, as one archive."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from rapport.features.archive import jobs
from rapport.records.jobs import queue
from rapport.records.jobs.models import State
from rapport.registry.extensions import Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import crumbs, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page

NAME = "archive"
TITLE = gettext_lazy("Archive of everything")


@require_safe
def archive(request: Request) -> HttpResponse:
    """Archives that can be downloaded, and the one that is being made."""
    latest = jobs.latest()
    state = latest.state if latest else ""
    context = {
        "job": latest,
        "busy": state in {State.WAITING, State.RUNNING},
        "failed": state == State.FAILED,
        "stopped": state == State.CANCELLED,
        "kept": list(jobs.kept()),
        "days": jobs.KEPT.days,
        "crumbs": crumbs((TITLE, "")),
    }
    return page(request, "web/settings/archive.html", context)


@administrators
@require_POST
def make(request: Request) -> HttpResponse:
    """Have an archive made in the background."""
    jobs.start(request.caller)
    toasts.tell(request, _("The archive is being made. You can go on working."))
    return onward(f"settings-{NAME}")


@administrators
@require_POST
def stop(request: Request) -> HttpResponse:
    """Stop making it."""
    latest = jobs.latest()
    done = latest is not None and queue.cancel(latest.pk)
    toasts.tell(request, _("The archive is no longer made.") if done else _("No archive is being made."))
    return onward(f"settings-{NAME}")


@administrators
@require_POST
def download(request: Request, job_id: int) -> HttpResponseBase:
    """Download an archive. A post, since it is written down in the audit log."""
    found, stream = jobs.download(request.caller, job_id)
    response = FileResponse(stream, as_attachment=True, filename=found.name, content_type="application/zip")
    response["Cache-Control"] = "no-store"
    return response


@administrators
@require_POST
def remove(request: Request, job_id: int) -> HttpResponse:
    """Remove an archive before its time is over."""
    jobs.remove(request.caller, job_id)
    toasts.tell(request, _("The archive is removed."))
    return onward(f"settings-{NAME}")


SETTING = Setting(
    name=NAME, path="archive/", view=archive, label=TITLE, icon="archive", group=gettext_lazy("Data"), order=29
)
