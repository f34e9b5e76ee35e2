"""The command palette: go somewhere, find a record, add one, act on the record of the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.features.search.finding import search
from rapport.features.views.saving import all_views
from rapport.records.errors import NotFound
from rapport.records.read import RecordView, visible
from rapport.registry import catalog, extensions
from rapport.surfaces.web import cells
from rapport.surfaces.web.palette.choices import LONGEST
from rapport.surfaces.web.record.heads import offered
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import navigation, quick_create

Item = dict[str, Any]
FOUND = 8
SHOWN = 6
"""Places and views that a text finds."""


@require_http_methods(["GET"])
def palette(request: Request) -> HttpResponse:
    """Groups of what answers `?q=`; without a text, what is nearest: the record of the page, places, new records."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    groups = [
        {"label": _("This record"), "items": _matching(_acts(request), text)},
        {"label": _("Found"), "items": _found(request, text)},
        {"label": _("Go to"), "items": _matching(_places(request, bool(text)), text)[: SHOWN if text else None]},
        {"label": _("Add"), "items": _matching(_new(request), text)},
    ]
    return render(request, "ui/palette_results.html", {"groups": [g for g in groups if g["items"]]})


def _matching(items: list[Item], text: str) -> list[Item]:
    """Items all words of the text are in."""
    words = text.lower().split()
    return [item for item in items if all(word in str(item["label"]).lower() for word in words)]


def _found(request: Request, text: str) -> list[Item]:
    if not text:
        return []
    items = []
    for hit in search(request.caller, text, None, FOUND):
        obj = catalog.current()[hit.object_key]
        hint = hit.detail or capfirst(str(obj.label))
        items.append(
            {"label": hit.title, "url": cells.record_url(obj.key, hit.id), "icon": obj.spec.icon, "hint": hint}
        )
    all_of_them = {"label": _("Search everything for “%(text)s”") % {"text": text}, "icon": "search"}
    return [*items, {**all_of_them, "url": f"{reverse('search')}?q={quote(text)}"}]


def _places(request: Request, everything: bool) -> list[Item]:
    """Pages of the main menu; with `everything` also objects beside it, saved views and settings."""
    caller = request.caller
    items = [{"label": n["label"], "url": n["url"], "icon": n["icon"]} for n in navigation(caller)]
    if not everything:
        return items
    listed, views = {item["url"] for item in items}, all_views(caller)
    for obj in catalog.current().objects.values():
        url = cells.list_url(obj.key)
        if not caller.may(obj, "read"):
            continue
        if url not in listed:
            items.append({"label": capfirst(str(obj.label_plural)), "url": url, "icon": obj.spec.icon})
        for view in views.get(obj.key, ()):
            hint = capfirst(str(obj.label_plural))
            items.append({"label": view.name, "url": f"{url}?view={view.pk}", "icon": "bookmark", "hint": hint})
    for setting in extensions.all_of(extensions.Setting):
        if caller.is_admin or setting.right != "admin":
            url = f"{reverse('settings')}{setting.path}"
            items.append({"label": setting.label, "url": url, "icon": setting.icon, "hint": _("Settings")})
    more = (
        (_("Settings"), "settings", "settings"),
        (_("Trash"), "trash", "trash"),
        (_("Profile"), "profile", "user-circle"),
    )
    return [*items, *({"label": label, "url": reverse(name), "icon": icon} for label, name, icon in more)]


def _new(request: Request) -> list[Item]:
    return [
        {
            "label": _("New %(object)s") % {"object": item["object"]},
            "url": item["url"],
            "icon": "plus",
            "attrs": item["attrs"],
        }
        for item in quick_create(request.caller)
    ]


def _acts(request: Request) -> list[Item]:
    """What may be done to the record whose page the palette was opened on."""
    view = _current(request)
    if view is None:
        return []
    obj = view.obj
    items: list[Item] = []
    for action in offered(request.caller, obj, view):
        url = reverse("act", args=[obj.plural, view.id, action.key])
        items.append({"label": action.label, "url": url, "icon": action.icon, "attrs": {"data-dialog": True}})
    if "edit" in view.may:
        items.append({"label": _("Edit"), "url": reverse("edit", args=[obj.plural, view.id]), "icon": "pencil"})
        url = reverse("share", args=[obj.plural, view.id])
        items.append({"label": _("Share…"), "url": url, "icon": "share", "attrs": {"data-dialog": True}})
    items.append({"label": _("History"), "url": reverse("history", args=[obj.plural, view.id]), "icon": "history"})
    return [{**item, "hint": view.title} for item in items]


def _current(request: Request) -> RecordView | None:
    """The record of the page that asks, which browsers tell pages of the same site."""
    try:
        match = resolve(urlsplit(request.headers.get("Referer", "")).path or "/")
    except Resolver404:
        return None
    obj = catalog.current().by_plural.get(match.kwargs.get("plural", ""))
    if obj is None or "record_id" not in match.kwargs:
        return None
    try:
        return visible(request.caller, obj).get(match.kwargs["record_id"])
    except NotFound:
        return None
