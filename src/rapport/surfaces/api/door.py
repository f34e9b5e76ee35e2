"""Where `/api/` is answered: token, limits, route, input, answer. Nothing behind this needs a session or a cookie.

It is a middleware that answers by itself, so that what pages need of the others (sessions, forms, compression) is not
spent on programs, and tests and servers reach it in the same way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import msgspec
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from rapport.features.programs import asking, limits, shapes
from rapport.features.programs.problems import MEDIA_TYPE, Problem, of_error
from rapport.records.accounts import api_tokens, audit
from rapport.records.accounts.api_tokens import Grant
from rapport.records.customising import sync
from rapport.records.errors import Forbidden
from rapport.surfaces.api import bodies, idempotency
from rapport.surfaces.api.calls import Call, Reply, Route
from rapport.surfaces.api.router import Found
from rapport.surfaces.api.routes import ROUTER

ROOT, HERE, PAGE = "/api/", "/api/v1/", "/api/v1/docs/"
DOOR = "rest"
_encode = msgspec.json.Encoder(decimal_format="number").encode
logger = logging.getLogger(__name__)
Next = Callable[[HttpRequest], HttpResponseBase]


class Door:
    """Answers what begins with `/api/`, but for the page that describes it; passes everything else on."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not path.startswith(ROOT) or path.rstrip("/") == PAGE.rstrip("/"):
            return self.get_response(request)
        with translation.override(asking.language(request)):
            response = _answered(request, path)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = response.headers.get("Cache-Control", "no-store")
        return response


def _answered(request: HttpRequest, path: str) -> HttpResponseBase:
    grant: Grant | None = None
    headers: dict[str, str] = {}
    try:
        grant = asking.grant(request, DOOR)
        standing = limits.count(grant.token_id)
        headers = standing.headers()
        if standing.exceeded:
            raise Problem(429, "too-many", _("Wait until the minute is over, or send several records at once."))
        sync.refresh(grant.generation)
        response = _response(_routed(request, path, grant))
    except Exception as error:
        response = _refused(request, error, grant)
    for name, value in headers.items():
        response[name] = value
    return response


def _routed(request: HttpRequest, path: str, grant: Grant) -> Reply:
    if not path.startswith(HERE):
        raise Problem(404, "not-found", _("The API is at /api/v1/."))
    found = ROUTER.find(path[len(HERE) :])
    method = request.method or ""
    route = found.routes.get("GET" if method == "HEAD" else method)
    if route is None:
        return _other(method, found)
    _check_scope(route, found, grant)
    call = Call(grant, grant.caller, request, found.obj, found.path, _query(request, route))
    if route.body is not None or route.writes:
        call = bodies.with_body(call, route)
    if route.writes and request.headers.get("Idempotency-Key") is not None:
        return idempotency.once(call, route.run, lambda key, record: shapes.reread(call.caller, key, record))
    return route.run(call)


def _other(method: str, found: Found) -> Reply:
    allowed = sorted({*found.routes, "OPTIONS"} | ({"HEAD"} if "GET" in found.routes else set()))
    headers = {"Allow": ", ".join(allowed)}
    if method == "OPTIONS":
        return Reply(status=204, headers=headers)
    raise Problem(405, "method", _("It takes: %(methods)s.") % {"methods": headers["Allow"]}, headers=headers)


def _check_scope(route: Route, found: Found, grant: Grant) -> None:
    if not route.scope:
        return
    key = found.obj.key if found.obj else ""
    allowed = grant.allows(route.scope, key)
    if route.anywhere and not allowed:
        allowed = any(scope.partition(":")[0] in {"read", "write"} for scope in grant.scopes)
    if not allowed:
        needed = f"{route.scope}:{key}" if key and route.scope != api_tokens.ADMIN else route.scope
        headers = {"WWW-Authenticate": asking.challenge(DOOR, error="insufficient_scope", scope=needed)}
        raise Problem(403, "scope", _("Make a token with the scope %(scope)s.") % {"scope": needed}, headers=headers)


def _query(request: HttpRequest, route: Route) -> dict[str, Any]:
    """The parameters of the query, read. Raises Problem, Invalid."""
    params = route.params()
    values = {name: (() if p.kind == "list" else p.default) for name, p in params.items()}
    sent = request.GET
    for name in sent:
        text = sent[name]
        if name not in params:
            known = ", ".join(params) or "–"
            raise Problem(400, "malformed", _("There is no parameter %(name)s here, but: %(known)s.")
                          % {"name": name[:60], "known": known})  # fmt: skip
        if "\x00" in text:
            raise Problem(400, "malformed", _("Take the control characters out of the address."))
        values[name] = params[name].read(text)
    for name, param in params.items():
        if param.required and name not in sent:
            raise Problem(400, "malformed", _("The parameter %(name)s is needed.") % {"name": name})
    return values


def _response(reply: Reply) -> HttpResponseBase:
    if reply.stream is not None:
        response: HttpResponseBase = FileResponse(reply.stream, status=reply.status)
    elif reply.data is None:
        response = HttpResponse(status=reply.status)
        del response.headers["Content-Type"]
    else:
        response = HttpResponse(_encode(reply.data), status=reply.status, content_type="application/json")
    for name, value in reply.headers.items():
        response[name] = value
    return response


def _refused(request: HttpRequest, error: Exception, grant: Grant | None) -> HttpResponse:
    """A problem, and for a lack of rights a line in the audit log."""
    problem = of_error(error)
    if problem is None:
        logger.exception("%s %s failed", request.method, request.path)
        problem = Problem(500, "failed", _("The error has been logged. Tell an administrator the number below."))
    if grant is not None and (isinstance(error, Forbidden) or problem.code == "scope"):
        audit.record("refusal", caller=grant.caller, subject=f"{request.method} {request.path}")
    response = HttpResponse(_encode(problem.document()), status=problem.status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        response[name] = value
    response._has_been_logged = True  # type: ignore[attr-defined]  # the access line tells it
    return response
