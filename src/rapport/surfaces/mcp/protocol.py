"""JSON-RPC of the Model Context Protocol: one message in, one answer out, nothing kept between two of them.

Two kinds of clients are answered. Those of revision 2025-11-25 begin with `initialize`. That of 2026-07-28 knows no
handshake: each request carries its version and capabilities in `_meta`, and `server/discover` tells what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from rapport import __version__
from rapport.features.programs.problems import Problem
from rapport.surfaces.mcp import calling
from rapport.surfaces.mcp.calling import Asker

MODERN = ("2026-07-28",)
HANDSHAKE = ("2025-06-18", "2025-11-25")
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022
META = "io.modelcontextprotocol/"
VERSION_KEY, CAPABILITIES_KEY, CLIENT_KEY = f"{META}protocolVersion", f"{META}clientCapabilities", f"{META}clientInfo"
GROUP_KEY = "rapport/group"
"""Where a client names the group of a write, if not among the arguments."""
SERVER = {"name": "rapport", "title": "Rapport", "version": __version__}
INSTRUCTIONS = (
    "Rapport is a CRM: describe_objects names the kinds of records that this organisation keeps. You act in the name "
    "of a user and see and do no more than they may. Begin with who_am_i and describe_objects. Look for a record "
    "before you add one. Writes take preview: show its changes to the user before a write that matters. What you "
    "wrote can be taken back by the user as one piece of work."
)
CAPABILITIES = {"tools": {"listChanged": False}}
FRESH_MS = 300_000
"""How long a client may keep the list of tools."""


class Fault(Exception):
    """An error of the protocol, told as one of JSON-RPC."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or a notification, which has no `id`. `modern`: of the revision without a handshake."""

    id: str | int | None
    method: str
    params: Mapping[str, Any]
    modern: bool
    is_request: bool

    @property
    def meta(self) -> Mapping[str, Any]:
        """What a request says of itself."""
        found = self.params.get("_meta")
        return found if isinstance(found, Mapping) else {}

    @property
    def client(self) -> str:
        """What the client calls itself, empty where it does not say."""
        return name_of(self.meta.get(CLIENT_KEY))


def name_of(client: Any) -> str:
    """The name in what a client says of itself."""
    name = client.get("title") or client.get("name") if isinstance(client, Mapping) else ""
    return "".join(c for c in str(name or "") if c.isprintable()).strip()[:100]


def read(found: Any, version: str | None = None) -> Message:
    """One message. `version` is what its transport says of the revision, if it does. Raises Fault."""
    if not isinstance(found, dict) or found.get("jsonrpc") != "2.0" or not isinstance(found.get("method"), str):
        raise Fault(INVALID_REQUEST, _("Send one JSON-RPC request or notification."))
    key, params, is_request = found.get("id"), found.get("params", {}), "id" in found
    if is_request and (not isinstance(key, (str, int)) or isinstance(key, bool)):
        raise Fault(INVALID_REQUEST, _("Give the request an id, a text or a whole number."))
    if not isinstance(params, dict):
        raise Fault(INVALID_PARAMS, _("Give the parameters as a JSON object."))
    meta = params.get("_meta")
    said = version or (meta.get(VERSION_KEY) if isinstance(meta, dict) else None)
    modern = said is not None and said not in HANDSHAKE and found["method"] != "initialize"
    return Message(key, found["method"], params, modern, is_request)


def check(message: Message) -> None:
    """Refuse a request of the revision without handshake that does not say what it must. Raises Fault."""
    if not message.is_request:
        return
    if missing := [key for key in (VERSION_KEY, CAPABILITIES_KEY) if key not in message.meta]:
        raise Fault(INVALID_PARAMS, _("params._meta lacks %(names)s.") % {"names": ", ".join(missing)})
    asked = message.meta[VERSION_KEY]
    if not isinstance(asked, str) or not isinstance(message.meta[CAPABILITIES_KEY], dict):
        raise Fault(INVALID_PARAMS, _("Give the version as a text and the capabilities as an object."))
    if asked not in MODERN:
        raise unsupported(asked)


