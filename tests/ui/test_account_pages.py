"""allauth's pages stand in the same look: clean for axe, on the phone too, under the strict content policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser import Browser

pytestmark = pytest.mark.browser
BEFORE = ["login/", "password/reset/", "signup/"]
AFTER = ["email/", "password/change/", "2fa/", "sessions/", "3rdparty/", "reauthenticate/", "2fa/webauthn/", "logout/"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_account_pages(browser: Browser, gallery: str, scheme: str, width: int) -> None:
    from tests.browser import axe, fresh_page

    with fresh_page(browser, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:

        def check(path: str) -> None:
            page.goto(f"{gallery}/accounts/{path}")
            assert page.locator("main.account").count() == 1, path
            assert axe(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path

        for path in BEFORE:
            check(path)
        check("login/")
        page.fill("[name=login]", "mia@example.org")
        page.fill("[name=password]", "wrong")
        page.press("[name=password]", "Enter")
        page.wait_for_selector(".errorlist")
        assert axe(page) == []
        page.fill("[name=password]", "correct horse battery")
        page.press("[name=password]", "Enter")
        page.wait_for_selector("h1:has-text('Components')")
        for path in AFTER:
            check(path)
            if path == "sessions/":
                assert "127.0.0.1" in page.inner_text("main")
