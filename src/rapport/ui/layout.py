"""Which frame a page is rendered in: whole, or only `<main>` when htmx asks for that."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

MAIN_TARGET = "main#main"


def wants_main(request: HttpRequest) -> bool:
    """True when the answer replaces `<main>` of a page that stands already."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target") == MAIN_TARGET


def layout_of(request: HttpRequest) -> str:
    """The template that a page extends: `{% extends layout %}`."""
    return "ui/main.html" if wants_main(request) else "ui/page.html"


def vary(response: HttpResponse) -> HttpResponse:
    """Keep caches from giving a whole page where `<main>` was asked for."""
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
