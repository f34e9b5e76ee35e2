"""Agents that speak the protocol with a token."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from tests import factories as f

from rapport.features.programs import limits
from rapport.records.accounts import api_tokens
from rapport.records.accounts.caller import Caller

MODERN, HANDSHAKE = "2026-07-28", "2025-11-25"
META = "io.modelcontextprotocol/"


@dataclass
class Agent:
    """Speaks at /mcp with a token of its caller, in the revision without a handshake unless told otherwise."""

    caller: Caller
    token: str
    client: Client = field(default_factory=Client)
    name: str = "Tester"
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def post(self, body: Any, **headers: str) -> Any:
        """The answer to a body; `data` is its JSON."""
        given = {k.replace("_", "-"): v for k, v in headers.items()}
        sent = {"Authorization": f"Bearer {self.token}", "Accept": "application/json, text/event-stream", **given}
        kind = sent.pop("Content-Type", "application/json")
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.client.generic("POST", "/mcp", raw, content_type=kind, headers=sent)
        answer.data = json.loads(answer.content) if answer.content else None  # type: ignore[attr-defined]
        return answer

    def ask(self, method: str, params: dict[str, Any] | None = None, **headers: str) -> Any:
        """The answer to a request of the revision without a handshake."""
        meta = {
            f"{META}protocolVersion": MODERN, f"{META}clientCapabilities": {},
            f"{META}clientInfo": {"name": self.name, "version": "1"},
        }  # fmt: skip
        params = {**(params or {}), "_meta": {**meta, **(params or {}).get("_meta", {})}}
        sent = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
        if method == "tools/call":
            sent["Mcp-Name"] = params["name"]
        body = {"jsonrpc": "2.0", "id": next(self.numbers), "method": method, "params": params}
        return self.post(body, **(sent | {k.replace("_", "-"): v for k, v in headers.items()}))

    def result(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """The result of a tool, refused or not."""
        answer = self.ask("tools/call", {"name": tool, "arguments": arguments})
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.data["result"]
        return found

    def call(self, tool: str, /, **arguments: Any) -> Any:
        """What a tool tells that must succeed."""
        found = self.result(tool, **arguments)
        assert not found.get("isError"), found
        assert json.loads(found["content"][0]["text"]) == found["structuredContent"]
        return found["structuredContent"]

    def refusal(self, tool: str, /, **arguments: Any) -> Any:
        """What a tool says that must refuse."""
        found = self.result(tool, **arguments)
        assert found.get("isError"), found
        assert "structuredContent" not in found
        return json.loads(found["content"][0]["text"])


def agent(caller: Caller, *scopes: str, name: str = "Tester") -> Agent:
    """An agent of a user."""
    _row, text = api_tokens.create(caller, name="Test", scopes=scopes or ("write",))
    return Agent(caller, text, name=name)


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Counts of an earlier test's tokens are not those of this one's."""
    limits.forget()
    api_tokens.forget()


@pytest.fixture
def ada(db: None) -> Agent:
    """An administrator's agent."""
    return agent(f.admin())
