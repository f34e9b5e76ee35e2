"""The page of the tour, its card beside every page, and going from station to station."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.records.errors import NotFound
from rapport.surfaces.web import toasts
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import TOUR_COOKIE, page
from rapport.surfaces.web.tour import state
from rapport.surfaces.web.tour.state import Way

MONTH = 30 * 24 * 3600
ANCHOR = "#tour"
"""Part of the address of a station: the card takes the focus."""


@require_GET
def tour(request: Request) -> HttpResponse:
    """All stations, which were seen, and where to go on."""
    way = state.way(request.caller)
    context = {"way": way, "seen": sum(station.stop.name in way.seen for station in way.stations)}
    return page(request, "web/tour/page.html", context)


@require_GET
def card(request: Request) -> HttpResponse:
    """The card of the station at hand; empty when there is none."""
    way = state.way(request.caller)
    station = way.station
    if station is None:
        return _closed(HttpResponse(""))
    count, position = len(way.stations), way.position
    context = {"station": station, "number": position + 1, "count": count, "last": position + 1 == count}
    return render(request, "web/tour/card.html", context)


@require_POST
def go(request: Request) -> HttpResponse:
    """Go to the station `to`, or to the first (`start`), the `next`, the one before (`back`), where one was (`on`)."""
    caller, to = request.caller, request.POST.get("to", "")
    way = state.way(caller)
    if not way.stations or to == "start":
        name = state.start(caller, way)
    elif to == "next" and way.position + 1 >= len(way.stations):
        state.end(caller, way)
        toasts.tell(request, _("That was the tour. You find it again under your initials."))
        return _closed(see_other(reverse("home")))
    else:
        name = _name(way, to)
        state.reach(caller, way, name)
    station = way.named(name)
    if station is None:
        return _closed(see_other(reverse("tour")))
    response = see_other(station.path + ANCHOR)
    response.set_cookie(TOUR_COOKIE, "1", max_age=MONTH, samesite="Lax", httponly=True)
    return response


def _name(way: Way, to: str) -> str:
    """The name of the station that `to` means. Raises NotFound."""
    steps = {"next": 1, "back": -1, "on": 0}
    if to in steps:
        return way.stations[max(0, min(way.position + steps[to], len(way.stations) - 1))].stop.name
    if way.named(to) is None:
        raise NotFound
    return to


@require_POST
def leave(request: Request) -> HttpResponse:
    """Put the card away; where one was is kept."""
    if not request.headers.get("HX-Request"):
        return _closed(see_other(reverse("tour")))
    response = HttpResponse("")
    link = {"url": reverse("tour"), "label": _("Go on")}
    text = _("The tour waits for you: under your initials, “Guided tour”.")
    response.headers["HX-Trigger"] = toasts.ascii_json({"toast": {"text": text, "level": "info", "link": link}})
    response.headers["HX-Push-Url"] = "false"
    return _closed(response)


def _closed(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(TOUR_COOKIE, samesite="Lax")
    return response
