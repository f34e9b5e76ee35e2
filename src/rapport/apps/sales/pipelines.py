"""The settings page of pipelines and their stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.apps.sales.models import Outcome
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.read import visible
from rapport.registry.extensions import Setting
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, crumbs, onward
from rapport.surfaces.web.shell import page

MOST = 200
EMPTY_ROWS = 2
PARTS = ("id", "name", "probability", "outcome", "rotting_days")
STARTING = (
    (gettext_lazy("New"), 10, Outcome.OPEN), (gettext_lazy("Won"), 100, Outcome.WON),
    (gettext_lazy("Lost"), 0, Outcome.LOST),
)  # fmt: skip
"""Name, probability and outcome of the stages that a new pipeline begins with."""


@require_http_methods(["GET", "POST"])
def pipelines(request: Request) -> HttpResponse:
    """All pipelines with their stages; a POST makes one, saves one with its stages, or deletes one."""
    if request.method == "POST":
        return _change(request)
    caller = request.caller
    stages: dict[int, list[Any]] = {}
    for row in visible(caller, "stage").page(columns=(*PARTS[1:], "pipeline"), sort="position", size=MOST).rows:
        stages.setdefault(row.values["pipeline"], []).append({"id": row.id, **row.values})
    rows = visible(caller, "pipeline").page(columns=("name",), sort="position", size=MOST).rows
    empty = {"id": "", "name": "", "probability": "", "outcome": "open", "rotting_days": ""}
    context = {
        "pipelines": [
            {"id": r.id, "name": r.title, "stages": [*stages.get(r.id, []), *[empty] * EMPTY_ROWS]} for r in rows
        ],
        "outcomes": Outcome.choices,
        "crumbs": crumbs((_("Pipelines"), "")),
    }
    return page(request, "sales/pipelines.html", context)


def _change(request: Request) -> HttpResponse:
    caller, posted = request.caller, request.POST
    match posted.get("act"):
        case "create":
            act(request, lambda: _create(caller, posted.get("name", "")), _("The pipeline is made."))
        case "delete":
            act(request, lambda: _delete(caller, _key(posted)), _("The pipeline is in the trash."))
        case "save":
            act(request, lambda: _save(caller, _key(posted), posted), _("The pipeline is saved."))
        case _:
            toasts.tell(request, _("Choose what to do."), level="error")
    return onward("settings-pipelines")


def _key(posted: QueryDict) -> int:
    text = posted.get("pipeline", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound
    return int(text)


@transaction.atomic
def _create(caller: Caller, name: str) -> None:
    """A pipeline with the stages that every one needs."""
    last = visible(caller, "pipeline").page(columns=("position",), sort="-position", size=1).rows
    position = (last[0].values["position"] if last else 0) + 1
    pipeline = write.create(caller, "pipeline", {"name": name, "position": position})
    for number, (label, probability, outcome) in enumerate(STARTING, start=1):
        values = {"name": str(label), "position": number, "probability": probability, "outcome": outcome.value}
        write.create(caller, "stage", {"pipeline": pipeline, **values})


@transaction.atomic
def _delete(caller: Caller, pipeline: int) -> None:
    stages = visible(caller, "stage").ids({"field": "pipeline", "op": "is", "value": pipeline})
    write.delete(caller, "stage", stages)
    write.delete(caller, "pipeline", [pipeline])


@transaction.atomic
def _save(caller: Caller, pipeline: int, posted: QueryDict) -> None:
    """Name and stages in the order sent; a stage whose name was emptied is deleted. Raises Invalid."""
    write.update(caller, "pipeline", pipeline, {"name": posted.get("name", "")})
    known = set(visible(caller, "stage").ids({"field": "pipeline", "op": "is", "value": pipeline}))
    position = 0
    for row in _rows(posted):
        key = int(row.pop("id")) if row["id"].isascii() and row["id"].isdigit() else 0
        if key and key not in known:
            raise NotFound
        if not row["name"].strip():
            if key:
                write.delete(caller, "stage", [key])
            continue
        position += 1
        values = {k: v for k, v in row.items() if k != "id"} | {"position": position}
        if key:
            write.update(caller, "stage", key, values)
        else:
            write.create(caller, "stage", {"pipeline": pipeline, **values})
    if not visible(caller, "stage").count(_open(pipeline), cap=1):
        raise Invalid({"": [_("A pipeline needs at least one open stage.")]})


def _open(pipeline: int) -> Mapping[str, Any]:
    return {
        "all": [
            {"field": "pipeline", "op": "is", "value": pipeline},
            {"field": "outcome", "op": "is", "value": Outcome.OPEN.value},
        ]
    }


def _rows(posted: QueryDict) -> list[dict[str, str]]:
    columns = [posted.getlist(f"stage_{part}") for part in PARTS]
    return [
        {part: value if part != "probability" else value or "0" for part, value in zip(PARTS, row, strict=True)}
        for row in zip(*columns, strict=False)
    ][:MOST]


SETTING = Setting(
    name="pipelines", path="pipelines/", view=pipelines, label=gettext_lazy("Pipelines"), icon="layout-kanban",
    group=gettext_lazy("Data"), order=21,
)  # fmt: skip
