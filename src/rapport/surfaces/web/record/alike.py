"""What a form says of records that are there already: while one types, and before a new one is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.features.duplicates import finding, policies, wording
from rapport.features.duplicates.finding import Match
from rapport.features.duplicates.suggesting import decided_apart
from rapport.features.search.finding import search
from rapport.records.errors import Forbidden, NotFound
from rapport.records.read import RecordView, visible
from rapport.records.write.creating import sent_before
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.web import fields, toasts
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record.objects import object_of, record_of
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

MOST, FOUND = 10, 20
"""Records that are offered to merge with: that look like one, that a search finds."""
USE, ANYWAY = "use", "anyway"
"""Buttons of the notice: take the record that is there, or save all the same."""


@dataclass(frozen=True, slots=True)
class Held:
    """A new record that was not saved: `matches` to tell of, or the `record` that was taken, whose page is `url`."""

    matches: tuple[dict[str, Any], ...] = ()
    refused: bool = False
    record: int = 0
    url: str = ""


def hold(request: Request, obj: RegisteredObject, raw: dict[str, Any]) -> Held | None:
    """What stands against saving a new record; None for nothing. Raises what filling in a record raises."""
    caller, posted = request.caller, request.POST
    if posted.get(USE, "").isdecimal():
        return _take(request, obj, int(posted[USE]), {} if posted.get("pick") else raw)
    if (sent := posted.get("submission")) and sent_before(caller, obj, sent) is not None:
        return None
    decision = policies.decide(caller, obj, raw)
    if decision.act == policies.MERGE:
        return _take(request, obj, decision.matches[0].id, raw)
    refused = decision.act == policies.BLOCK
    if refused or (decision.act == policies.WARN and ANYWAY not in posted):
        return Held(tuple(shown(request, obj, decision.matches)), refused)
    return None


def _take(request: Request, obj: RegisteredObject, record_id: int, raw: dict[str, Any]) -> Held:
    """The record that is there, with what was entered in its gaps."""
    if record_id not in visible(request.caller, obj).allowed([record_id]):
        raise NotFound
    try:
        filled = policies.fill(request.caller, obj, record_id, raw)
    except Forbidden:
        filled = []
    if filled:
        names = ", ".join(str(obj.fields[name].label) for name in filled)
        toasts.tell(request, _("Filled in here: %(fields)s.") % {"fields": names})
    return Held(record=record_id, url=record_url(obj.key, record_id))


def context(obj: RegisteredObject, held: Held | None) -> dict[str, Any]:
    """What `web/record/alike_parts.html` needs in a form of an object."""
    return {"alike_url": reverse("alike", args=[obj.plural]) if obj.matching else None, "held": held}


@require_POST
def typed(request: Request, plural: str) -> HttpResponse:
    """The records that what was entered so far may mean; nothing where nobody asked to be warned."""
    caller = request.caller
    obj = object_of(caller, plural)
    matches: tuple[Match, ...] = ()
    policy = policies.of(obj, caller.door)
    if caller.may(obj, "create") and policy.asks:
        values = finding.cleaned(caller, obj, fields.parse(obj, request.POST))
        found = finding.find(caller, obj, values)
        matches = tuple(m for m in found if (policy.exact if m.exact else policy.near) in policies.ASKED)
    held = Held(tuple(shown(request, obj, matches))) if matches else None
    return render(request, "web/record/alike.html", {"obj": obj, "held": held})


@require_GET
def hint(request: Request, plural: str, record_id: int) -> HttpResponse:
    """On the page of a record, loaded after it: how many others look like it."""
    _obj, view = record_of(request.caller, plural, record_id)
    context = {"count": len(_others(request, view)), "merge_url": reverse("merge-with", args=[plural, record_id])}
    return render(request, "web/record/alike_hint.html", context)


@require_GET
def merge_with(request: Request, plural: str, record_id: int) -> HttpResponse:
    """Choose the record to merge one with: those that look like it, or what a search finds."""
    obj, view = record_of(request.caller, plural, record_id)
    if not obj.spec.merges or "edit" not in view.may:
        raise Forbidden
    query = request.GET.get("q", "").strip()[:200]
    context = {
        "obj": obj,
        "record": view,
        "near": _compared(view, shown(request, obj, tuple(_others(request, view)))),
        "query": query,
        "found": _compared(view, _searched(request, obj, query, but=view.id)) if query else [],
        "title": _("Merge %(title)s with…") % {"title": view.title or obj.label},
        "record_url": record_url(obj.key, view.id),
    }
    return page(request, "web/record/merge_with.html", context)


def _others(request: Request, view: RecordView) -> list[Match]:
    """Records that look like one, without those that somebody said are not the same."""
    matches = finding.find(request.caller, view.obj, view.values, limit=MOST, but=view.id)
    apart = decided_apart(view.obj.key, view.id)
    return [match for match in matches if match.id not in apart]


def _compared(view: RecordView, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    base = reverse("merge", args=[view.obj.plural])
    return [{**item, "merge_url": f"{base}?ids={view.id},{item['id']}"} for item in items]


def _searched(request: Request, obj: RegisteredObject, query: str, but: int) -> list[dict[str, Any]]:
    """What a search finds; objects that are in no index are searched by their title."""
    if obj.spec.search:
        hits = [(hit.id, hit.title) for hit in search(request.caller, query, [obj.key], limit=FOUND)]
    else:
        by_title = {"field": obj.spec.title, "op": "contains", "value": query}
        rows = visible(request.caller, obj).page(columns=("id",), filter=by_title, size=FOUND).rows
        hits = [(row.id, row.title) for row in rows]
    return [
        {"id": key, "title": title or str(obj.label), "url": record_url(obj.key, key), "reasons": []}
        for key, title in hits
        if key != but
    ]


def shown(request: Request, obj: RegisteredObject, matches: tuple[Match, ...]) -> list[dict[str, Any]]:
    """Matches as the notice shows them: title, page, in words why."""
    return [
        {
            "id": match.id,
            "title": match.title or str(obj.label),
            "url": record_url(obj.key, match.id),
            "reasons": wording.reasons(obj, match.reasons),
        }
        for match in matches
    ]
