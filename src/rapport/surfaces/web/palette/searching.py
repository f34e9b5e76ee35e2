"""The search page: everything that the caller may see, by object."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods

from rapport.features.search.finding import Hit, search
from rapport.registry import catalog
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.palette.choices import LONGEST
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

MOST = 60


@require_http_methods(["GET"])
def search_page(request: Request) -> HttpResponse:
    """What answers `?q=`, of one object with `?object=`."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    chosen = request.GET.get("object", "")
    known = chosen if chosen in catalog.current().objects else ""
    hits = search(request.caller, text, [known] if known else None, MOST) if text else []
    context = {"q": text, "groups": grouped(hits), "chosen": known, "url": reverse("search"), "most": len(hits) >= MOST}
    return page(request, "web/palette/search.html", context)


def grouped(hits: list[Hit]) -> list[dict[str, Any]]:
    """Hits by object, the object with the best hit first."""
    groups: dict[str, dict[str, Any]] = {}
    for hit in hits:
        obj = catalog.current()[hit.object_key]
        group = groups.setdefault(
            obj.key,
            {"key": obj.key, "label": capfirst(str(obj.label_plural)), "icon": obj.spec.icon, "hits": []},
        )
        group["hits"].append(
            {"title": hit.title or str(obj.label), "url": record_url(obj.key, hit.id), "detail": hit.detail}
        )
    return list(groups.values())
