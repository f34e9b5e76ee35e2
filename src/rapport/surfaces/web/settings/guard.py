"""Who may open a page of the settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponseBase

from rapport.records.errors import Forbidden
from rapport.registry.extensions import Setting
from rapport.surfaces.web.requests import Request

View = Callable[..., HttpResponseBase]


def administrators(view: View) -> View:
    """A view for administrators only; it raises Forbidden for others."""

    @wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.caller.is_admin:
            raise Forbidden
        return view(request, *args, **kwargs)

    return guarded


def mounted(setting: Setting) -> View:
    """The view of a registered page, behind the right that it names."""
    return administrators(setting.view) if setting.right == "admin" else setting.view
