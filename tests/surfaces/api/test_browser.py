"""The page of the API and the pages of tokens in a browser: accessible, and no wider than the screen."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f
from tests.browser import Page, axe

from rapport.records.accounts import api_tokens, sign_in_links
from rapport.records.accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ("/api/v1/docs/", "/api/v1/docs/?about=Companies", "/settings/tokens/", "/settings/tokens/new/")
SCREENS: tuple[tuple[int, Any], ...] = ((1280, "light"), (1280, "dark"), (390, "light"))


def test_pages_are_accessible_and_fit(page: Page, live: str) -> None:
    ada = f.admin()
    api_tokens.create(ada, name="Shop", scopes=("write",))
    page.goto(f"{live}/sign-in/{sign_in_links.create(User.objects.get(pk=ada.user_id))}/")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{live}/")
    for width, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        for path in PAGES:
            page.goto(live + path)
            assert axe(page) == [], (path, width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), (path, width)
