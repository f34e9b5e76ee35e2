"""Where registered public routes are answered: origin, body, answer. Nothing behind this needs a session or a cookie.

Like the doors of REST and MCP it is a middleware that answers by itself, before sessions and forms.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import ResolverMatch
from django.utils import timezone

from rapport.registry import extensions
from rapport.registry.extensions import PublicRoute
from rapport.surfaces.public import reading
from rapport.surfaces.public.asking import Answer, Asked, Refused

RETRY_SECONDS = "5"
PREFLIGHT_SECONDS = "600"
"""How long a browser remembers what it was told beforehand."""
logger = logging.getLogger(__name__)
Next = Callable[[HttpRequest], HttpResponseBase]
Found = tuple[PublicRoute, Mapping[str, str]]


class Door:
    """Answers what matches a registered route; passes everything else on."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.routes: dict[str, list[tuple[tuple[str, ...], PublicRoute]]] = {}
        for route in extensions.all_of(PublicRoute):
            pieces = tuple(route.path.strip("/").split("/"))
            self.routes.setdefault(pieces[0], []).append((pieces, route))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        found = self._find(request.path_info)
        if found is None:
            return self.get_response(request)
        # What knows the parts of a path that let somebody in, as the log does, finds them here.
        request.resolver_match = ResolverMatch(self.get_response, (), dict(found[1]))
        answer = _answered(request, *found)
        response = HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
        if answer.status == 204:
            del response.headers["Content-Type"]
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        response["Vary"] = "Origin"
        for name, value in answer.headers.items():
            response[name] = value
        if answer.origin:
            response["Access-Control-Allow-Origin"] = answer.origin
        response._has_been_logged = True  # type: ignore[attr-defined]  # the access line tells it
        return response

    def _find(self, path: str) -> Found | None:
        candidates = self.routes.get(path[1:].partition("/")[0])
        if candidates is None:
            return None
        given = path.strip("/").split("/")
        for pieces, route in candidates:
            if len(pieces) == len(given) and all(p == g or p.startswith("<") for p, g in zip(pieces, given)):
                return route, {p[1:-1]: g for p, g in zip(pieces, given) if p.startswith("<")}
        return None


def _answered(request: HttpRequest, route: PublicRoute, path: Mapping[str, str]) -> Answer:
    try:
        if request.method == "OPTIONS":
            return _beforehand(request, route)
        if request.method not in route.methods:
            headers = {"Allow": ", ".join((*route.methods, "OPTIONS"))}
            raise Refused(405, "method", f"It takes: {', '.join(route.methods)}.", headers=headers)
        answer: Answer = route.run(_asked(request, route, path))
    except Refused as refused:
        return refused.answer()
    except (SuspiciousOperation, PermissionDenied):
        return Refused(400, "malformed", "This request can't be read.").answer()
    except (OperationalError, InterfaceError):
        logger.warning("the database is away from %s", route.name, exc_info=True)
        connection.close()
        return Refused(503, "away", "Send it again later.", headers={"Retry-After": RETRY_SECONDS}).answer()
    except Exception:
        logger.exception("%s %s failed", request.method, route.name)
        return Refused(500, "failed", "The error has been logged.").answer()
    return answer


def _beforehand(request: HttpRequest, route: PublicRoute) -> Answer:
    """What a browser asks before it sends a request of another origin's page."""
    origin = request.headers.get("Origin", "").lower()
    methods = ", ".join((*route.methods, "OPTIONS"))
    if not origin:
        return Answer(status=204, headers={"Allow": methods})
    if not route.origins(origin):
        raise Refused(403, "origin", "Pages of this origin may not ask here.")
    headers = {"Access-Control-Allow-Methods": methods, "Access-Control-Max-Age": PREFLIGHT_SECONDS}
    if wanted := request.headers.get("Access-Control-Request-Headers"):
        headers["Access-Control-Allow-Headers"] = " ".join(wanted.split())[:1000]
    headers["Vary"] = "Origin, Access-Control-Request-Headers"
    return Answer(status=204, headers=headers, origin=origin)


def _asked(request: HttpRequest, route: PublicRoute, path: Mapping[str, str]) -> Asked:
    body = reading.body(request, route.most_bytes) if request.method == "POST" else b""
    return Asked(
        method=str(request.method), path=path, query=request.GET.dict(), headers=request.headers, body=body,
        origin=request.headers.get("Origin", "").lower(), address=str(get_adapter().get_client_ip(request)),
        at=timezone.now(),
    )  # fmt: skip
