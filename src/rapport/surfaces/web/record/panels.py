"""Registered panels of a record's page."""

from __future__ import annotations

from typing import Any

from django.template import engines
from django.utils.safestring import mark_safe

from rapport.records.read import RecordView
from rapport.registry import extensions
from rapport.surfaces.web.requests import Request

PLACES = ("top", "main", "side")


def panels(request: Request, view: RecordView) -> dict[str, list[dict[str, Any]]]:
    """The registered panels that have something to show, rendered, by place."""
    found: dict[str, list[dict[str, Any]]] = {place: [] for place in PLACES}
    for panel in sorted(extensions.all_of(extensions.Panel), key=lambda p: p.order):
        if view.obj.key not in panel.objects and "*" not in panel.objects:
            continue
        context = panel.context(request.caller, view)
        if context is None:
            continue
        made = engines["jinja2"].get_template(panel.template).render({"record": view, **context}, request)
        found[panel.place].append({"name": panel.name, "title": panel.title, "body": mark_safe(made)})
    return found
