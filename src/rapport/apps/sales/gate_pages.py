"""The page of a stage's gate: what must be filled, done or approved."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.records import write
from rapport.records.accounts import directory
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import Hold, Page, all_of
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, crumbs, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page

MOST, LONGEST = 20, 200
NEVER = frozenset(
    {"name", "pipeline", "stage", "probability", "forecast", "lost_reason", "lost_note", "lost_to", "approved"}
)
"""Fields of a deal that no gate asks for: they are always there, or mean its end."""


@administrators
@require_http_methods(["GET", "POST"])
def gate(request: Request, stage_id: int) -> HttpResponse:
    """What a deal needs to come into a stage and to leave it. Raises NotFound."""
    caller = request.caller
    stage = visible(caller, "stage").get(stage_id)
    if request.method == "POST":
        values = _sent(request)
        if act(request, lambda: write.update(caller, "stage", stage_id, values), _("The gate is saved.")):
            return onward("settings-pipelines")
        return onward("stage-gate", stage_id)
    chosen = set(stage.values["asks"] or ())
    context = {
        "stage": stage,
        "fields": [{"name": f.name, "label": capfirst(str(f.label)), "on": f.name in chosen} for f in _askable()],
        "tasks": "\n".join(stage.values["tasks"] or ()),
        "holds": [
            {"name": hold.name, "label": hold.label, "on": hold.name in (stage.values["holds"] or ())}
            for hold in all_of(Hold)
        ],
        "users": [{"value": key, "label": name} for key, name in directory.active_users()],
        "approver": stage.values["approver"] or "",
        "crumbs": crumbs((_("Pipelines"), reverse("settings-pipelines")), (stage.title or "", "")),
    }
    return page(request, "sales/gate.html", context)


def _askable() -> list[Any]:
    fields = catalog.current()["deal"].fields.values()
    return [f for f in fields if f.editable and f.type.storage != "computed" and f.name not in NEVER]


def _sent(request: Request) -> dict[str, Any]:
    known = {f.name for f in _askable()}
    lines = [" ".join(line.split())[:LONGEST] for line in request.POST.get("tasks", "").splitlines()]
    return {
        "asks": [n for n in request.POST.getlist("asks") if n in known],
        "tasks": list(dict.fromkeys(line for line in lines if line))[:MOST],
        "holds": [hold.name for hold in all_of(Hold) if hold.name in request.POST.getlist("holds")],
        "approver": request.POST.get("approver") or None,
    }


PAGE = Page(name="stage-gate", path="settings/pipelines/stages/<int:stage_id>/", view=gate)
