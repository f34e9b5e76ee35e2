"""The search page: everything that the caller may see, by object."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods

from rapport.features.search.finding import Hit, search
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.palette.choices import LONGEST
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

MOST = 60
"""Answers of one object on the page that shows only these."""
FEW = 8
"""Answers of each object where everything is searched."""


@require_http_methods(["GET"])
def search_page(request: Request) -> HttpResponse:
    """What answers `?q=`, of one object with `?object=`."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    chosen = request.GET.get("object", "")
    known = chosen if chosen in catalog.current().objects else ""
    hits = (search(request.caller, text, [known], MOST) if known else everywhere(request.caller, text)) if text else []
    cut = len(hits) >= MOST if known else False
    context = {"q": text, "groups": grouped(hits), "chosen": known, "url": reverse("search"), "most": cut}
    return page(request, "web/palette/search.html", context)


def everywhere(caller: Caller, text: str) -> list[Hit]:
    """The best few of every object of the main menu, so that none crowds out another; then of what lies beside it."""
    objects = [o for o in catalog.current().objects.values() if o.spec.search and caller.may(o, "read")]
    beside = [o.key for o in objects if not o.spec.navigation]
    found = [search(caller, text, [o.key], FEW) for o in objects if o.spec.navigation]
    found.sort(key=lambda hits: -hits[0].score if hits else 0.0)
    return [hit for hits in found for hit in hits] + (search(caller, text, beside, FEW) if beside else [])


def grouped(hits: list[Hit]) -> list[dict[str, Any]]:
    """Hits by object, in the order of the first hit of each."""
    groups: dict[str, dict[str, Any]] = {}
    for hit in hits:
        obj = catalog.current()[hit.object_key]
        group = groups.setdefault(
            obj.key,
            {"key": obj.key, "label": capfirst(str(obj.label_plural)), "icon": obj.spec.icon, "hits": []},
        )
        group["full"] = len(group["hits"]) + 1 >= FEW
        group["hits"].append(
            {"title": hit.title or str(obj.label), "url": record_url(obj.key, hit.id), "detail": hit.detail}
        )
    return list(groups.values())
