"""What a browser loads: all of the first page with an empty cache, then what a click in the menu brings."""

from __future__ import annotations

import os
import shutil
from functools import partial
from typing import Any

from benchmarks.results import Results, Row
from benchmarks.server import Client

FIRST, LATER = 160_000, 20_000
"""Budgets in bytes as they come over the wire."""
PAGES = (("/", "home"), ("/people/", "list"), ("/deals/?layout=board", "board"))
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def browser_path() -> str:
    """The browser, if there is one."""
    given = (os.environ.get("RAPPORT_CHROMIUM", ""), *_NAMES)
    return next((path for name in given if name and (path := shutil.which(name))), "")


def measured(client: Client, person: int, results: Results) -> None:
    """The rows of the group `payload`; nothing without Playwright and a browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    path = browser_path()
    if not path:
        return
    base = f"http://127.0.0.1:{client.port}"
    arguments = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            for address, name in (*PAGES, (f"/people/{person}/", "person")):
                context = browser.new_context()
                context.add_cookies([{"name": k, "value": v, "url": base} for k, v in client.cookies.items()])
                page = context.new_page()
                sizes = _loaded(page, partial(page.goto, base + address))
                results.add(_row(f"first_{name}", f"first load: {name}", sizes, FIRST))
                if name == "home":
                    _clicks(page, results)
                context.close()
        finally:
            browser.close()


def _clicks(page: Any, results: Results) -> None:
    for label, link in (("people", "/people/"), ("deals", "/deals/")):
        sizes = _loaded(page, partial(_click, page, link))
        modules = sizes.pop("Script", 0)
        row = _row(f"later_{label}", f"then, by the menu: {label}", sizes, LATER)
        row.note += f"; modules, kept for good: {modules:,}" if modules else ""
        results.add(row)


def _click(page: Any, link: str) -> None:
    page.click(f'nav a[href="{link}"]')
    page.wait_for_url(f"**{link}")


def _loaded(page: Any, act: Any) -> dict[str, int]:
    """Bytes over the wire, heads included, by kind of content, until the network is quiet."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def finished(event: dict[str, Any]) -> None:
        kind = kinds.get(event["requestId"], "Other")
        sizes[kind] = sizes.get(kind, 0) + round(event["encodedDataLength"])

    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on("Network.loadingFinished", finished)
    act()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)
    session.detach()
    return sizes


def _row(key: str, label: str, sizes: dict[str, int], budget: int) -> Row:
    kinds = sorted((kind for kind in sizes if sizes[kind]), key=lambda kind: -sizes[kind])
    note = ", ".join(f"{kind.lower()} {sizes[kind]:,}" for kind in kinds[:4])
    total = sum(sizes.values())
    return Row(group="payload", key=key, label=label, bytes=total, budget=budget, counts="bytes", note=note)
