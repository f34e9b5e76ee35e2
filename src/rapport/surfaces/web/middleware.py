"""Who calls, in which language and zone; what the doors refuse, as pages; what browsers may load."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls.resolvers import RoutePattern
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare

from rapport.records.accounts import caller as callers
from rapport.records.accounts import epochs, organisations
from rapport.records.accounts.caller import Caller
from rapport.records.customising import sync
from rapport.records.errors import RecordsError
from rapport.registry import extensions
from rapport.registry.extensions import Page
from rapport.surfaces.web.errors import refused

Answer = Callable[[HttpRequest], HttpResponse]
OPEN = ("/accounts/", "/sign-in/", "/setup/", "/join/", "/-/", "/static/", "/oauth/", "/.well-known/")
"""Paths that answer without a session; those of registered `open` pages do as well."""

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
    )
)


@lru_cache(maxsize=1)
def _open_pages() -> tuple[RoutePattern, ...]:
    return tuple(RoutePattern(page.path, is_endpoint=True) for page in extensions.all_of(Page) if page.open)


def _is_open(path: str) -> bool:
    """Whether a path answers without a session."""
    return path.startswith(OPEN) or any(page.match(path[1:]) for page in _open_pages())


class ContentPolicy:
    """Every answer says what a browser may load with it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the policy where the view set none of its own."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class CallerMiddleware:
    """`request.caller` for signed-in users; everyone else is sent to sign in, but for the open paths."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Resolve the caller, activate language and zone, refresh the catalog."""
        counters = epochs.read()
        sync.refresh(counters[epochs.REGISTRY])
        caller = _caller_of(request, counters[epochs.RIGHTS])
        if caller is None:
            request.caller = None  # type: ignore[attr-defined]
            if _is_open(request.path):
                return self.get_response(request)
            if request.headers.get("HX-Request"):
                response = HttpResponse(status=204)
                response["HX-Redirect"] = f"{settings.BASE_URL}/accounts/login/"
                return response
            if request.path == "/" and not organisations.is_set_up():
                return redirect("setup")
            return redirect(f"/accounts/login/?next={request.path}" if request.method == "GET" else "/accounts/login/")
        request.caller = caller  # type: ignore[attr-defined]
        with translation.override(caller.language), timezone.override(zoneinfo.ZoneInfo(caller.zone)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What a door refused becomes a page, or a fragment for htmx."""
        return refused(request, exception) if isinstance(exception, RecordsError) else None


def _caller_of(request: HttpRequest, epoch: int) -> Caller | None:
    """Who is signed in; nobody when the password has changed since."""
    key = request.session.get(SESSION_KEY)
    caller = callers.of_user(int(key), epoch) if key else None
    if caller and not constant_time_compare(request.session.get(HASH_SESSION_KEY, ""), caller.session_hash):
        request.session.flush()
        return None
    return caller
