"""A stranger books a time: the page is opened in the settings, the meeting and its invitation come by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests import factories as f
from tests.smtp import Server, serving
from tests.stories.desk import SIZES, Desk, desk_of

from rapport.records.jobs import worker

if TYPE_CHECKING:
    from tests.browser import Browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with serving(settings) as running:
        yield running


@pytest.fixture(params=["desk-en", "phone-de"])
def desk(request: pytest.FixtureRequest, browser: Browser, live: str) -> Iterator[Desk]:
    """The page of whoever is to be met."""
    with desk_of(browser, live, f.user("Priya Nair", admin=True), request.param) as opened:
        yield opened


def test_a_stranger_books_a_time(desk: Desk, browser: Browser, server: Server) -> None:
    from tests.browser import axe, fresh_page

    desk.open("/settings/my-calendar/")
    desk.page.locator("[name=active]").check()
    with desk.shown_anew():
        desk.page.locator("form:has([name=slug])").get_by_role("button", name=desk.say("Save")).click()
    address = desk.page.locator("a[href*='/book/']").get_attribute("href")
    assert address

    with fresh_page(browser, viewport=SIZES[desk.variant.partition("-")[0]]) as stranger:
        stranger.goto(address)
        assert axe(stranger) == []
        days = stranger.locator(".day-choice")
        assert days.evaluate_all("all => all.filter(d => d.open).length") == 1
        days.nth(1).locator("summary").click()
        assert days.evaluate_all("all => all.findIndex(d => d.open)") == 1
        days.nth(1).locator("input[name=at]").first.check()
        desk.shot_of(stranger, "chosen")
        stranger.locator("[name=name]").fill("Wanda Stern")
        stranger.locator("form .btn-primary").click()
        stranger.locator("[aria-invalid=true]").wait_for()
        assert days.nth(1).locator("input[name=at]").first.is_checked()
        assert days.evaluate_all("all => all.findIndex(d => d.open)") == 1
        stranger.locator("[name=email]").fill("wanda@stern.example")
        stranger.locator("form .btn-primary").click()
        stranger.locator("[role=status]").wait_for()
        desk.shot_of(stranger, "booked")

    worker.drain()
    assert [mail["To"] for mail in server.taken] == ["wanda@stern.example"]
    assert "text/calendar" in [part.get_content_type() for part in server.taken[0].walk()]
    desk.open(f"/people/{desk.only('person')['id']}/")
    desk.told("Wanda Stern")
    assert desk.only("interaction")["kind"] == "meeting"
