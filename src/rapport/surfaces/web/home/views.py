"""Home: a greeting, the tiles that the domains register, what changed, the first steps of a new organisation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from rapport.records.accounts import preferences
from rapport.records.accounts.caller import Caller
from rapport.records.errors import RecordsError
from rapport.registry import extensions
from rapport.surfaces.web import toasts
from rapport.surfaces.web.home import recent
from rapport.surfaces.web.shell import page

HIDDEN = "first_steps_hidden"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The page that a working day begins with."""
    caller: Caller = request.caller  # type: ignore[attr-defined]
    hidden = preferences.read(caller.user_id).get(HIDDEN)
    steps = [] if hidden else steps_of(caller)
    context = {
        "greeting": greeting(caller),
        "today": timezone.localdate(),
        "tiles": tiles(request, caller),
        "steps": steps if any(not s["done"] for s in steps) else [],
        "changes_url": reverse("home_changes"),
    }
    return page(request, "web/home/page.html", context)


def greeting(caller: Caller) -> str:
    """A greeting that fits the hour in the reader's zone."""
    hour, name = timezone.localtime().hour, {"name": caller.name.split(" ")[0]}
    if 5 <= hour < 12:
        return _("Good morning, %(name)s") % name
    return (_("Good afternoon, %(name)s") if 12 <= hour < 18 else _("Good evening, %(name)s")) % name


def tiles(request: HttpRequest, caller: Caller) -> list[dict[str, Any]]:
    """The registered tiles, rendered; one that can't be read says so and holds up no other."""
    made = []
    for tile in sorted(extensions.all_of(extensions.Tile), key=lambda t: t.order):
        try:
            context = tile.context(caller)
        except RecordsError as error:
            context, html = {}, str(error.message)
        else:
            if context is None:
                continue
            html = render_to_string(tile.template, {**context, "caller": caller}, request)
        more = {name: context.get(name) for name in ("more_url", "count")}
        made.append({"id": f"tile-{tile.name}", "title": tile.title, "html": html, "wide": tile.wide, **more})
    return made


@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """What changed lately, loaded after the page."""
    caller: Caller = request.caller  # type: ignore[attr-defined]
    return render(request, "web/home/changes.html", {"changes": recent.changes(caller)})


def steps_of(caller: Caller) -> list[dict[str, Any]]:
    """The first steps that the caller is offered, and whether each is done."""
    offered = [s for s in extensions.all_of(extensions.FirstStep) if s.offered(caller)]
    return [
        {"label": s.label, "text": s.text, "icon": s.icon, "url": s.url(), "done": s.done(caller)}
        for s in sorted(offered, key=lambda s: s.order)
    ]


@require_GET
def first_steps(request: HttpRequest) -> HttpResponse:
    """The first steps as a page of their own, also when the home page hides them."""
    caller: Caller = request.caller  # type: ignore[attr-defined]
    return page(request, "web/home/first_steps.html", {"steps": steps_of(caller)})


@require_POST
def hide_first_steps(request: HttpRequest) -> HttpResponse:
    """Show the first steps on the home page no longer, or again."""
    caller: Caller = request.caller  # type: ignore[attr-defined]
    hide = request.POST.get("show") != "1"
    preferences.put(caller.user_id, HIDDEN, True if hide else None)
    if hide:
        undo = toasts.undo_of(reverse("first_steps_hide"), show="1")
        toasts.tell(request, _("Hidden."), level="info", undo=undo)
    return redirect("home")
