"""An administrator's day in a browser: set-up, a field by drag and click, and no violation that axe finds."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f
from tests.browser import Page, axe

from rapport.records.accounts import sign_in_links
from rapport.records.accounts.models import User
from rapport.records.customising.models import CustomField

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = (
    "/settings/", "/settings/users/", "/settings/users/invite/", "/settings/teams/", "/settings/roles/",
    "/settings/objects/", "/settings/objects/person/", "/settings/objects/person/fields/new/",
    "/settings/objects/person/fields/new/?type=choice", "/settings/objects/person/fields/new/?type=formula",
    "/settings/organisation/", "/settings/audit/", "/settings/health/", "/settings/pipelines/", "/jobs/", "/trash/",
    "/profile/",
)  # fmt: skip


def enter(page: Page, live: str) -> None:
    admin = f.admin()
    page.goto(f"{live}/sign-in/{sign_in_links.create(User.objects.get(pk=admin.user_id))}/")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{live}/")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_pages_are_accessible_and_fit(page: Page, live: str, width: int, scheme: Any) -> None:
    enter(page, live)
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    for path in PAGES:
        page.goto(live + path)
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path


def test_set_up_and_an_invitation(page: Page, live: str) -> None:
    page.goto(f"{live}/setup/")
    assert axe(page) == []
    page.get_by_label("Organisation").fill("Fjord Supply")
    page.get_by_label("Your name").fill("Ada Admin")
    page.get_by_label("Your e-mail").fill("ada@example.com")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(f"{live}/")
    page.goto(f"{live}/settings/users/invite/")
    page.get_by_label("E-mail").fill("tom@example.com")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Link").input_value()
    page.context.clear_cookies()
    page.goto(link)
    assert axe(page) == []
    page.get_by_label("Your name").fill("Tom")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(f"{live}/")
    assert User.objects.filter(email="tom@example.com", is_admin=False).exists()


def test_a_choice_field_by_keyboard(page: Page, live: str) -> None:
    enter(page, live)
    page.goto(f"{live}/settings/objects/person/fields/new/?type=choice")
    page.get_by_label("Name").fill("Tier")
    page.get_by_label("Option 1", exact=True).fill("Silver")
    page.get_by_label("Option 2", exact=True).fill("Gold")
    page.get_by_label("Option 2", exact=True).press("Alt+ArrowUp")
    for number, name in enumerate(("Bronze", "Tin", "Paper"), start=3):
        page.get_by_label(f"Option {number}", exact=True).fill(name)
    page.get_by_label("Option 6", exact=True).wait_for()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"{live}/settings/objects/person/")
    assert [c["value"] for c in CustomField.objects.get().choices] == ["gold", "silver", "bronze", "tin", "paper"]


def test_a_formula_is_tried_before_it_is_saved(page: Page, live: str) -> None:
    enter(page, live)
    f.make(f.admin(), "person", last_name="Noor")
    page.goto(f"{live}/settings/objects/person/fields/new/?type=formula")
    page.get_by_label("Formula").fill("length(name) +")
    page.get_by_role("button", name="Try it").click()
    page.get_by_text("this is not a formula").wait_for()
    page.get_by_label("Formula").fill("length(name) * 100")
    page.get_by_role("button", name="Try it").click()
    page.get_by_text("400").wait_for()
