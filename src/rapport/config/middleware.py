"""Every request has an id, and leaves one line in the log."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from rapport.lib.requests import request_id

GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
SECRET_PARTS = ("token", "key", "uidb36", "uidb64", "code")
access = logging.getLogger("rapport.access")


class RequestId:
    """Takes over a sane `X-Request-ID`, else makes one; it is in every log line, and in the answer.

    Logs method, path, status, milliseconds and, where known, the user. Never the query string, nor parts of a path
    that let somebody in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        current = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        mark = request_id.set(current)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = current
            self._log(request, response, (time.perf_counter() - started) * 1000)
            return response
        finally:
            request_id.reset(mark)

    def _log(self, request: HttpRequest, response: HttpResponseBase, ms: float) -> None:
        if response.status_code < 400 and request.path.startswith(settings.STATIC_URL or "/static/"):
            return
        user = getattr(request, "_cached_user", None)  # only if something read it: logging asks no database
        access.info(
            "request",
            extra={
                "method": request.method,
                "path": safe_path(request),
                "status": response.status_code,
                "ms": round(ms, 1),
                "user": getattr(user, "pk", None),
            },
        )


def safe_path(request: HttpRequest) -> str:
    """The path with secret parts (of sign-in, password and invitation links) replaced."""
    path = request.path
    if match := request.resolver_match:
        for name in SECRET_PARTS:
            if value := match.kwargs.get(name):
                path = path.replace(str(value), "…")
    return path
