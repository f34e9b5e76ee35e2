"""A record's page in a browser: composer, inline edit, quick create, palette."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f
from tests.browser import Page, axe
from tests.contract.conftest import signed_in

from rapport.records import write

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_call_is_logged_a_field_edited_and_a_deal_added_without_leaving_the_page(page: Page, live: str) -> None:
    ada: Any = f.admin()
    noor = f.make(ada, "person", first_name="Noor", last_name="Okafor")
    f.make(ada, "stage", name="Qualify")
    session = signed_in(ada).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    page.goto(f"{live}/people/{noor}/")
    page.click("#compose-call-tab")
    page.fill("#call-body", "Budget **approved**")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".entry strong:has-text('approved')")
    page.click(".more-fields summary")
    page.click("#field-job .details-edit")
    page.fill("#i-job", "Head of operations")
    page.keyboard.press("Enter")
    page.wait_for_selector(".record-sub:has-text('Head of operations')")
    page.click("a[href^='/deals/quick/?person=']")
    page.fill("#q-name", "Fleet tracking")
    page.click("#remote button.btn-primary")
    page.wait_for_selector(".related:has-text('Fleet tracking')")
    assert axe(page) == []


def test_another_pipeline_brings_its_stages(page: Page, live: str) -> None:
    ada: Any = f.admin()
    sales, partners = (write.create(ada, "pipeline", {"name": name}) for name in ("Sales", "Partners"))
    stages = {
        name: write.create(ada, "stage", {"name": name, "pipeline": pipeline, "position": position})
        for position, (name, pipeline) in enumerate([("New", sales), ("Offer", sales), ("Asked", partners)])
    }
    deal = write.create(ada, "deal", {"name": "Fleet", "pipeline": sales, "stage": stages["Offer"]})
    session = signed_in(ada).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    page.goto(f"{live}/deals/{deal}/edit/")
    page.wait_for_selector("[data-field=stage] .has-value")

    def offered() -> list[str]:
        page.click("#f-stage")
        page.wait_for_selector("#f-stage-list [role=option]")
        found = page.locator("#f-stage-list [role=option]")
        return [str(found.nth(n).get_attribute("data-label")) for n in range(found.count())]

    assert offered() == ["New", "Offer"]
    page.fill("#f-pipeline", "Part")
    page.click("#f-pipeline-list [role=option]")
    page.wait_for_selector(f"[name=stage][value='{stages['Asked']}']", state="attached")
    assert offered() == ["Asked"]
    page.click("main form button[type=submit] >> nth=-1")
    page.wait_for_url(f"{live}/deals/{deal}/")
    assert f.write_values(ada, "deal", deal)["stage"] == stages["Asked"]


def test_on_a_phone_the_step_that_is_now_stands_in_sight(page: Page, live: str) -> None:
    ada: Any = f.admin()
    pipeline = write.create(ada, "pipeline", {"name": "Sales"})
    stages = [
        write.create(ada, "stage", {"name": f"Stage {n}", "pipeline": pipeline, "position": n, "outcome": outcome})
        for n, outcome in enumerate([*["open"] * 7, "won"])
    ]
    session = signed_in(ada).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    page.set_viewport_size({"width": 390, "height": 844})
    for stage in (stages[0], stages[5], stages[7]):
        deal = write.create(ada, "deal", {"name": "Fleet", "pipeline": pipeline, "stage": stage})
        page.goto(f"{live}/deals/{deal}/")
        page.wait_for_selector("html[data-ready]")
        box = page.locator(".step[aria-current]").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_someone_who_is_there_already_is_told_while_typing_and_used(
    page: Page, live: str, width: int, scheme: Any
) -> None:
    ada: Any = f.admin()
    anna = f.make(ada, "person", first_name="Anna", last_name="Schmidt", emails="anna@example.com")
    page.context.add_cookies([{"name": "sessionid", "value": signed_in(ada).cookies["sessionid"].value, "url": live}])
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live}/people/new/")
    page.get_by_label("First name").fill("Anna")
    page.get_by_label("Last name").fill("Schmidt")
    page.keyboard.press("Tab")
    page.wait_for_selector(".alike a:has-text('Anna Schmidt')")
    assert page.get_by_role("status").filter(has_text="This may be there already.").count() == 1
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Job").fill("Pilot")
    page.get_by_role("button", name="Use this one: Anna Schmidt").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/people/{anna}/")
    page.wait_for_selector(".record-sub:has-text('Pilot')")
