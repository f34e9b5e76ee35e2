"""The page of the calendar, what it shows, and the question what to make in an empty place."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from rapport.lib.format import format_time
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.registry import catalog
from rapport.registry.extensions import CalendarLayer, Page
from rapport.surfaces.web.calendar import people, sheets
from rapport.surfaces.web.calendar.entries import MOST, Entry, entries
from rapport.surfaces.web.calendar.sheets import AGENDA, MONTH, WEEK, Sheet
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.record.objects import next_of
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

NAMES = {MONTH: gettext_lazy("Month"), WEEK: gettext_lazy("Week"), AGENDA: gettext_lazy("Agenda")}
ICONS = {MONTH: "calendar", WEEK: "columns-3", AGENDA: "layout-list"}
USUAL_CLOCK = "09:00"


@require_GET
def calendar(request: Request) -> HttpResponse:
    """A month, a week or the days ahead (`view`), around `day`."""
    caller = request.caller
    sheet = sheets.sheet_of(caller, request.GET.get("view", ""), request.GET.get("day", ""))
    chosen = people.choice(caller)
    found, cut = entries(caller, chosen, sheet.days[0], sheet.days[-1])
    context = {
        "sheet": sheet,
        "title": sheet.title(caller.language),
        "views": [
            {"label": NAMES[v], "icon": ICONS[v], "url": sheet.url(view=v), "active": v == sheet.view} for v in NAMES
        ],
        "prev_url": sheet.url(day=sheet.shifted(-1)),
        "next_url": sheet.url(day=sheet.shifted(1)),
        "today_url": sheet.url(day=sheet.today),
        "choice": chosen,
        "many": len(chosen.people) > 1,
        "create_url": sheets.new_url(sheet.today, USUAL_CLOCK) if _makes(caller) else None,
        "movable": any(entry.movable for entry in found),
        "nothing": not found,
        "cut": MOST if cut else 0,
        **_laid_out(caller, sheet, chosen, found),
    }
    return page(request, "web/calendar/page.html", context)


def _laid_out(caller: Caller, sheet: Sheet, chosen: people.Choice, found: list[Entry]) -> dict[str, Any]:
    many, create = len(chosen.people) > 1, bool(_makes(caller))
    if sheet.view == MONTH:
        return {"c": sheets.month(caller, sheet, found, many=many, create=create)}
    if sheet.view == WEEK:
        return {"w": sheets.week(caller, sheet, found, many=many, create=create)}
    return {"days": sheets.agenda(caller, sheet, found, many=many, create=create)}


@require_POST
def choose(request: Request) -> HttpResponse:
    """Keep whose days and which entries are shown."""
    sent = request.POST
    people.choose(
        request.caller, users=sent.getlist("users"), teams=sent.getlist("teams"), layers=sent.getlist("layers")
    )
    return see_other(next_of(request, reverse("calendar")))


@require_GET
def new(request: Request) -> HttpResponse:
    """What may be made at a `day` and a `time`; where it is one thing only, its short form at once."""
    try:
        day = dt.date.fromisoformat(request.GET.get("day", ""))
        clock = dt.time.fromisoformat(request.GET.get("time") or USUAL_CLOCK)
    except ValueError as error:
        raise NotFound from error
    at = dt.datetime.combine(day, clock)
    ways = [_way(layer, at) for layer in _makes(request.caller)]
    if not ways:
        raise NotFound
    if len(ways) == 1:
        return redirect(ways[0]["url"])
    zone = timezone.get_current_timezone()
    said = format_time(at.replace(tzinfo=zone), request.caller.language, zone) if request.GET.get("time") else ""
    return render(request, "web/calendar/new.html", {"ways": ways, "day": day, "clock": said})


def _makes(caller: Caller) -> list[CalendarLayer]:
    """Layers of which the caller may make records."""
    objects = catalog.current().objects
    return [
        layer
        for layer in people.layers_of(caller)
        if layer.preset is not None
        and caller.may(objects[layer.object_key], "create")
        and caller.edits(objects[layer.object_key], objects[layer.object_key].fields[layer.at])
    ]


def _way(layer: CalendarLayer, at: dt.datetime) -> dict[str, Any]:
    obj = catalog.current()[layer.object_key]
    moment = at.isoformat(timespec="minutes") if obj.fields[layer.at].type.key == "datetime" else at.date().isoformat()
    query = {**(layer.preset or {}), layer.at: moment}
    label = layer.make or _("New %(object)s") % {"object": obj.label}
    return {"label": label, "icon": layer.icon, "url": f"{reverse('quick', args=[obj.plural])}?{urlencode(query)}"}


PAGE = Page(
    name="calendar", path="calendar/", view=calendar, label=gettext_lazy("Calendar"), icon="calendar", navigation=12,
)  # fmt: skip
