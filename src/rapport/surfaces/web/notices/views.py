"""The page of notifications, the count in the frame, and marking them as read."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from markupsafe import Markup

from rapport.features.notifications import reading
from rapport.features.notifications.reading import Notice
from rapport.records.errors import NotFound
from rapport.surfaces.web import toasts
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.record.objects import next_of
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

SIZE = 30


@require_GET
def notifications(request: Request) -> HttpResponse:
    """The newest, older ones behind a link; `?show=unread` leaves out what was read."""
    unread = request.GET.get("show") == "unread"
    raw = request.GET.get("before", "")
    before = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 18 else None
    found = reading.page(request.caller, before=before, only_unread=unread, size=SIZE + 1)
    here = reverse("notifications")
    query = "&show=unread" if unread else ""
    context = {
        "items": [_item(notice) for notice in found[:SIZE]],
        "older_url": f"{here}?before={found[SIZE - 1].id}{query}" if len(found) > SIZE else None,
        "shows": [
            {"label": _("All"), "url": here, "active": not unread},
            {"label": _("Unread"), "url": f"{here}?show=unread", "active": unread},
        ],
        "unread": reading.unread(request.caller.user_id),
    }
    return page(request, "web/notices/page.html", context)


def _item(notice: Notice) -> dict[str, Any]:
    record = Markup("<em>{}</em>").format(notice.record)
    text = Markup.escape(notice.text).format(who=Markup("<strong>{}</strong>").format(notice.who), record=record)
    return {
        "id": notice.id,
        "icon": notice.icon,
        "tone": notice.tone,
        "text": text,
        "detail": notice.detail,
        "at": notice.at,
        "unread": notice.unread,
    }


@require_GET
def bell(request: Request) -> HttpResponse:
    """What the frame shows, asked for after each page: how many are unread."""
    return render(request, "web/notices/bell.html", {"unread": reading.unread(request.caller.user_id)})


@require_POST
def open_one(request: Request, notification_id: int) -> HttpResponse:
    """Mark one as read and go to what it is about. Raises NotFound for one of somebody else."""
    found = reading.own(request.caller, notification_id)
    if found is None:
        raise NotFound
    reading.mark_read(request.caller, [notification_id])
    return see_other(reading.path_of(found))


@require_POST
def read(request: Request) -> HttpResponse:
    """Mark one (`id`) or all of one's own as read."""
    raw = request.POST.get("id", "")
    ids = [int(raw)] if raw.isascii() and raw.isdecimal() and len(raw) < 18 else None
    if raw and ids is None:
        raise NotFound
    count = reading.mark_read(request.caller, ids)
    if ids is None:
        text = ngettext("%(count)d notification read.", "%(count)d notifications read.", count) % {"count": count}
        toasts.tell(request, text)
    return see_other(next_of(request, reverse("notifications")))
