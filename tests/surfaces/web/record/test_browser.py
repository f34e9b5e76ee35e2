"""A record's page in a browser: composer, inline edit, quick create, palette."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f
from tests.browser import Page, axe
from tests.contract.conftest import signed_in

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
