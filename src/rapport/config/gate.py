"""How far `rapport up` is, told by the process that prepares to the web processes, by a file.

While the file is empty, nothing can be answered yet; while it says `demo`, the demo organisation is being loaded; when
it is gone, or RAPPORT_GATE names none, Rapport is ready.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

LOADING = "demo"
REFRESH_SECONDS = "2"


def say_loading() -> None:
    """Let web processes say that the demo organisation is being loaded."""
    if path := _path():
        path.write_text(LOADING)


def open_() -> None:
    """Let web processes answer."""
    if path := _path():
        path.unlink(missing_ok=True)


def wait() -> None:
    """Wait until something can be answered."""
    while state() == "":
        time.sleep(0.02)


def state() -> str | None:
    """What the file says; None when there is none."""
    try:
        return path.read_text() if (path := _path()) else None
    except FileNotFoundError:
        return None


def _path() -> Path | None:
    name = os.environ.get("RAPPORT_GATE")
    return Path(name) if name else None


class Gate:
    """Answers every request while the demo organisation is being loaded; then it steps aside for good."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if state() is None:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.is_open = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        self.is_open = self.is_open or state() is None
        if self.is_open:
            return self.get_response(request)
        page = HttpResponse(render_to_string("web/loading.html", request=request), status=503)
        page._has_been_logged = True  # type: ignore[attr-defined]  # nothing is wrong
        page["Refresh"] = page["Retry-After"] = REFRESH_SECONDS
        return page
