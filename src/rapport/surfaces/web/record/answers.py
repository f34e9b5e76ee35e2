"""Answers to posts: a redirect, or for htmx nothing but events."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.toasts import ascii_json


def see_other(url: str) -> HttpResponse:
    """After a post: get this page."""
    return HttpResponse(status=303, headers={"Location": url})


def events(**named: Any) -> HttpResponse:
    """Nothing to show: events for the page, a double underscore in a name standing for its colon."""
    response = HttpResponse(status=204)
    response["HX-Trigger"] = ascii_json({name.replace("__", ":"): value for name, value in named.items()})
    return response


def go_to(url: str) -> HttpResponse:
    """Go to an address inside the frame."""
    response = HttpResponse(status=204)
    response["HX-Location"] = ascii_json({"path": url, "target": "#main", "swap": "outerHTML"})
    return response


def dialog_of(request: Request) -> str:
    """The dialog or drawer of the page in which the answer is shown, by its id; empty for none."""
    target = request.headers.get("HX-Target", "").rpartition("#")[2]
    return target if target in {"remote", "drawer"} else ""
