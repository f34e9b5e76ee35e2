"""What surrounds every page: navigation, user menu, quick create; and `page`, which renders a template within it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rapport.lib.format import initials
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog, extensions
from rapport.registry.extensions import MenuGroup, Page
from rapport.surfaces.web import toasts
from rapport.ui.layout import layout_of, vary

BRAND = "Rapport"
TOUR_COOKIE = "tour"
"""Set while the card of the tour stands beside the pages of a browser."""
_frames = itertools.count(1)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The `shell` of `ui/page.html` for the caller of a request."""
    caller: Caller | None = getattr(request, "caller", None)
    return {
        "brand": BRAND,
        "theme": request.COOKIES.get("theme", caller.theme if caller else "auto"),
        "lang": caller.language if caller else "en",
        "csrf": get_token(request),
        "path": request.path,
        "messages": toasts.read(request),
        "tour_url": reverse("tour-card") if caller and request.COOKIES.get(TOUR_COOKIE) else "",
        **(_frame(caller, request.path) if caller else {}),
    }


def _frame(caller: Caller, path: str) -> dict[str, Any]:
    """What of the shell hangs on the caller and the path alone; made once for each caller and catalog.

    Parts of the page that are made of it are kept by its `key` and by `active`, the entry of the menu on show.
    """
    kept = caller.cache.get("frame")
    if kept is None or kept[0] is not catalog.current():
        of_caller = _of_caller(caller)
        urls = [link["url"] for link in (*of_caller["nav"], *of_caller["nav_foot"])]
        kept = caller.cache["frame"] = (catalog.current(), of_caller, urls, {})
    of_caller, urls = kept[1:3]
    made: dict[str, dict[str, Any]] = kept[3]
    active = next((u for u in urls if (path.startswith(u) if u != "/" else path == u)), "")
    if active not in made:
        links = {n: [{**link, "active": link["url"] == active} for link in of_caller[n]] for n in ("nav", "nav_foot")}
        made[active] = {"nav": _grouped(links["nav"]), "nav_foot": links["nav_foot"], "active": active}
    return {**of_caller, **made[active]}


def _grouped(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The main menu in its parts: `{label, items, more, open}`; what belongs to no part comes first."""
    groups = sorted(extensions.all_of(MenuGroup), key=lambda group: group.order)
    known = {group.name for group in groups}
    parts = []
    for name, label in (("", ""), *((group.name, group.label) for group in groups)):
        own = [link for link in links if (link["menu"] if link["menu"] in known else "") == name]
        more = [link for link in own if link["beside"]]
        if own:
            items = [link for link in own if not link["beside"]]
            parts.append({"label": label, "items": items, "more": more, "open": any(x["active"] for x in more)})
    return parts


def _of_caller(caller: Caller) -> dict[str, Any]:
    return {
        "key": f"{caller.user_id}-{next(_frames)}",
        "nav": navigation(caller),
        "nav_foot": _foot(),
        "user": {"name": caller.name, "initials": initials(caller.name), "url": reverse("profile")},
        "quick_create": quick_create(caller),
        "user_menu": _user_menu(),
        "notices_url": reverse("notifications"),
        "bell_url": reverse("notifications-bell"),
        "search_url": reverse("search"),
        "palette_url": reverse("palette"),
        "shortcuts": _shortcuts(caller),
    }


def page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A page within the shell, or its `<main>` alone when htmx asks for that."""
    values = {"shell": shell(request), "layout": layout_of(request), "caller": getattr(request, "caller", None)}
    return vary(render(request, template, {**values, **context}, status=status))


def navigation(caller: Caller) -> list[dict[str, Any]]:
    """Home, then the objects that the caller may open and registered pages, in the order that they declare."""
    links = [
        (
            o.spec.navigation,
            {
                **_link(capfirst(str(o.label_plural)), reverse("list", args=[o.plural]), o.spec.icon),
                "menu": o.spec.menu,
                "beside": o.spec.beside,
            },
        )
        for o in catalog.current().objects.values()
        if o.spec.navigation and caller.may(o, "read")
    ]
    links += [
        (p.navigation, {**_link(str(p.label), reverse(p.name), p.icon), "menu": p.menu})
        for p in extensions.all_of(Page)
        if p.navigation and p.offered(caller)
    ]
    return [_link(_("Home"), "/", "home"), *(link for _place, link in sorted(links, key=lambda link: link[0]))]


def quick_create(caller: Caller) -> list[dict[str, Any]]:
    """Objects of the main menu that the caller may create."""
    objects = (o for o in catalog.current().objects.values() if o.spec.navigation and caller.may(o, "create"))
    return [
        {
            "label": capfirst(str(o.label)),
            "object": str(o.label),
            "url": reverse("create", args=[o.plural]),
            "icon": o.spec.icon,
            "attrs": {"data-dialog": reverse("quick", args=[o.plural])},
        }
        for o in sorted(objects, key=lambda o: o.spec.navigation)
    ]


def _link(label: str, url: str, icon: str) -> dict[str, Any]:
    return {"label": label, "url": url, "icon": icon, "menu": "", "beside": False}


def _foot() -> list[dict[str, Any]]:
    return [_link(_("Trash"), reverse("trash"), "trash"), _link(_("Settings"), reverse("settings"), "settings")]


def _user_menu() -> list[dict[str, Any]]:
    return [
        {"label": _("Profile"), "url": reverse("profile"), "icon": "user-circle"},
        {"label": _("Guided tour"), "url": reverse("tour"), "icon": "route"},
        {"label": _("Sign out"), "url": reverse("account_logout"), "icon": "logout", "method": "post"},
    ]


def _shortcuts(caller: Caller) -> list[dict[str, Any]]:
    """`g` and a letter for each object of the main menu: the first letter of its plural that is still free."""
    items = [{"keys": "g h", "label": _("Home"), "url": "/"}]
    taken = {"h"}
    objects = [o for o in catalog.current().objects.values() if o.spec.navigation and caller.may(o, "read")]
    for obj in sorted(objects, key=lambda o: o.spec.navigation):
        letter = next((c for c in obj.plural if c.isalpha() and c not in taken), "")
        if letter:
            taken.add(letter)
            url = reverse("list", args=[obj.plural])
            items.append({"keys": f"g {letter}", "label": capfirst(str(obj.label_plural)), "url": url})
    return [{"label": _("Go to"), "items": items}]
