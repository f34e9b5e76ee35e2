"""What /mcp lets in, and the protocol of both revisions."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests import factories as f
from tests.database import snapshot
from tests.surfaces.mcp.conftest import HANDSHAKE, META, MODERN, Agent, agent

from rapport.records.accounts import api_tokens
from rapport.records.accounts.models import ApiToken, AuditEntry, User

INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {
        "protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": {"name": "Old client", "version": "1"},
    },
}  # fmt: skip
PING = {"jsonrpc": "2.0", "id": 2, "method": "ping"}


def test_the_handshake_of_2025_11_25(ada: Agent) -> None:
    begun = ada.post(INITIALIZE)
    assert begun.status_code == 200
    result = begun.data["result"]
    assert (result["protocolVersion"], result["serverInfo"]["name"]) == (HANDSHAKE, "rapport")
    assert result["capabilities"] == {"tools": {"listChanged": False}}
    session = begun.headers["Mcp-Session-Id"]
    sent = {"MCP-Protocol-Version": HANDSHAKE, "Mcp-Session-Id": session}
    noted = ada.post({"jsonrpc": "2.0", "method": "notifications/initialized"}, **sent)
    assert (noted.status_code, noted.content) == (202, b"")
    assert ada.post(PING, **sent).data == {"jsonrpc": "2.0", "id": 2, "result": {}}
    listed = ada.post({"jsonrpc": "2.0", "id": 3, "method": "tools/list"}, **sent).data["result"]
    assert "resultType" not in listed
    assert len(listed["tools"]) >= 12
    assert ada.post(PING, **(sent | {"Mcp-Session-Id": "made-up"})).status_code == 404
    unknown = ada.post({"jsonrpc": "2.0", "id": 4, "method": "resources/list"}, **sent)
    assert (unknown.status_code, unknown.data["error"]["code"]) == (200, -32601)


def test_another_revision_is_answered_with_one_that_is_spoken(ada: Agent) -> None:
    asked = {**INITIALIZE, "params": {**INITIALIZE["params"], "protocolVersion": "2031-01-01"}}  # type: ignore[dict-item]
    assert ada.post(asked).data["result"]["protocolVersion"] == HANDSHAKE


def test_discovery_of_2026_07_28(ada: Agent) -> None:
    answer = ada.ask("server/discover")
    assert answer.status_code == 200
    result = answer.data["result"]
    assert (result["resultType"], result["cacheScope"]) == ("complete", "private")
    assert result["supportedVersions"][:2] == [MODERN, HANDSHAKE]
    assert result["_meta"][f"{META}serverInfo"]["name"] == "rapport"
    assert "Mcp-Session-Id" not in answer.headers
    assert ada.ask("tools/list").data["result"]["ttlMs"] > 0


@pytest.mark.parametrize(
    ("headers", "code", "status"),
    [
        ({"Mcp_Method": "tools/list"}, -32020, 400),
        ({"MCP_Protocol_Version": "2027-01-01"}, -32020, 400),
        ({}, None, 200),
    ],
)
def test_headers_say_what_the_message_says(ada: Agent, headers: dict[str, str], code: int | None, status: int) -> None:
    answer = ada.ask("server/discover", **headers)
    assert answer.status_code == status
    assert answer.data.get("error", {}).get("code") == code


def test_what_a_request_without_handshake_must_say(ada: Agent) -> None:
    lacking = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {}}}
    answer = ada.post(lacking, MCP_Protocol_Version=MODERN, Mcp_Method="tools/list")
    assert (answer.status_code, answer.data["error"]["code"]) == (400, -32602)
    later = ada.ask(
        "tools/list", {"_meta": {f"{META}protocolVersion": "2027-01-01"}}, MCP_Protocol_Version="2027-01-01"
    )
    assert (later.status_code, later.data["error"]["code"]) == (400, -32022)
    assert MODERN in later.data["error"]["data"]["supported"]
    unknown = ada.ask("ping")
    assert (unknown.status_code, unknown.data["error"]["code"]) == (404, -32601)
    assert ada.ask("tools/call", {"name": "no_such_tool"}).data["error"]["code"] == -32602


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"[" * 100_000, -32700),
        (b"\xff", -32700),
        ([PING], -32600),
        ({"jsonrpc": "2.0", "id": 1, "result": {}}, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": {}, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": ["x"]}}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": 1}}, -32602),
    ],
)
def test_what_is_no_message_is_refused(ada: Agent, body: Any, code: int) -> None:
    answer = ada.post(body)
    assert answer.data["error"]["code"] == code
    assert answer.status_code < 500


def test_without_a_token_that_holds_v10_4(db: None) -> None:
    """ASVS 10.4: a resource server lets in only whom a valid token names."""
    caller = f.admin()
    stranger, revoked = Agent(caller, "rpt_nonsense"), agent(caller)
    api_tokens.revoke(caller, ApiToken.objects.get().pk)
    before = snapshot("records_auditentry")
    for one in (stranger, revoked):
        answer = one.ask("server/discover")
        assert answer.status_code == 401
        challenge = answer.headers["WWW-Authenticate"]
        assert 'resource_metadata="http' in challenge
        assert '/.well-known/oauth-protected-resource/mcp"' in challenge
        assert 'error="invalid_token"' in challenge
    assert snapshot("records_auditentry") == before
    assert AuditEntry.objects.filter(act="token refused").count() == 2
    assert Client().post("/mcp", PING, content_type="application/json").status_code == 401


def test_a_closed_account_ends_its_agents(ada: Agent) -> None:
    assert ada.ask("tools/list").status_code == 200
    User.objects.filter(pk=ada.caller.user_id).update(is_active=False)
    from rapport.records.accounts import epochs

    epochs.raise_(epochs.RIGHTS)
    assert ada.ask("tools/list").status_code == 401


@pytest.mark.parametrize("path", ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"])
def test_the_metadata_of_rfc_9728(db: None, settings: Any, path: str) -> None:
    settings.BASE_URL = "https://crm.example.com"
    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer.json()["resource"] == "https://crm.example.com/mcp"
    assert answer.json()["bearer_methods_supported"] == ["header"]
    assert Client().post(path).status_code == 405


def test_other_origins_and_hosts_are_refused_v3_5(ada: Agent, settings: Any) -> None:
    """ASVS 3.5: no page of another origin reaches the door, whatever name leads to it."""
    settings.BASE_URL = "http://testserver"
    assert ada.ask("tools/list", Origin="http://testserver").status_code == 200
    for origin in ("https://evil.example", "null", "http://testserver.evil.example", "http://testserver:81"):
        assert ada.ask("tools/list", Origin=origin).status_code == 403
    settings.ALLOWED_HOSTS = ["testserver"]
    assert ada.ask("tools/list", Host="evil.example").status_code == 400


def test_the_form_of_a_request(ada: Agent) -> None:
    assert ada.client.get("/mcp").status_code == 405
    assert ada.client.get("/mcp").headers["Allow"] == "POST"
    assert ada.client.delete("/mcp").status_code == 405
    assert ada.post(PING, **{"Content-Type": "text/plain"}).status_code == 415
    assert ada.post(PING, Accept="text/html").status_code == 406
    assert ada.post(b" " * (1024 * 1024 + 1)).status_code == 413


def test_too_many_requests(ada: Agent, settings: Any) -> None:
    settings.API_PER_MINUTE = 2
    assert [ada.ask("tools/list").status_code for _ in range(2)] == [200, 200]
    refused = ada.ask("tools/list")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


def test_a_mistake_of_the_program_is_told_without_the_inside(ada: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    from rapport.surfaces.mcp.tools import asking

    def broken(*_arguments: Any) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(asking, "_known", broken)
    found = ada.result("who_am_i")
    assert found["isError"] is True
    assert "secret" not in found["content"][0]["text"]
