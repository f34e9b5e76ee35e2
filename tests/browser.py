"""Chromium through Playwright, and axe, for tests marked `browser`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

__all__ = ["AXE", "Browser", "Page", "axe", "fresh_page", "launch", "until"]

AXE = Path(__file__).parent / "assets" / "axe.min.js"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
TIMEOUT_MS = 90_000


@contextmanager
def launch(executable: str) -> Iterator[Browser]:
    """A browser that contacts nothing by itself."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def fresh_page(browser: Browser, **context: Any) -> Iterator[Page]:
    """A page in a context of its own (`viewport`, `color_scheme`… as Playwright's `new_context` takes them).

    Raises AssertionError at the end when a script failed or the content policy refused something.
    """
    options: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **context}
    opened: BrowserContext = browser.new_context(**{"reduced_motion": "reduce", **options})
    opened.set_default_timeout(TIMEOUT_MS)
    page = opened.new_page()
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            errors.append(message.text)

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", note)
    try:
        yield page
    finally:
        opened.close()
    assert not errors, f"errors of scripts or content policy: {errors}"


def until(page: Page, expression: str, argument: Any = None) -> None:
    """Wait until JavaScript answers true, or fail by its text.

    Playwright's own `wait_for_function` asks again from within the page, where the content policy refuses it.
    """
    end = time.monotonic() + TIMEOUT_MS / 1000
    while time.monotonic() < end:
        with suppress(PlaywrightError):  # the page is being left for another
            if page.evaluate(expression, argument):
                return
        page.wait_for_timeout(20)
    raise AssertionError(f"never true: {expression} ({argument!r})")


def axe(page: Page, *, exclude: tuple[str, ...] = (), rules: tuple[str, ...] = ()) -> list[str]:
    """Violations of WCAG 2.2 A and AA that axe finds on the page as it is, one readable line each; empty when clean.

    With `rules`, only those rules are looked at.
    """
    # Colours are judged when they have arrived: half-faded text has too little contrast for a moment.
    page.evaluate(
        """() => Promise.all(document.getAnimations()
            .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
            .map((animation) => animation.finished.catch(() => null)))"""
    )
    # Evaluated by the debugger, so that the page's content policy stays as strict as it is.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    result = page.evaluate(
        """([exclude, rules]) => axe.run({exclude}, {
            runOnly: rules.length ? {type: "rule", values: rules}
                : ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            resultTypes: ["violations"],
        })""",
        [[[selector] for selector in exclude], list(rules)],
    )
    return [
        f"{violation['id']}: {violation['help']} — {node['target']} {node['html'][:120]}"
        for violation in result["violations"]
        for node in violation["nodes"]
        if violation["id"] != "target-size" or not page.evaluate(_BELOW_A_BAR, node["target"][0])
    ]


_BELOW_A_BAR = """(selector) => {
    const target = document.querySelector(selector), box = target.getBoundingClientRect();
    const corners = [[box.left + 1, box.top + 1], [box.right - 1, box.bottom - 1]];
    return corners.some(([x, y]) => {
        let over = document.elementFromPoint(x, y);
        if (!over || over.contains(target) || target.contains(over)) return false;
        for (; over; over = over.parentElement) {
            if (["fixed", "sticky"].includes(getComputedStyle(over).position)) return true;
        }
        return false;
    });
}"""
"""Whether a bar that stays in its place covers a part of an element: scrolling brings it out whole."""
