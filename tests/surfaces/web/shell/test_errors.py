"""What goes wrong on the way is told beside the page, which stays with everything that was typed on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.template.loader import render_to_string
from tests import factories as f
from tests.browser import Page
from tests.contract.conftest import signed_in

from rapport.records.read import visible

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("status", [500, 503, 403, 400])
def test_the_page_and_what_was_typed_stay(page: Page, live: str, status: int) -> None:
    ada = f.admin()
    person = f.make(ada, "person", last_name="Okafor")
    session = signed_in(ada).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    context = {"status": status, "title": "It broke", "text": "Try again in a moment.", "request_id": "n7"}
    body = render_to_string("web/error.html", context)

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=status, body=body, content_type="text/html")
        else:
            route.continue_()

    for path, field, button in (
        (f"/people/{person}/", page.locator("[data-composer] textarea").first, "[data-composer] button[type=submit]"),
        ("/people/new/", page.get_by_label("Last name").first, "main form .form-actions button[type=submit]"),
    ):
        page.goto(live + path)
        page.wait_for_load_state("networkidle")
        field.fill("What I typed")
        page.route("**/*", answer)
        page.locator(button).first.click()
        toast = page.locator(".toast.is-error")
        toast.first.wait_for()
        assert "It broke. Try again in a moment." in toast.first.inner_text()
        assert page.locator(".toast.is-error").count() == 1
        assert page.url == live + path
        assert field.input_value() == "What I typed"
        page.unroute("**/*")
    assert visible(ada, "person").count() == 1


def test_a_page_that_fails_leaves_the_one_before(page: Page, live: str) -> None:
    session = signed_in(f.admin()).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    page.goto(f"{live}/people/")
    page.wait_for_load_state("networkidle")
    body = render_to_string("web/error.html", {"status": 500, "title": "It broke", "text": "Try again."})
    page.route("**/companies/", lambda route: route.fulfill(status=500, body=body, content_type="text/html"))
    page.locator("[data-nav] a[href='/companies/']").click()
    page.locator(".toast.is-error").wait_for()
    assert page.url == f"{live}/people/"
    # What isn't there is said on a page of its own: that is where one wanted to go.
    gone = render_to_string("web/error.html", {"status": 404, "title": "There is nothing here", "text": "Gone."})
    page.unroute("**/companies/")
    page.route("**/companies/", lambda route: route.fulfill(status=404, body=gone, content_type="text/html"))
    page.locator("[data-nav] a[href='/companies/']").click()
    page.get_by_role("heading", name="There is nothing here").wait_for()
