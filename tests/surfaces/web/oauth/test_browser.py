"""The page of consent and those of applications in a browser: accessible, and the way there and back."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f
from tests.browser import Page, axe
from tests.surfaces.web.oauth.conftest import application

from rapport.records.accounts import sign_in_links
from rapport.records.accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_application_is_allowed_and_ended(page: Page, live: str, settings: Any) -> None:
    settings.BASE_URL = live
    admin = f.admin()
    back = f"{live}/setup/"
    app = application(admin, back=back)
    page.goto(f"{live}/sign-in/{sign_in_links.create(User.objects.get(pk=admin.user_id))}/")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{live}/")
    question = live + app.address(redirect_uri=back, scope="openid email write")
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390)):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for path in (question, question.replace("setup", "other")):
            page.goto(path)
            assert axe(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), path
    page.goto(question)
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url(lambda url: url.startswith(f"{back}?code="))
    for path in ("applications/", f"applications/{app.id}/", "applications/new/", "access/"):
        page.goto(f"{live}/settings/{path}")
        assert axe(page) == [], path
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_text("No application acts as you").wait_for()
