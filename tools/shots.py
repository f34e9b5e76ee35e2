"""`make shots`: every page of a running Rapport with demo data, light, dark and on a phone, into `build/shots`.

`python -m tools.shots people settings` takes only pages whose name contains one of the words;
`python -m tools.shots docs` takes the few pictures of the documentation, into `docs/images`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from playwright.sync_api import Browser, StorageState, ViewportSize

OUT = Path("build") / "shots"
PORT = 18923
LOOKS = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True, "is_mobile": True},
}
DOCS = Path("docs") / "images"
DOCS_LOOK = {"viewport": {"width": 1100, "height": 620}, "color_scheme": "light"}
WIDE: ViewportSize = {"width": 1340, "height": 755}
"""For pages with the editor of lines, which is a table where there is room."""
LARGEST = 150_000


@contextmanager
def rapport(folder: Path, *arguments: str) -> Iterator[str]:
    """A running Rapport in `folder`; gives the link that it prints."""
    command = [sys.executable, "-m", "rapport.config.cli", "up", "--port", str(PORT), *arguments]
    environment = {**os.environ, "RAPPORT_DATA_DIR": str(folder), "RAPPORT_LOG_LEVEL": "WARNING"}
    environment.pop("RAPPORT_DATABASE_URL", None)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        for line in process.stdout:
            if match := re.search(r"(?:Sign in|Set up):\s+(\S+)", line):
                yield match[1]
                return
        raise SystemExit("rapport up told no address")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def pages(folder: Path) -> dict[str, str]:
    """Name and path of every page, derived from the objects and settings that are registered."""
    os.environ["RAPPORT_DATA_DIR"] = str(folder)
    from rapport.config.cli import use_django

    use_django()
    from rapport.records.accounts.caller import system
    from rapport.records.read import visible
    from rapport.registry import catalog, extensions

    found = {"home": "/", "search": "/search/?q=an", "trash": "/trash/", "jobs": "/jobs/", "profile": "/profile/"}
    for obj in catalog.current().objects.values():
        name, path = obj.plural, f"/{obj.plural}/"
        found[name] = path
        found[f"{name}-new"] = f"{path}new/"
        if obj.spec.board:
            found[f"{name}-board"] = f"{path}?layout=board"
        if obj.spec.calendar:
            found[f"{name}-calendar"] = f"{path}?layout=calendar"
        rows = visible(system(), obj.key).page(columns=(), size=1).rows
        for row in rows:
            found[f"{name}-record"] = f"{path}{row.id}/"
            found[f"{name}-edit"] = f"{path}{row.id}/edit/"
            found[f"{name}-history"] = f"{path}{row.id}/history/"
    found["settings"] = "/settings/"
    for setting in extensions.all_of(extensions.Setting):
        if "<" not in setting.path:
            found[f"settings-{setting.name}"] = f"/settings/{setting.path}"
    return {name.replace("/", "-").replace(" ", "-"): path for name, path in found.items()}


def sign_in(browser: Browser, link: str) -> StorageState:
    """What a browser keeps when it is signed in by `link`."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.locator("form button").first.click()
    page.wait_for_url(lambda address: "/sign-in/" not in address)
    state = context.storage_state()
    context.close()
    return state


def shoot(browser: Browser, link: str, wanted: dict[str, str], out: Path) -> list[str]:
    """Pictures of pages in every look, signed in by `link`; answers what did not open."""
    base = "/".join(link.split("/")[:3])
    state = sign_in(browser, link)
    failed = []
    for look, options in LOOKS.items():
        context = browser.new_context(storage_state=state, **options)  # type: ignore[arg-type]
        page = context.new_page()
        for name, path in wanted.items():
            answer = page.goto(base + path)
            if answer is None or answer.status >= 400:
                failed.append(f"{path} ({answer.status if answer else 'no answer'})")
                continue
            page.wait_for_load_state("networkidle")
            page.screenshot(path=out / f"{name}-{look}.png", full_page=look == "phone")
        context.close()
    return sorted(set(failed))


def illustrate(browser: Browser, link: str) -> list[str]:
    """The pictures of the documentation; answers those that are larger than a page should load."""
    base = "/".join(link.split("/")[:3])
    page = browser.new_page(storage_state=sign_in(browser, link), **DOCS_LOOK)  # type: ignore[arg-type]

    def take(name: str, path: str, show: str = "") -> None:
        """Of the page at hand, or of another; with `show`, an element of it is at the top."""
        if path:
            page.goto(base + path, wait_until="networkidle")
        if show:
            page.locator(show).first.evaluate("(e) => e.scrollIntoView({block: 'start', behavior: 'instant'})")
            page.mouse.wheel(0, -70)
        page.screenshot(path=DOCS / f"{name}.png")

    def first(path: str, **condition: str) -> str:
        """The address of the first record of a list."""
        page.goto(f"{base}{path}?{urlencode({'filter': json.dumps({**condition, 'op': 'is'})} if condition else {})}")
        return page.locator("tr[data-row] .row-link").first.get_attribute("href") or ""

    take("home", "/")
    take("people", "/people/?sort=-last_contact_at")
    take("person", page.locator("tr[data-row] .row-link").first.get_attribute("href") or "")
    page.locator("#compose-write-mail-tab").click()
    page.locator("#compose-write-mail form").wait_for()
    take("mail", "")
    take("leads", "/leads/")
    take("lead", "/leads/20/")
    page.set_viewport_size(WIDE)
    take("quote", first("/quotes/", field="status", value="draft"), "form[data-grid]")
    take("order", first("/orders/", field="status", value="fulfilled"))
    page.set_viewport_size(DOCS_LOOK["viewport"])  # type: ignore[arg-type]
    take("ticket", first("/tickets/", field="kind", value="complaint"))
    take("calendar", "/calendar/")
    take("forecast", "/forecast/?since=30")
    take("deals", "/deals/?layout=board")
    page.keyboard.press("Control+k")
    page.keyboard.type("winterbuorne")
    page.locator("#palette a", has_text="Winterbourne").first.wait_for()
    take("palette", "")
    take("fields", "/settings/objects/person/fields/new/")
    return sorted(str(path) for path in DOCS.glob("*.png") if path.stat().st_size > LARGEST)


def main(words: list[str]) -> int:
    """Take the pictures; exit 1 when a page did not open."""
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("make shots needs chromium (apt install chromium)", file=sys.stderr)
        return 1
    docs = words == ["docs"]
    out = DOCS if docs else OUT
    out.mkdir(parents=True, exist_ok=True)
    from tests.browser import ARGUMENTS

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "data"
        with rapport(folder, "--demo") as link:
            # Asked before Playwright starts its event loop, in which Django reads no database.
            chosen = {} if docs else {n: p for n, p in pages(folder).items() if not words or any(w in n for w in words)}
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
                if docs:
                    failed = [f"larger than {LARGEST} bytes: {path}" for path in illustrate(browser, link)]
                else:
                    failed = [f"did not open: {path}" for path in shoot(browser, link, chosen, OUT)]
                browser.close()
    print(f"{len(list(out.glob('*.png')))} pictures in {out}")
    for fault in failed:
        print(fault, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
