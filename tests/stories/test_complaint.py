"""From a complaint to a satisfied customer, with a colleague's help: at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.features.notifications import reading
from rapport.records import write
from rapport.records.accounts.caller import Caller, system
from rapport.records.jobs import worker
from rapport.records.read import visible

if TYPE_CHECKING:
    from playwright.sync_api import Locator
    from tests.browser import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


class Desk:
    """The page of one user, and the database behind it."""

    def __init__(self, page: Page, url: str, caller: Caller) -> None:
        self.page, self.url, self.caller = page, url, caller
        cookie = signed_in(caller).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": url}])

    def open(self, path: str) -> None:
        """Go to a page and wait until its scripts stand."""
        self.page.goto(self.url + path)
        self.page.wait_for_load_state("networkidle")

    def enter(self, tab: str) -> Locator:
        """Open a tab of the composer: its large field, which has the focus."""
        self.page.locator(f"#compose-{tab}-tab").click()
        field = self.page.locator(f"#compose-{tab} form").locator("textarea, input[type=text]").first
        field.wait_for()
        field.click()
        return field

    def send(self, tab: str) -> None:
        """Send what was written by keyboard; the server takes it."""
        with self.page.expect_response(lambda answer: f"/compose/{tab}/" in answer.url) as sent:
            self.page.keyboard.press("Control+Enter")
        assert sent.value.ok

    def told(self, text: str) -> None:
        """Wait until the timeline says it."""
        self.page.locator("#timeline", has_text=text).wait_for()

    def status(self) -> str:
        """Where the one ticket stands."""
        ids = visible(system(), "ticket").ids()
        return str(visible(system(), "ticket").get(ids[0]).values["status"])


@pytest.fixture(params=SIZES)
def desk(request: pytest.FixtureRequest, browser: Browser, live: str) -> Iterator[Desk]:
    """An agent's page; a customer is known."""
    from tests.browser import fresh_page

    agent = f.user("Priya Nair", admin=True)
    company = write.create(system(), "company", {"name": "Nordwind Logistik"})
    write.create(system(), "person", {"first_name": "Noor", "last_name": "Haddad", "company": company})
    with fresh_page(browser, viewport=SIZES[request.param]) as page:
        yield Desk(page, live, agent)


def test_a_complaint_ends_well(desk: Desk) -> None:
    page = desk.page
    colleague = f.user("Ben Olsen", admin=True)
    person = visible(system(), "person").ids()[0]
    desk.open(f"/people/{person}/")
    desk.enter("ticket").fill("Third outage in a month")
    page.locator("#compose-ticket select[name=kind]").select_option("complaint")
    desk.send("ticket")
    desk.told("took up the complaint Third outage in a month")
    ticket = visible(system(), "ticket").ids()[0]

    desk.open(f"/tickets/{ticket}/")
    field = desk.enter("comment")
    page.keyboard.type("Can you look, @ben", delay=30)
    page.locator("[role=option]", has_text="Ben Olsen").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("please?")
    assert field.input_value() == "Can you look, @Ben Olsen please?"
    desk.send("comment")
    desk.told("Can you look, @Ben Olsen please?")
    worker.drain()
    assert [(n.kind, n.record_id) for n in reading.page(colleague)] == [("mention", ticket)]

    write.create(colleague, "comment", {"object_key": "ticket", "record_id": ticket, "body": "A router, replaced."})
    worker.drain()
    desk.open("/notifications/")
    assert page.locator("#bell", has_text="1").is_visible()
    page.get_by_role("button", name="Ben Olsen commented on Third outage in a month").click()
    page.wait_for_url(f"**/tickets/{ticket}/")
    assert reading.unread(desk.caller.user_id) == 0

    desk.enter("ticket-answer").fill("I am sorry. The router has been replaced.")
    desk.send("ticket-answer")
    desk.told("The router has been replaced.")
    assert desk.status() == "open"
    page.locator("#record-head").get_by_role("link", name="Solve").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="Solve").click()
    dialog.locator("[aria-invalid=true]").wait_for()
    dialog.locator("textarea").fill("Router replaced, one month credited")
    dialog.get_by_role("button", name="Solve").click()
    desk.told("Router replaced, one month credited")
    assert desk.status() == "solved"

    write.create(desk.caller, "surveyanswer", {"score": 5, "ticket": ticket, "comment": "Quick and friendly"})
    desk.open(f"/people/{person}/")
    desk.told("Quick and friendly")
    panel = page.locator(".panel-part", has_text="Service")
    assert panel.get_by_text("5 of 5").is_visible()
    assert panel.get_by_text("No open tickets").is_visible()
