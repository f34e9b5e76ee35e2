"""What surrounds every page: navigation, user menu, quick create; and `page`, which renders a template within it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from rapport.lib.format import initials
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog
from rapport.surfaces.web import toasts
from rapport.ui.layout import layout_of, vary

BRAND = "Rapport"


def shell(request: HttpRequest) -> dict[str, Any]:
    """The `shell` of `ui/page.html` for the caller of a request."""
    caller: Caller | None = getattr(request, "caller", None)
    frame: dict[str, Any] = {
        "brand": BRAND,
        "theme": request.COOKIES.get("theme", caller.theme if caller else "auto"),
        "lang": caller.language if caller else "en",
        "csrf": get_token(request),
        "path": request.path,
        "messages": toasts.read(request),
    }
    if caller is not None:
        frame |= {
            "nav": navigation(caller, request.path),
            "nav_foot": _foot(request.path),
            "user": {"name": caller.name, "initials": initials(caller.name), "url": reverse("profile")},
            "quick_create": quick_create(caller),
            "user_menu": _user_menu(),
            "search_url": reverse("search"),
            "palette_url": reverse("palette"),
            "shortcuts": _shortcuts(caller),
        }
    return frame


def page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A page within the shell, or its `<main>` alone when htmx asks for that."""
    values = {"shell": shell(request), "layout": layout_of(request), "caller": getattr(request, "caller", None)}
    return vary(render(request, template, {**values, **context}, status=status))


def navigation(caller: Caller, path: str) -> list[dict[str, Any]]:
    """Home and the objects that the caller may open, in the order that they declare."""
    entries: list[tuple[int, dict[str, Any]]] = [(0, _link(_("Home"), "/", "home", path == "/"))]
    for obj in catalog.current().objects.values():
        if obj.spec.navigation and caller.may(obj, "read"):
            url = reverse("list", args=[obj.plural])
            entries.append(
                (
                    obj.spec.navigation,
                    _link(str(obj.label_plural).capitalize(), url, obj.spec.icon, path.startswith(url)),
                )
            )
    return [link for _order, link in sorted(entries, key=lambda e: e[0])]


def quick_create(caller: Caller) -> list[dict[str, Any]]:
    """Objects of the main menu that the caller may create."""
    objects = (o for o in catalog.current().objects.values() if o.spec.navigation and caller.may(o, "create"))
    return [
        {
            "label": str(o.label).capitalize(),
            "url": reverse("create", args=[o.plural]),
            "icon": o.spec.icon,
            "attrs": {"data-dialog": reverse("quick", args=[o.plural])},
        }
        for o in sorted(objects, key=lambda o: o.spec.navigation)
    ]


def _link(label: str, url: str, icon: str, active: bool) -> dict[str, Any]:
    return {"label": label, "url": url, "icon": icon, "active": active}


def _foot(path: str) -> list[dict[str, Any]]:
    return [
        _link(_("Trash"), reverse("trash"), "trash", path.startswith("/trash")),
        _link(_("Settings"), reverse("settings"), "settings", path.startswith("/settings")),
    ]


def _user_menu() -> list[dict[str, Any]]:
    return [
        {"label": _("Profile"), "url": reverse("profile"), "icon": "user-circle"},
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
            items.append({"keys": f"g {letter}", "label": str(obj.label_plural).capitalize(), "url": url})
    return [{"label": _("Go to"), "items": items}]
