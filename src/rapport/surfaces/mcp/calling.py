"""A call of a tool: arguments, scope, preview, piece of work; its answer, or what to do, as the result of the tool."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from rapport.features.programs import shapes, works
from rapport.features.programs.decoding import converted
from rapport.features.programs.problems import Problem, of_error
from rapport.features.programs.works import Agent
from rapport.records.accounts import audit
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden
from rapport.registry import extensions
from rapport.registry.extensions import Tool

DOOR = "mcp"
MOST_CHANGES = 200
"""Changes that a preview tells."""
WITHOUT_SERVICE = (429, 503)
"""Refusals that are none of the tool's and are answered for the request."""
_encode = msgspec.json.Encoder(decimal_format="number").encode
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who calls: the caller at this door, the agent that acts for it, whether its token lets it write at all."""

    caller: Caller
    agent: Agent
    writes: bool = True


def tools() -> list[Tool]:
    """All tools in their order."""
    return sorted(extensions.all_of(Tool), key=lambda tool: (tool.order, tool.name))


def described(tool: Tool) -> dict[str, Any]:
    """A tool as clients are told."""
    hints = {"title": str(tool.title), "readOnlyHint": not tool.writes, "openWorldHint": False}
    if tool.writes:
        hints |= {"destructiveHint": tool.destructive, "idempotentHint": tool.idempotent}
    return {
        "name": tool.name, "title": str(tool.title), "description": tool.help, "inputSchema": _schema(tool.takes),
        "outputSchema": dict(tool.answer), "annotations": hints,
    }  # fmt: skip


@cache
def _schema(kind: type) -> dict[str, Any]:
    (_reference,), found = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    schema = dict(found.pop(kind.__name__))
    schema.pop("title", None)
    schema.setdefault("properties", {})
    return {**schema, **({"$defs": found} if found else {})}


def call(asker: Asker, tool: Tool, arguments: Any, group: str = "") -> dict[str, Any]:
    """The result of a tool; a refusal is one too, with what to do. Raises Problem where nobody can be served."""
    try:
        answered = _run(asker, tool, arguments, group)
    except Exception as error:
        return _refused(asker, tool, error)
    encoded = _encode(answered)
    return {"content": [{"type": "text", "text": encoded.decode()}], "structuredContent": msgspec.Raw(encoded)}


def _run(asker: Asker, tool: Tool, arguments: Any, group: str) -> dict[str, Any]:
    given = converted({} if arguments is None else arguments, tool.takes)
    if not tool.writes:
        return tool.run(asker.caller, given)
    if not asker.writes:
        raise Problem(403, "scope", _("Make a token with the scope %(scope)s.") % {"scope": "write"})
    if given.preview:
        return _previewed(asker.caller, tool, given)
    with transaction.atomic():
        batch = works.open_(asker.caller, asker.agent, given.group or group)
        return {"preview": False, "work": batch, **tool.run(asker.caller.through(DOOR, batch), given)}


class _RollBack(Exception):
    """Ends a preview."""


def _previewed(caller: Caller, tool: Tool, given: Any) -> dict[str, Any]:
    """What a write would change: it is done as always, told, and rolled back."""
    batch = f"preview-{secrets.token_hex(8)}"
    told: list[dict[str, Any]] = []
    try:
        with transaction.atomic():
            answered = tool.run(caller.through(DOOR, batch), given)
            found, _more = works.changes(caller, batch, size=MOST_CHANGES)
            told = [_change(change) for change in found]
            raise _RollBack
    except _RollBack:
        alike = {"duplicates": answered["duplicates"]} if "duplicates" in answered else {}
        return {"preview": True, "changes": told, **alike}


def _change(change: works.Change) -> dict[str, Any]:
    act = shapes.act(change.act)
    return {
        "object": change.object_key,
        # The number of a record that will not have it.
        "id": None if act["action"] == "create" else change.record_id,
        "title": change.title,
        "action": act["action"],
        "fields": act["fields"],
    }


def _refused(asker: Asker, tool: Tool, error: Exception) -> dict[str, Any]:
    problem = of_error(error)
    if problem is None:
        logger.exception("tool %s failed", tool.name)
        problem = Problem(500, "failed", _("The error has been logged. Tell an administrator the number below."))
    if problem.status in WITHOUT_SERVICE:
        raise problem
    if isinstance(error, Forbidden) or problem.code == "scope":
        audit.record("refusal", caller=asker.caller, subject=f"MCP {tool.name}")
    document = problem.document()
    document.pop("status")
    return {"content": [{"type": "text", "text": _encode(document).decode()}], "isError": True}