def unsupported(asked: str) -> Fault:
    """The refusal of a revision."""
    data = {"supported": [*MODERN, *reversed(HANDSHAKE)], "requested": asked[:60]}
    return Fault(UNSUPPORTED_VERSION, _("This revision of the protocol is not spoken here."), data)


def answer(asker: Asker, message: Message) -> dict[str, Any] | None:
    """The answer as JSON-RPC; None to a notification. Raises Problem where nobody can be served."""
    if not message.is_request:
        return None
    try:
        if message.modern:
            check(message)
        run = (_MODERN if message.modern else _HANDSHAKE).get(message.method)
        if run is None:
            raise Fault(METHOD_NOT_FOUND, _("There is no method %(name)s here.") % {"name": message.method[:60]})
        result = run(asker, message)
    except Fault as fault:
        return refusal(message.id, fault)
    if message.modern:
        result = {"resultType": "complete", **result, "_meta": {f"{META}serverInfo": SERVER}}
    return {"jsonrpc": "2.0", "id": message.id, "result": result}


def refusal(key: str | int | None, fault: Fault) -> dict[str, Any]:
    """An error as JSON-RPC."""
    error = {"code": fault.code, "message": fault.message, **({"data": fault.data} if fault.data is not None else {})}
    return {"jsonrpc": "2.0", "id": key, "error": error}


def of_problem(key: str | int | None, problem: Problem) -> dict[str, Any]:
    """A refusal of the door as JSON-RPC, for clients that look at nothing else."""
    said = problem.document()
    return refusal(key, Fault(INTERNAL_ERROR, str(said.get("detail") or said["title"]), said))


def _initialize(asker: Asker, message: Message) -> dict[str, Any]:
    asked = message.params.get("protocolVersion")
    if not isinstance(asked, str):
        raise Fault(INVALID_PARAMS, _("Name the protocolVersion that you speak."))
    spoken = asked if asked in HANDSHAKE else HANDSHAKE[-1]
    return {
        "protocolVersion": spoken, "capabilities": CAPABILITIES, "serverInfo": SERVER, "instructions": INSTRUCTIONS,
    }  # fmt: skip


def _discover(asker: Asker, message: Message) -> dict[str, Any]:
    return {
        "supportedVersions": [*MODERN, *reversed(HANDSHAKE)], "capabilities": CAPABILITIES,
        "instructions": INSTRUCTIONS, "ttlMs": FRESH_MS, "cacheScope": "private",
    }  # fmt: skip


def _tools(asker: Asker, message: Message) -> dict[str, Any]:
    if message.params.get("cursor") is not None:
        raise Fault(INVALID_PARAMS, _("The list of tools has one page: ask without a cursor."))
    found = {"tools": [calling.described(tool) for tool in calling.tools()]}
    return {**found, "ttlMs": FRESH_MS, "cacheScope": "private"} if message.modern else found


def _call(asker: Asker, message: Message) -> dict[str, Any]:
    name, arguments = message.params.get("name"), message.params.get("arguments")
    tool = next((tool for tool in calling.tools() if tool.name == name), None)
    if tool is None:
        raise Fault(INVALID_PARAMS, _("There is no tool %(name)s here: see tools/list.") % {"name": str(name)[:60]})
    if arguments is not None and not isinstance(arguments, dict):
        raise Fault(INVALID_PARAMS, _("Give the arguments as a JSON object."))
    group = message.meta.get(GROUP_KEY)
    return calling.call(asker, tool, arguments, group[:100] if isinstance(group, str) else "")


def _ping(asker: Asker, message: Message) -> dict[str, Any]:
    return {}


Run = Callable[[Asker, Message], dict[str, Any]]
_MODERN: Mapping[str, Run] = {"server/discover": _discover, "tools/list": _tools, "tools/call": _call}
_HANDSHAKE: Mapping[str, Run] = {"initialize": _initialize, "ping": _ping, "tools/list": _tools, "tools/call": _call}
