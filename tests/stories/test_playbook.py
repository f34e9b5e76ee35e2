"""A playbook from its making to its answers, on a deal and beside a call: at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests import factories as f
from tests.stories.desk import Desk, desk_of

from rapport.lib.money import Money
from rapport.records import write
from rapport.records.accounts.caller import system
from rapport.records.read import visible

if TYPE_CHECKING:
    from tests.browser import Browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["desk-en", "phone-de"])
def desk(request: pytest.FixtureRequest, browser: Browser, live: str) -> Iterator[Desk]:
    """The page of who sells; a deal is in talks with a customer."""
    seller = f.user("Priya Nair", admin=True)
    pipeline = f.make(system(), "pipeline", name="Sales")
    talks = f.make(system(), "stage", name="Talks", pipeline=pipeline, position=1, outcome="open")
    person = write.create(system(), "person", {"first_name": "Noor", "last_name": "Haddad"})
    write.create(seller, "deal", {"name": "Vans", "stage": talks, "amount": "5 EUR", "people": [person]})
    with desk_of(browser, live, seller, request.param) as opened:
        yield opened


def it_is_made(desk: Desk) -> None:
    """In the settings: for deals in talks and for calls, with one question that fills the amount."""
    page = desk.page
    desk.open("/settings/playbooks/")
    page.locator("#new-playbook").fill("Talks")
    with desk.shown_anew():
        page.get_by_role("button", name=desk.say("Create")).click()
    page.get_by_label("Sales: Talks", exact=True).check(force=True)
    page.get_by_label(desk.say("Call"), exact=True).check(force=True)
    if page.locator(".play-edit").count() == 0:
        page.get_by_role("button", name=desk.say("Add a step")).click()
    step = page.locator(".play-edit").first
    step.locator("[name$=-name]").fill("Which price?")
    step.locator("[name$=-wording]").fill("Let us **put a number** to it.")
    step.locator("[name$=-reply]").select_option("number")
    step.locator("[name$=-fills]").select_option("deal.amount")
    desk.shot("made")
    with desk.shown_anew():
        page.get_by_role("button", name=desk.say("Save"), exact=True).click()
    assert len(visible(system(), "playbook_step").ids()) == 1


def it_is_answered_on_the_deal(desk: Desk) -> None:
    """In place; the answer stands there in the words of the reader, and in the deal."""
    deal = desk.only("deal")["id"]
    desk.open(f"/deals/{deal}/")
    play = desk.page.locator(".play", has_text="Which price?")
    assert play.locator("strong", has_text="put a number").is_visible()
    desk.shot("asked")
    play.locator("input:visible").fill("1250")
    play.get_by_role("button", name=desk.say("Save answer")).click()
    said = {"en": "1,250", "de": "1.250"}[desk.language]
    desk.page.locator(".play-said", has_text=said).wait_for()
    desk.page.locator(".play", has_text=desk.say("%(done)d of %(all)d answered", done=1, all=1)).wait_for()
    desk.shot("answered")
    assert desk.only("deal")["amount"] == Money(125_000, "EUR")


def it_stands_beside_a_call(desk: Desk) -> None:
    """It opens by its heading, and what is answered is kept with the call; the moment may stay empty."""
    desk.open(f"/people/{desk.only('person')['id']}/")
    desk.enter("call").fill("We talked about the price.")
    form = desk.page.locator("#compose-call form")
    form.locator(".play > summary").click()
    form.locator(".play-ask input:visible").fill("1300")
    desk.shot("beside a call")
    desk.page.locator("#compose-call form textarea").first.focus()
    desk.send("call")
    desk.told("We talked about the price.")
    rows = visible(system(), "playbook_answer").page(columns=("value", "interaction")).rows
    assert [row.values["value"] for row in rows if row.values["interaction"]] == ["1300"]


def test_a_playbook_is_made_and_followed(desk: Desk) -> None:
    it_is_made(desk)
    it_is_answered_on_the_deal(desk)
    it_stands_beside_a_call(desk)
