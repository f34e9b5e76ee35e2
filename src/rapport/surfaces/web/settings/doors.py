"""The page of what is done at each door about records that are there already."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.features.duplicates import policies
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, crumbs, onward
from rapport.surfaces.web.shell import page

PARTS = ("exact", "near")


@require_http_methods(["GET", "POST"])
def doors(request: Request) -> HttpResponse:
    """For each object that has matching fields, a choice at each door; a POST keeps all of them."""
    if request.method == "POST":
        act(request, lambda: _keep(request), _("Saved"))
        return onward("settings-duplicate-doors")
    context = {"objects": [_shown(obj) for obj in _objects()], "crumbs": crumbs((_("Duplicates at the doors"), ""))}
    return page(request, "web/settings/doors.html", context)


def _objects() -> list[RegisteredObject]:
    return [obj for obj in catalog.current().objects.values() if obj.matching]


def _shown(obj: RegisteredObject) -> dict[str, Any]:
    rows = []
    for door in policies.doors(obj):
        policy, offered = policies.of(obj, door), policies.offered(door)
        choices = {
            part: {
                "name": f"{obj.key}-{door}-{part}",
                "value": getattr(policy, part),
                "choices": [(choice, capfirst(str(policies.LABELS[choice]))) for choice in choices],
            }
            for part, choices in zip(PARTS, offered, strict=True)
        }
        rows.append({"label": policies.DOORS[door], **choices})
    names = (name for name in obj.matching)
    fields = ", ".join(str(obj.fields[name].label) for name in names)
    return {"label": capfirst(str(obj.label_plural)), "rows": rows, "fields": fields}


def _keep(request: Request) -> None:
    """Keep what differs. Raises Invalid; then nothing is kept."""
    for obj in _objects():
        for door in policies.doors(obj):
            before = policies.of(obj, door)
            exact, near = (request.POST.get(f"{obj.key}-{door}-{p}", getattr(before, p)) for p in PARTS)
            if (exact, near) != (before.exact, before.near):
                policies.choose(request.caller, obj, door, exact, near)
