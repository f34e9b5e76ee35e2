"""What an agent does, told to the protocol's official client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio


def finished(run: Callable[[], Awaitable[None]]) -> None:
    """Run to the end, in a thread of its own: that of the tests may have the loop of a browser."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, run).result()


async def walk(rapport: Any) -> None:
    """What an agent does: looks around, tries, writes, is refused."""
    tools = (await rapport.list_tools()).tools
    assert [tools[0].name, tools[-1].name] == ["who_am_i", "revert_change"]
    me = await rapport.call_tool("who_am_i", {})
    assert me.structured_content["rights"]["person"]["create"] == "all"
    wanted = {"object": "person", "fields": {"first_name": "Nova", "last_name": "Lind"}}
    tried = await rapport.call_tool("create_record", {**wanted, "preview": True})
    assert tried.structured_content["changes"][0]["fields"]["last_name"] == {"before": None, "after": "Lind"}
    made = (await rapport.call_tool("create_record", wanted)).structured_content
    listed = await rapport.call_tool("list_records", {"object": "person"})
    assert [item["id"] for item in listed.structured_content["items"]] == [made["id"]]
    refused = await rapport.call_tool("get_record", {"object": "person", "id": made["id"] + 1})
    assert refused.is_error
    assert "nothing here" in refused.content[0].text
