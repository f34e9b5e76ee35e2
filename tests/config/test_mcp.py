"""`rapport mcp`: the protocol's official client over standard input and output."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from tests.config.deployment import Deployment
from tests.surfaces.mcp.walking import finished, walk


@pytest.mark.once
def test_over_standard_input_and_output(deployment: Deployment) -> None:
    deployment.must("init", RAPPORT_ADMIN_EMAIL="ada@example.com", RAPPORT_ADMIN_PASSWORD="correct horse battery")
    token = deployment.must(
        "token", "create", "--user", "ada@example.com", "--name", "Desk", "--scope", "write"
    ).strip()  # fmt: skip
    environment = deployment._environment

    async def run(arguments: list[str], more: dict[str, str], **how: Any) -> None:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "rapport.config.cli", "mcp", *arguments], env={**environment, **more}
        )
        async with Client(stdio_client(server), **how) as rapport:
            await walk(rapport)

    finished(lambda: run([], {"RAPPORT_TOKEN": token}))
    deployment.query("UPDATE customers_person SET deleted_at = created_at")
    finished(lambda: run(["--user", "ada@example.com"], {}, mode="legacy"))
    found = deployment.query("SELECT token_id IS NULL, client FROM programs_work ORDER BY id")
    assert [bool(by_hand) for by_hand, _client in found] == [False, True]
    doors = deployment.query("SELECT DISTINCT door FROM records_change WHERE object_key = 'person'")
    assert doors == [("mcp",)]


@pytest.mark.once
def test_without_a_name_it_does_not_start(deployment: Deployment) -> None:
    deployment.must("init", RAPPORT_ADMIN_EMAIL="ada@example.com", RAPPORT_ADMIN_PASSWORD="correct horse battery")
    for arguments, environment, said in (
        ([], {}, "Say in whose name"),
        ([], {"RAPPORT_TOKEN": "rpt_nonsense"}, "unknown, revoked or has expired"),
        (["--user", "nobody@example.com"], {}, "no active user"),
    ):
        refused = deployment.run("mcp", *arguments, **environment)
        assert refused.returncode == 1
        assert said in refused.stderr
        assert refused.stdout == ""
