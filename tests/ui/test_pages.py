"""Every page of the gallery: clean for axe, fits the phone, keeps the budget of the first load."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from tests.browser import Browser, Page

PAGES = ["/", "/list/", "/empty/", "/board/", "/calendar/", "/record/", "/form/", "/form/?errors=1", "/bare/"]
FIRST_LOAD, LATER_PAGE = 160_000, 20_000

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(browser: Browser, gallery: str, scheme: str, width: int) -> None:
    from tests.browser import axe, fresh_page

    with fresh_page(browser, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
        for path in PAGES:
            page.goto(gallery + path)
            page.wait_for_selector("html[data-ready]")
            assert axe(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_open_menus_and_dialogs_are_clean_too(page: Page, gallery: str) -> None:
    from tests.browser import axe

    page.goto(gallery + "/list/")
    for opener in ("#quick-create-button", "#people-filter-button", "button:has-text('Columns')"):
        page.click(opener)
        page.wait_for_timeout(200)
        assert axe(page) == [], opener
        page.keyboard.press("Escape")
    page.click("a:has-text('New person')")
    page.wait_for_selector("#remote[open] input[name=title]")
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#sheet").is_visible()
    assert axe(page) == []


def _weigh(page: Page, gallery: str, path: str) -> int:
    """Bytes of all answers as gzip leaves them; fonts are compressed as they are."""
    seen: dict[str, int] = {}

    def note(response) -> None:
        if urlsplit(response.url).netloc == urlsplit(gallery).netloc and response.status == 200:
            body = response.body()
            packed = response.url.endswith(".woff2")
            seen[response.url] = len(body) if packed else len(gzip.compress(body, 6))

    page.on("response", note)
    page.goto(gallery + path, wait_until="networkidle")
    page.remove_listener("response", note)
    return sum(seen.values())


def test_first_load_stays_below_its_budget(browser: Browser, gallery: str) -> None:
    from tests.browser import fresh_page

    for path in ("/bare/", "/", "/record/"):
        with fresh_page(browser) as page:
            assert _weigh(page, gallery, path) <= FIRST_LOAD, path


def test_later_pages_bring_only_their_main_part(page: Page, gallery: str) -> None:
    page.goto(gallery + "/", wait_until="networkidle")
    with page.expect_response(lambda r: r.url.endswith("/list/")) as answer:
        page.click("nav a:has-text('People')")
    html = answer.value.text()
    assert "<html" not in html
    assert len(gzip.compress(html.encode(), 6)) <= LATER_PAGE
    page.wait_for_selector("h1:has-text('People')")
    assert page.title() == "People · Rapport"
    assert page.get_attribute("nav a:has-text('People')", "aria-current") == "page"
    page.go_back()
    page.wait_for_selector("h1:has-text('Components')")
    assert urlsplit(page.url).path == "/"


def test_a_theme_is_kept_and_rendered_by_the_server(page: Page, gallery: str) -> None:
    page.goto(gallery + "/")
    page.click("[data-theme-switch]")
    page.click("[data-theme-switch]")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.reload()
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_a_failing_server_is_told_and_nothing_is_lost(browser: Browser, gallery: str) -> None:
    from tests.browser import launch  # noqa: F401

    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(gallery + "/")
        page.click("a:has-text('Broken page')")
        page.wait_for_selector(".toast.is-error")
        assert page.locator("h1").inner_text() == "Components"
        page.route("**/list/", lambda route: route.abort())
        page.click("nav a:has-text('People')")
        page.wait_for_selector(".toast:has-text('reached')")
    finally:
        context.close()
