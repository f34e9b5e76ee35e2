"""Two people turn out to be one, and then were two after all: chosen by keyboard, taken back from the history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests import factories as f
from tests.stories.desk import Desk, desk_of

from rapport.records import write
from rapport.records.read import visible

if TYPE_CHECKING:
    from tests.browser import Browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["desk-en", "phone-de"])
def desk(request: pytest.FixtureRequest, browser: Browser, live: str) -> Iterator[Desk]:
    """The page of whoever finds them."""
    with desk_of(browser, live, f.user("Priya Nair", admin=True), request.param) as opened:
        yield opened


def test_two_become_one_and_two_again(desk: Desk) -> None:
    from tests.browser import axe

    ada = desk.caller
    first = write.create(ada, "person", {"first_name": "Nora", "last_name": "Vogt", "emails": ["n@vogt.example"]})
    second = write.create(ada, "person", {"first_name": "Nore", "last_name": "Vogt", "emails": ["v@vogt.example"]})
    write.create(ada, "task", {"subject": "Call back", "person": second})
    desk.open("/people/?sort=name")
    for box in desk.page.locator("input[type=checkbox][name=ids]").all():
        box.check()
    desk.page.locator(".bulk").get_by_role("button", name=desk.say("Merge"), exact=True).click()
    desk.page.locator(".merge-records").wait_for()
    desk.quiet()
    assert axe(desk.page) == []
    desk.shot("side-by-side")
    desk.page.locator(f"input[name=f-first_name][value='{first}']").focus()
    desk.page.keyboard.press("Space")
    with desk.shown_anew():
        desk.page.locator("main form .btn-primary").click()
    survivor = visible(ada, "person").ids()
    assert len(survivor) == 1
    desk.arrive(f"/people/{survivor[0]}/")
    found = visible(ada, "person").get(survivor[0])
    assert found.title == "Nora Vogt"
    assert len(found.values["emails"]) == 2
    assert visible(ada, "task").page(columns=("person",)).rows[0].values["person"] == survivor[0]
    desk.shot("merged")
    gone = first + second - survivor[0]
    desk.open(f"/people/{gone}/")
    desk.arrive(f"/people/{survivor[0]}/")
    desk.open(f"/people/{survivor[0]}/history/")
    assert axe(desk.page) == []
    desk.shot("history")
    with desk.shown_anew():
        desk.page.get_by_role("button", name=desk.say("Un-merge")).click()
    assert visible(ada, "person").ids() == [first, second]
    assert visible(ada, "task").page(columns=("person",)).rows[0].values["person"] == second
