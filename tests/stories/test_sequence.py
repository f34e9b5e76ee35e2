"""A sequence from its first step to the answer that stops it: at a desk and on a phone, with a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.smtp import Server, serving

from rapport.apps.sequences import advancing
from rapport.records import write
from rapport.records.accounts.caller import Caller, system
from rapport.records.jobs import worker
from rapport.records.read import visible

if TYPE_CHECKING:
    from tests.browser import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


class Context:
    """What the job tells how far it is."""

    def progress(self, done: int, total: int | None = None) -> None:
        """Nobody looks."""


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with serving(settings) as running:
        yield running


@pytest.fixture
def seller(live: str) -> Caller:
    """Whoever works with the page; a customer is known."""
    found = f.user("Priya Nair", admin=True)
    person = {"first_name": "Noor", "last_name": "Haddad", "emails": [{"value": "noor@nordwind.example"}]}
    write.create(system(), "person", person)
    return found


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser, live: str, seller: Caller) -> Iterator[Page]:
    """The page of the seller."""
    from tests.browser import fresh_page

    with fresh_page(browser, viewport=SIZES[request.param], base_url=live) as opened:
        cookie = signed_in(seller).cookies["sessionid"].value
        opened.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live}])
        yield opened


def add_step(page: Page, **values: str) -> None:
    """Add a step in its dialog."""
    page.get_by_role("link", name="Add a step").first.click()
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=day]").wait_for()
    for name, value in values.items():
        control = dialog.locator(f"[name={name}]")
        if name == "kind":
            control.select_option(value)
        else:
            control.fill(value)
    dialog.get_by_role("button", name="Save").click()
    page.locator("main table", has_text=values["subject"].partition("{{")[0].strip()).wait_for()


def test_from_the_first_step_to_an_answer(page: Page, seller: Caller, server: Server) -> None:
    person = visible(system(), "person").ids()[0]
    sequence = write.create(seller, "sequence", {"name": "First contact", "days": "calendar", "hour": 0})
    page.goto(f"/sequences/{sequence}/")
    page.get_by_text("No steps yet").wait_for()
    add_step(page, kind="mail", day="0", subject="Hello {{ person.first_name }}", body="How are you?")
    add_step(page, kind="call", day="2", subject="Call them")
    up = page.get_by_role("button", name="Move up: Call them")
    up.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move down: Call them").wait_for()
    page.get_by_role("button", name="Move down: Call them").click()
    page.get_by_role("button", name="Move up: Call them").wait_for()

    page.goto(f"/people/{person}/")
    page.locator("#record-head").get_by_role("link", name="Start sequence").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("[role=combobox]").first.fill("First")
    page.locator("[role=option]", has_text="First contact").first.click()
    dialog.get_by_role("button", name="Start sequence").click()
    page.locator(".sequence-running", has_text="Next: Hello Noor").wait_for()

    assert advancing.advance(Context()) == 1
    assert server.taken == []
    page.goto("/")
    page.locator("a[href*='/draft/']", has_text="Hello Noor").click()
    page.wait_for_url("**/draft/**")
    page.locator("textarea[name=body]").fill("How are you, Noor?")
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url(lambda address: "/draft/" not in address)
    worker.drain()
    assert [mail["To"] for mail in server.taken] == ["noor@nordwind.example"]
    page.goto(f"/people/{person}/")
    page.locator("#timeline", has_text="How are you, Noor?").wait_for()

    answer = {"kind": "mail", "direction": "in", "subject": "Re: Hello Noor", "body": "Fine!", "people": [person]}
    write.create(seller, "interaction", answer)
    worker.drain()
    page.goto(f"/people/{person}/")
    page.locator("#timeline", has_text="An answer stopped First contact").wait_for()
    assert page.locator(".sequence-running").count() == 0
    page.goto(f"/sequences/{sequence}/")
    row = page.locator("main tbody tr", has_text="Hello")
    assert [cell.inner_text() for cell in row.locator("td.num").all()] == ["0", "1", "0", "1"]
