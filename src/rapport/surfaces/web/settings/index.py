"""The front page of the settings: registered pages in their groups."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rapport.records.accounts.caller import Caller
from rapport.registry import extensions
from rapport.registry.extensions import Setting
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page


@require_safe
def index(request: Request) -> HttpResponse:
    """Pages that the caller may open."""
    return page(request, "web/settings/index.html", {"groups": groups(request.caller)})


def groups(caller: Caller) -> list[dict[str, Any]]:
    """Groups with their pages, in the order declared; first what is the caller's own."""
    found: dict[str, list[dict[str, Any]]] = {
        _("Yours"): [
            {"label": _("Profile and signing in"), "icon": "user-circle", "url": reverse("profile")},
            {"label": _("Background jobs"), "icon": "progress", "url": reverse("jobs")},
            {"label": _("Trash"), "icon": "trash", "url": reverse("trash")},
        ]
    }
    for setting in sorted(extensions.all_of(Setting), key=lambda s: s.order):
        if setting.right != "admin" or caller.is_admin:
            entry = {"label": setting.label, "icon": setting.icon, "url": reverse(f"settings-{setting.name}")}
            found.setdefault(str(setting.group), []).append(entry)
    return [{"label": label, "pages": pages} for label, pages in found.items()]
