"""An own entry moves to another day or time, by the write door."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.lib.format import format_date, format_time
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Conflict, Invalid, NotFound, RecordsError
from rapport.records.read import visible
from rapport.registry import catalog, extensions
from rapport.registry.extensions import CalendarLayer
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request


@require_POST
def move(request: Request) -> HttpResponse:
    """Move what `entry` (layer:key:version) names to `day`, at `time` where one is given. Answers in JSON."""
    try:
        layer, key, version = _named(request.POST.get("entry", ""))
        day, clock = _when(request.POST.get("day", ""), request.POST.get("time", ""))
        return JsonResponse(_moved(request.caller, layer, key, version, day, clock))
    except Invalid as error:
        text = " ".join(str(m) for messages in error.errors.values() for m in messages)
        return JsonResponse({"error": text or str(error.message)}, status=422)
    except Conflict:
        text = _("Someone else changed this in the meantime. Look at it and move it again.")
        return JsonResponse({"error": text}, status=409)
    except RecordsError as error:
        return JsonResponse({"error": str(error.message)}, status=error.status)


def _named(text: str) -> tuple[CalendarLayer, int, int]:
    name, _colon, rest = text.partition(":")
    key, _colon, version = rest.partition(":")
    layer = extensions.named(CalendarLayer, name)
    if layer is None or not all(n.isascii() and n.isdecimal() and len(n) < 18 for n in (key, version)):
        raise NotFound
    return layer, int(key), int(version)


def _when(day: str, clock: str) -> tuple[dt.date, dt.time | None]:
    try:
        return dt.date.fromisoformat(day), dt.time.fromisoformat(clock) if clock else None
    except ValueError as error:
        raise Invalid({"": [_("Choose a day such as 2024-03-31.")]}) from error


def _moved(
    caller: Caller, layer: CalendarLayer, key: int, version: int, day: dt.date, clock: dt.time | None
) -> dict[str, Any]:
    """Write the move; what the page is told. Raises what the write door raises."""
    view = visible(caller, layer.object_key).get(key)
    if view.values.get(layer.who) != caller.user_id:
        raise NotFound
    zone = caller.env().zone
    before, after = view.values[layer.at], None
    if isinstance(before, dt.datetime):
        here = before.astimezone(zone)
        moment = dt.datetime.combine(day, clock or here.time(), zone)
        after = moment.isoformat() if moment.astimezone(dt.UTC) != before.astimezone(dt.UTC) else None
        said = f"{format_date(moment, caller.language, zone)}, {format_time(moment, caller.language, zone)}"
    else:
        after = day.isoformat() if day != before else None
        said = format_date(day, caller.language, zone)
    if after is None:
        return {"version": view.version}
    batch = secrets.token_hex(8)
    new = write.update(caller.through("page", batch), layer.object_key, key, {layer.at: after}, version=version)
    undo = toasts.undo_of(reverse("undo", args=[catalog.current()[layer.object_key].plural]), batch=batch)
    text = _("“%(title)s” is on %(day)s now.") % {"title": view.title or _("(no name)"), "day": said}
    return {"version": new, "undo": undo, "text": text}
