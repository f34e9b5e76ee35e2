"""A migration by clicks: every state of its page is readable at the desk and on a phone, by day and by night."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests import factories as f
from tests.apps.migration.moving import colleague
from tests.apps.migration.test_pages import packed
from tests.browser import Page, axe
from tests.surfaces.web.lists.conftest import client_of

from rapport.records.jobs.worker import drain

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_export_is_brought_over_by_clicks(page: Page, live: str, tmp_path: Path) -> None:
    admin = f.admin()
    colleague("Lena Brandt", "lena@acme.example")
    session = client_of(admin).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    path = tmp_path / "export.zip"
    path.write_bytes(packed("hubspot"))

    page.goto(f"{live}/settings/migrate/")
    assert axe(page) == []
    page.set_input_files("#migration-file", str(path))
    page.click("main button:has-text('Upload')")
    page.wait_for_selector("text=Looking through the files")
    assert axe(page) == []
    drain()
    page.wait_for_selector("text=Whose records they are")
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.reload()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        _shot(page, f"plan-{width}-{scheme}")
    page.focus("button:has-text('Bring it over')")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Bringing it over")
    assert axe(page) == []
    drain()
    page.wait_for_selector("text=records were brought over.")
    assert axe(page) == []
    _shot(page, "done")
    page.goto(f"{live}/settings/migrate/")
    assert page.locator("td:has-text('export.zip')").count() == 1
    assert axe(page) == []


def _shot(page: Page, name: str) -> None:
    if folder := os.environ.get("MIGRATION_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
