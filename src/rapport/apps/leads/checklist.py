"""The checklist on a lead's page: criteria to tick, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from rapport.apps.leads.models import Status
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Conflict, Invalid
from rapport.records.read import RecordView, visible
from rapport.registry.extensions import Page, Panel
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request

MOST = 60


def checklist(caller: Caller, record: RecordView) -> Mapping[str, Any] | None:
    """The criteria with those that are met; None where there are none, or for whoever may not see what is met."""
    if "met" not in record.values:
        return None
    rows = visible(caller, "criterion").page(columns=("name", "must"), sort="position", size=MOST).rows
    if not rows:
        return None
    met = set(record.values["met"] or ())
    items = [{"id": r.id, "name": r.title, "must": r.values.get("must"), "met": r.id in met} for r in rows]
    closed = record.values.get("status") in (Status.CONVERTED, Status.DISQUALIFIED)
    return {
        "items": items,
        "done": sum(1 for item in items if item["met"]),
        "ready": all(item["met"] for item in items if item["must"]),
        "version": record.version,
        "url": None if closed or "edit" not in record.may else reverse("lead-checklist", args=[record.id]),
    }


@require_POST
def tick(request: Request, record_id: int) -> HttpResponse:
    """Save which criteria a lead meets. Raises NotFound, Forbidden."""
    met = [int(v) for v in request.POST.getlist("met") if v.isascii() and v.isdigit() and len(v) < 19]
    version = request.POST.get("version", "")
    try:
        write.update(
            request.caller, "lead", record_id, {"met": met}, version=int(version) if version.isdecimal() else None
        )
    except (Invalid, Conflict) as error:
        toasts.tell(request, error.message, level="error")
    response = HttpResponseRedirect(reverse("record", args=["leads", record_id]))
    response.status_code = 303
    return response


PANEL = Panel(
    name="lead-checklist", objects=("lead",), template="leads/checklist.html", context=checklist, title=_("Checklist"),
    place="side", order=5,
)  # fmt: skip
PAGE = Page(name="lead-checklist", path="leads/<int:record_id>/checklist/", view=tick)
