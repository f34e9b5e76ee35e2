"""The protocol's official client over HTTP, in both revisions, to a running server."""

from __future__ import annotations

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from tests import factories as f
from tests.surfaces.mcp.conftest import HANDSHAKE, MODERN, agent
from tests.surfaces.mcp.walking import finished, walk

from rapport.features.programs import works


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["legacy", "auto", MODERN])
def test_over_http(live: str, mode: str) -> None:
    ada = agent(f.admin())

    async def run() -> None:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {ada.token}"}, trust_env=False) as http,
            Client(streamable_http_client(f"{live}/mcp", http_client=http), mode=mode) as rapport,
        ):
            assert rapport.protocol_version == (HANDSHAKE if mode == "legacy" else MODERN)
            await walk(rapport)

    finished(run)
    (piece,) = works.recent(ada.caller)
    assert (piece.acts, piece.token) == (1, "Test")
    assert piece.work.client
