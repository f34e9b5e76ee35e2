"""The tour in a browser: by keyboard, marking what it speaks of, at desk and phone width, accessible."""

from __future__ import annotations

import pytest
from tests import factories as f
from tests.browser import Page, axe, until
from tests.contract.conftest import signed_in

from rapport.records import write
from rapport.records.accounts import epochs
from rapport.records.accounts.caller import Caller
from rapport.records.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada(page: Page, live: str) -> Caller:
    admin = f.admin()
    session = signed_in(admin).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    f.make(admin, "person", first_name="Noor", last_name="Okafor")
    pipeline = write.create(admin, "pipeline", {"name": "Sales"})
    write.create(admin, "stage", {"name": "New", "pipeline": pipeline, "position": 0})
    return admin


def test_the_tour_goes_by_keyboard_and_waits_when_it_is_left(page: Page, live: str, ada: Caller) -> None:
    page.goto(f"{live}/")
    page.locator("#user-menu-button").click()
    page.get_by_role("menuitem", name="Guided tour").click()
    page.get_by_role("button", name="Start the tour").click()
    title = page.locator("[data-tour-title]")
    for name, marked in (
        ("Home", ".home"), ("A customer, whole", ".timeline"), ("Log a call", "[data-composer]"),
        ("Deals on a board", "[data-board]"),
    ):  # fmt: skip
        until(page, "(name) => document.activeElement?.textContent === name", name)
        page.locator(f"{marked}.is-toured").wait_for()
        assert "#tour" not in page.url
        if marked != "[data-board]":
            page.locator("#tour").get_by_role("button", name="Next").focus()
            page.keyboard.press("Enter")
    page.get_by_role("link", name="People", exact=True).first.click()
    page.wait_for_url("**/people/")
    page.locator(".is-toured").wait_for(state="detached")
    page.locator("#tour").get_by_role("link", name="Show me").click()
    page.locator("[data-board].is-toured").wait_for()
    title.focus()
    page.keyboard.press("Escape")
    title.wait_for(state="detached")
    assert page.locator(".is-toured").count() == 0
    page.locator(".toast").get_by_role("link", name="Go on").click()
    page.locator("main").get_by_role("button", name="Go on").click()
    until(page, "() => document.activeElement?.textContent === 'Deals on a board'")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_every_station_is_accessible_also_in_german(
    page: Page, live: str, ada: Caller, width: int, scheme: str
) -> None:
    User.objects.filter(pk=ada.user_id).update(language="de")
    epochs.raise_(epochs.RIGHTS)
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{live}/tour/")
    assert axe(page) == []
    page.get_by_role("button", name="Rundgang beginnen").click()
    seen = []
    while True:
        page.locator("[data-tour-title]").wait_for()
        page.wait_for_load_state("networkidle")
        seen.append(page.locator("[data-tour-title]").inner_text())
        assert axe(page) == [], seen[-1]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if page.locator("#tour").get_by_role("button", name="Weiter").count() == 0:
            break
        page.locator("#tour").get_by_role("button", name="Weiter").click()
        until(page, "(t) => document.querySelector('[data-tour-title]')?.textContent !== t", seen[-1])
    assert len(seen) == 8
    page.locator("#tour").get_by_role("button", name="Fertig").click()
    page.locator(".toast").wait_for()
    assert page.locator("#tour").count() == 0
