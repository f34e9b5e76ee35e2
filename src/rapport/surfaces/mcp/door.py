"""Where `/mcp` is answered: origin, token, limits, message, answer. Nothing behind this needs a session or a cookie.

Like the door of REST it is a middleware that answers by itself, before sessions and forms.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from rapport.features.programs import asking, limits
from rapport.features.programs.problems import MEDIA_TYPE, Problem, of_error
from rapport.features.programs.works import Agent
from rapport.records.accounts import api_tokens
from rapport.records.accounts.api_tokens import Grant
from rapport.records.customising import sync
from rapport.surfaces.mcp import protocol
from rapport.surfaces.mcp.calling import DOOR, Asker
from rapport.surfaces.mcp.protocol import Fault, Message

PATH = "/mcp"
MOST_BYTES = 1024 * 1024
STATUS = {
    protocol.PARSE_ERROR: 400, protocol.INVALID_REQUEST: 400, protocol.INVALID_PARAMS: 400,
    protocol.HEADER_MISMATCH: 400, protocol.UNSUPPORTED_VERSION: 400, protocol.METHOD_NOT_FOUND: 404,
}  # fmt: skip
"""HTTP status of an error, in the revision that says one."""
_SALT = "rapport.mcp"
_encode = msgspec.json.Encoder(decimal_format="number").encode
logger = logging.getLogger(__name__)
Next = Callable[[HttpRequest], HttpResponseBase]


class Door:
    """Answers `/mcp`; passes everything else on."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info.rstrip("/")
        if path != PATH:
            return self.get_response(request)
        with translation.override(asking.language(request)):
            try:
                request.get_host()
                response = _posted(request)
            except Exception as error:
                response = _refused(request, error)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = response.headers.get("Cache-Control", "no-store")
        return response


def _posted(request: HttpRequest) -> HttpResponse:
    """The answer to one message. Raises Problem."""
    _check_origin(request)
    if request.method != "POST":
        raise Problem(405, "method", _("It takes: %(methods)s.") % {"methods": "POST"}, headers={"Allow": "POST"})
    grant = asking.grant(request, DOOR, scope="read write")
    standing = limits.count(grant.token_id)
    if standing.exceeded:
        detail = _("Wait until the minute is over, or send several records at once.")
        raise Problem(429, "too-many", detail, headers=standing.headers())
    sync.refresh(grant.generation)
    _check_form(request)
    response = _answered(request, grant)
    for name, value in standing.headers().items():
        response[name] = value
    return response


def _check_origin(request: HttpRequest) -> None:
    """Pages of other origins, and addresses that were bent to this one, may not ask."""
    origin = request.headers.get("Origin")
    base = urlsplit(settings.BASE_URL)
    if origin is not None and origin.lower() != f"{base.scheme}://{base.netloc}".lower():
        raise Problem(403, "forbidden", _("Pages of another origin may not ask here."))


def _check_form(request: HttpRequest) -> None:
    if request.content_type != "application/json":
        detail = _("Send the header Content-Type with one of: %(known)s.") % {"known": "application/json"}
        raise Problem(415, "media-type", detail)
    taken = request.headers.get("Accept", "*/*")
    if not any(kind in taken for kind in ("application/json", "application/*", "*/*")):
        raise Problem(406, "media-type", _("Answers are application/json: name it in the header Accept."))
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = 0
    if length > MOST_BYTES or len(request.body) > MOST_BYTES:
        raise Problem(413, "too-large", _("Send less at once."))


def _answered(request: HttpRequest, grant: Grant) -> HttpResponse:
    version = request.headers.get("MCP-Protocol-Version")
    key: str | int | None = None
    modern = version is not None and version not in protocol.HANDSHAKE
    try:
        message = protocol.read(_decoded(request.body), version)
        key, modern = message.id, message.modern
        if modern:
            _check_headers(request, message)
        answer = protocol.answer(_asker(request, message, grant), message)
    except Fault as fault:
        return _json(protocol.refusal(key, fault), STATUS.get(fault.code, 400))
    except Problem as problem:
        return _with(_json(protocol.of_problem(key, problem), problem.status), problem.headers)
    if answer is None:
        return HttpResponse(status=202)
    code = answer.get("error", {}).get("code")
    response = _json(answer, STATUS.get(code, 200) if modern else 200)
    if message.method == "initialize" and "result" in answer:
        client = protocol.name_of(message.params.get("clientInfo"))
        response["Mcp-Session-Id"] = signing.dumps(client, salt=_SALT)
    return response


def _decoded(raw: bytes) -> Any:
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        text = _("The content is not JSON: %(fault)s.") % {"fault": str(error)[:200]}
        raise Fault(protocol.PARSE_ERROR, text) from error
    return found


def _check_headers(request: HttpRequest, message: Message) -> None:
    """What headers say for whoever looks at them alone must be what the message says. Raises Fault."""
    if not message.is_request:
        if (version := request.headers.get("MCP-Protocol-Version", "")) not in protocol.MODERN:
            raise protocol.unsupported(version)
        return
    said = {"MCP-Protocol-Version": message.meta.get(protocol.VERSION_KEY), "Mcp-Method": message.method}
    if protocol.VERSION_KEY not in message.meta:
        protocol.check(message)
    if message.method == "tools/call":
        said["Mcp-Name"] = message.params.get("name")
    for name, value in said.items():
        if _plain(request.headers.get(name)) != value:
            raise Fault(
                protocol.HEADER_MISMATCH,
                _("The header %(name)s does not say the same as the message.") % {"name": name},
            )


def _plain(text: str | None) -> str | None:
    """The value of a header, out of base64 where it had to be put into it."""
    if text is None or not (text.startswith("=?base64?") and text.endswith("?=")):
        return text
    try:
        return base64.b64decode(text[9:-2], validate=True).decode()
    except (binascii.Error, UnicodeError):
        return None


def _asker(request: HttpRequest, message: Message, grant: Grant) -> Asker:
    """Who asks. The name of a client that began with a handshake stands, signed, in the id that it was given."""
    client = message.client
    if not message.modern and (session := request.headers.get("Mcp-Session-Id")):
        try:
            client = str(signing.loads(session, salt=_SALT))
        except signing.BadSignature:
            raise Problem(404, "not-found", _("This session is not known: begin with initialize.")) from None
    writes = any(scope.partition(":")[0] in {api_tokens.WRITE, api_tokens.ADMIN} for scope in grant.scopes)
    return Asker(grant.caller, Agent(grant.token_id, client), writes)


def _json(data: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(_encode(data), status=status, content_type="application/json")


def _with(response: HttpResponse, headers: Any) -> HttpResponse:
    for name, value in headers.items():
        response[name] = value
    response._has_been_logged = True  # type: ignore[attr-defined]  # the access line tells it
    return response


def _refused(request: HttpRequest, error: Exception) -> HttpResponse:
    """A problem, before there was a message to answer."""
    problem = of_error(error)
    if problem is None:
        logger.exception("%s %s failed", request.method, request.path)
        problem = Problem(500, "failed", _("The error has been logged. Tell an administrator the number below."))
    body = HttpResponse(_encode(problem.document()), status=problem.status, content_type=MEDIA_TYPE)
    return _with(body, problem.headers)
