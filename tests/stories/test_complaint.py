"""From a complaint to a satisfied customer, with a colleague: at a desk and on a phone, in English and German."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests import factories as f
from tests.stories.desk import VARIANTS, Desk, desk_of

from rapport.features.notifications import reading
from rapport.records import write
from rapport.records.accounts.caller import Caller, system
from rapport.records.jobs import worker

if TYPE_CHECKING:
    from tests.browser import Browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SUBJECT = "Third outage in a month"


@pytest.fixture(params=VARIANTS)
def desk(request: pytest.FixtureRequest, browser: Browser, live: str) -> Iterator[Desk]:
    """An agent's page; a customer is known."""
    agent = f.user("Priya Nair", admin=True)
    company = write.create(system(), "company", {"name": "Nordwind Logistik"})
    write.create(system(), "person", {"first_name": "Noor", "last_name": "Haddad", "company": company})
    with desk_of(browser, live, agent, request.param) as opened:
        yield opened


def it_is_taken_up(desk: Desk) -> None:
    """On the page of whoever complains."""
    desk.open(f"/people/{desk.only('person')['id']}/")
    desk.enter("ticket").fill(SUBJECT)
    desk.page.locator("#compose-ticket select[name=kind]").select_option("complaint")
    desk.send("ticket")
    desk.told(desk.say("{who} took up the complaint {ticket}", who="Priya Nair", ticket=SUBJECT))
    desk.shot("taken up")
    ticket = desk.only("ticket")
    assert (ticket["kind"], ticket["person"]) == ("complaint", desk.only("person")["id"])


def a_colleague_is_asked(desk: Desk, colleague: Caller) -> None:
    """By a mention, chosen by keyboard; the answer is a notification."""
    ticket = desk.only("ticket")["id"]
    desk.open(f"/tickets/{ticket}/")
    field = desk.enter("comment")
    desk.page.keyboard.type("Can you look, @ben", delay=30)
    desk.page.locator("[role=option]", has_text="Ben Olsen").wait_for()
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.type("please?")
    assert field.input_value() == "Can you look, @Ben Olsen please?"
    desk.shot("mention")
    desk.send("comment")
    desk.told("Can you look, @Ben Olsen please?")
    worker.drain()
    assert [(n.kind, n.record_id) for n in reading.page(colleague)] == [("mention", ticket)]

    write.create(colleague, "comment", {"object_key": "ticket", "record_id": ticket, "body": "A router, replaced."})
    desk.notified(desk.say("{who} commented on {record}", who="Ben Olsen", record=SUBJECT))
    desk.arrive(f"/tickets/{ticket}/")
    assert reading.unread(desk.caller.user_id) == 0


def it_is_answered_and_solved(desk: Desk) -> None:
    """The first answer opens the ticket; solving it asks what was done."""
    desk.enter("ticket-answer").fill("I am sorry. The router has been replaced.")
    desk.send("ticket-answer")
    desk.told("The router has been replaced.")
    assert desk.only("ticket")["status"] == "open"
    solve = desk.say("Solve")
    desk.page.locator("#record-head").get_by_role("link", name=solve).click()
    dialog = desk.page.locator("dialog[open]")
    dialog.get_by_role("button", name=solve).click()
    dialog.locator("[aria-invalid=true]").wait_for()
    desk.shot("what was done")
    dialog.locator("textarea").fill("Router replaced, one month credited")
    dialog.get_by_role("button", name=solve).click()
    desk.told("Router replaced, one month credited")
    desk.shot("solved")
    assert desk.only("ticket")["status"] == "solved"


def the_customer_is_satisfied(desk: Desk) -> None:
    """The page of the customer says how it ended."""
    answer = {"score": 5, "ticket": desk.only("ticket")["id"], "comment": "Quick and friendly"}
    write.create(desk.caller, "surveyanswer", answer)
    desk.open(f"/people/{desk.only('person')['id']}/")
    desk.told("Quick and friendly")
    desk.shot("satisfied")
    panel = desk.page.locator(".panel-part", has_text=desk.say("No open tickets"))
    assert panel.get_by_text(desk.say("%(mean)s of %(highest)d", mean=5, highest=5)).is_visible()
    timeline = desk.page.locator("#timeline").inner_text()
    told = ["Quick and friendly", "one month credited", "The router has been replaced.", SUBJECT]
    assert all(text in timeline for text in told), timeline


def test_a_complaint_ends_well(desk: Desk) -> None:
    colleague = f.user("Ben Olsen", admin=True)
    it_is_taken_up(desk)
    a_colleague_is_asked(desk, colleague)
    it_is_answered_and_solved(desk)
    the_customer_is_satisfied(desk)
