"""The timeline of a record as its page shows it: by day, with links, older entries as one scrolls."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from markupsafe import Markup

from rapport.features.timeline.entries import Entry, Part, Phrase, Ref, Refs, Strong
from rapport.features.timeline.gathering import gather, sources_of
from rapport.records.accounts.caller import Caller
from rapport.records.read import RecordView
from rapport.registry import catalog
from rapport.surfaces.web import cells
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.record.objects import record_of
from rapport.surfaces.web.requests import Request
from rapport.ui.markup import render_markdown


@require_http_methods(["GET"])
def timeline(request: Request, plural: str, record_id: int) -> HttpResponse:
    """Entries older than `?cursor=`, of `?show=`, for the page that shows the newer ones."""
    obj, view = record_of(request.caller, plural, record_id)
    show = request.GET.get("show", "")
    if not request.headers.get("HX-Request"):
        return see_other(f"{cells.record_url(obj.key, record_id)}?{urlencode({'show': show})}")
    context = entries(request.caller, view, show, request.GET.get("cursor", ""), request.GET.get("day", ""))
    return render(request, "web/record/timeline.html", context)


def first(caller: Caller, view: RecordView, show: str) -> dict[str, Any]:
    """The newest entries, and the kinds of entries that may be chosen."""
    url = cells.record_url(view.obj.key, view.id)
    sources = sources_of(view.obj)
    shows = [{"label": _("Everything"), "url": url, "active": not show}]
    shows += [{"label": s.label, "url": f"{url}?show={s.name}", "active": s.name == show} for s in sources]
    return {**entries(caller, view, show), "shows": shows if len(sources) > 1 else [], "narrowed": bool(show)}


def entries(caller: Caller, view: RecordView, show: str, cursor: str = "", day: str = "") -> dict[str, Any]:
    """What the macro `entries` takes. `day` is the day under which the page's last entry stands."""
    found = gather(caller, view.obj, view.id, show=show, cursor=cursor)
    page = cells.record_url(view.obj.key, view.id)
    days: list[dict[str, Any]] = []
    for entry in found.entries:
        date = timezone.localtime(entry.at).date()
        if not days or days[-1]["date"] != date:
            days.append({"date": date, "entries": [], "continued": date.isoformat() == day})
        days[-1]["entries"].append(_shown(entry, page))
    last = days[-1]["date"].isoformat() if days else ""
    query = urlencode({"show": show, "cursor": found.next or "", "day": last})
    url = reverse("timeline", args=[view.obj.plural, view.id])
    return {"days": days, "next_url": f"{url}?{query}" if found.next else None}


def _shown(entry: Entry, page: str) -> dict[str, Any]:
    made = {
        "id": f"{entry.source}-{entry.tie}",
        "icon": entry.icon,
        "tone": entry.tone,
        "title": titled(entry.title),
        "time": entry.at if isinstance(entry.at, dt.datetime) else None,
        "body": render_markdown(entry.body) if entry.body else None,
        "meta": entry.meta,
        "badges": [{"text": text, "tone": tone} for text, tone in entry.badges],
        "may": entry.may,
    }
    if entry.object_key:
        url = cells.record_url(entry.object_key, entry.record_id)
        made |= {"url": url, "edit_url": f"{url}edit/", "delete_url": f"{url}delete/", "next": page}
    return made


def titled(phrase: Phrase) -> Markup:
    """A title with its links."""
    return Markup("").join(_part(part) for part in phrase.split())


def _part(part: Part) -> Markup:
    match part:
        case Strong(text):
            return Markup("<strong>{}</strong>").format(text)
        case Ref(key, record_id, text):
            if key not in catalog.current().objects:
                return Markup.escape(text)
            return Markup('<a href="{}">{}</a>').format(cells.record_url(key, record_id), text or _("(no name)"))
        case Refs(items):
            return Markup(", ").join(_part(item) for item in items)
        case _:
            return Markup.escape(part)
