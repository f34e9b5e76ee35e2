"""Push in a browser: the worker is there, shows what comes, and the page says where one stands."""

from __future__ import annotations

import json

import pytest
from tests import factories as f
from tests.browser import Page, axe
from tests.contract.conftest import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def choosing(page: Page, live: str) -> Page:
    session = signed_in(f.user("Ann")).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    page.goto(f"{live}/settings/notifications/")
    return page


def test_the_worker_shows_what_is_pushed(choosing: Page, live: str) -> None:
    page = choosing
    page.context.grant_permissions(["notifications"], origin=live)
    page.evaluate(
        """async () => {
            await navigator.serviceWorker.register(document.querySelector("[data-push]").dataset.worker, {scope: "/"});
            await navigator.serviceWorker.ready;
        }"""
    )
    tools = page.context.new_cdp_session(page)
    registrations: list[str] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(r["registrationId"] for r in event["registrations"]),
    )
    tools.send("ServiceWorker.enable")
    page.wait_for_timeout(300)
    message = {"title": "Ada mentioned you on Fjord", "kind": "mention", "url": "/companies/7/"}
    for data in ("no JSON", "{}", json.dumps(message)):
        tools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": live, "registrationId": registrations[0], "data": data},
        )
    shown = page.evaluate(
        """async () => {
            const registration = await navigator.serviceWorker.ready;
            for (let n = 0; n < 50; n += 1) {
                const found = await registration.getNotifications();
                if (found.length) return found.map((one) => [one.title, one.tag, one.data]);
                await new Promise((resolve) => setTimeout(resolve, 100));
            }
            return [];
        }"""
    )
    assert shown == [["Ada mentioned you on Fjord", "mention:/companies/7/", {"url": "/companies/7/"}]]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_the_page_says_where_one_stands(choosing: Page, live: str, width: int, scheme: str) -> None:
    page = choosing
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.context.grant_permissions(["notifications"], origin=live)
    page.reload()
    page.get_by_role("button", name="Turn on in this browser").wait_for()
    assert page.locator("[data-push-note]:visible").get_attribute("data-push-note") == "off"
    assert page.get_by_role("button", name="Turn off in this browser").is_hidden()
    assert axe(page) == []
    page.evaluate("() => { Notification.requestPermission = async () => 'denied'; }")
    page.get_by_role("button", name="Turn on in this browser").click()
    page.locator("[data-push-on]:enabled:visible").wait_for()
