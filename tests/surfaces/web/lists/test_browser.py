"""Lists in a browser: what is chosen, in a list and in a grouped one."""

from __future__ import annotations

import pytest
from tests.browser import Page
from tests.surfaces.web.lists.conftest import Office

from rapport.records import write
from rapport.records.read import visible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter(page: Page, live: str, office: Office) -> None:
    session = office.client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])


def firms(office: Office, count: int, industry: str) -> None:
    write.create_many(
        office.admin, "company", [{"name": f"{industry} {n}", "industry": industry} for n in range(count)]
    )


def test_all_records_of_a_grouped_list_can_be_chosen(page: Page, live: str, office: Office) -> None:
    firms(office, 60, "retail")
    firms(office, 2, "media")
    enter(page, live, office)
    page.goto(f"{live}/companies/?group=industry")
    page.click("#list-companies-g1 summary")
    page.wait_for_selector("#list-companies-g1 tr[data-row]")
    page.check("#list-companies-g1 [data-select-all]")
    count = page.locator(".bulk [data-count]")
    first = int(count.inner_text().split()[0])
    assert first in (2, 50)
    assert page.locator(".bulk [data-choose-all]").is_hidden()
    page.click(".bulk [data-choose-shown]")
    assert int(count.inner_text().split()[0]) >= 52
    page.click(".bulk [data-choose-all]")
    assert count.inner_text() == "All that match"
    page.click(".bulk .is-danger")
    page.click("dialog[open] button:text-is('Delete')")
    page.wait_for_selector(".toast")
    assert visible(office.admin, "company").count() == 0


def test_one_row_less_is_no_longer_everything(page: Page, live: str, office: Office) -> None:
    firms(office, 3, "retail")
    enter(page, live, office)
    page.goto(f"{live}/companies/")
    page.check("table [data-select-all]")
    assert page.locator(".bulk [data-choose-shown]").is_hidden()
    page.click(".bulk [data-choose-all]")
    page.uncheck("tbody input >> nth=0")
    assert page.inner_text(".bulk [data-count]") == "2 selected"
    assert page.locator(".bulk [data-all]").input_value() == ""
