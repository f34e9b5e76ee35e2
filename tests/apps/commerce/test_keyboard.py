"""The editor of lines by keyboard, with sums as one types, at a desk and on a phone; the page of the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests import factories as f
from tests.apps.commerce.conftest import document, only, values

from rapport.apps.commerce import quotes
from rapport.lib.money import Money
from rapport.records import write
from rapport.records.accounts import sign_in_links
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import User
from rapport.records.read import visible

if TYPE_CHECKING:
    from tests.browser import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


def enter(page: Page, live: str, caller: Caller) -> None:
    """Sign in."""
    page.goto(f"{live}/sign-in/{sign_in_links.create(User.objects.get(pk=caller.user_id))}/")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{live}/")


@pytest.fixture
def rower(ada: Caller) -> int:
    """A product with a price."""
    product = f.make(ada, "product", name="Rowing machine", unit="piece", tax_rate=19)
    prices = f.make(ada, "pricelist", currency="EUR", is_default=True)
    f.make(ada, "price", price_list=prices, product=product, from_quantity=0, amount="100 EUR")
    return product


def test_lines_by_keyboard(page: Page, live: str, ada: Caller, rower: int) -> None:
    from playwright.sync_api import expect
    from tests.browser import axe

    quote = f.make(ada, "quote", currency="EUR")
    enter(page, live, ada)
    page.goto(f"{live}/quotes/{quote}/")
    page.wait_for_load_state("networkidle")
    form = page.locator("form[data-grid]")
    rows = form.locator("tbody tr")
    product = rows.nth(0).get_by_role("combobox", name="Product")
    product.click()
    product.press_sequentially("Rowing")
    page.locator("[role=option][aria-selected=true]", has_text="Rowing machine").wait_for()
    product.press("Enter")
    row = rows.nth(0)
    expect(row.get_by_label("Unit price")).to_have_value("100.00")
    assert row.get_by_label("Description").input_value() == "Rowing machine"
    product.press("Enter")
    row.get_by_label("Description").press("Enter")
    row.get_by_label("Quantity").fill("2,5")
    page.locator("[data-sums]", has_text="€297.50").wait_for()
    expect(row.locator("output")).to_have_text("€250.00")
    row.locator("select").press("Enter")
    assert rows.count() == 2
    rows.nth(1).get_by_label("Description").fill("Delivery")
    rows.nth(1).get_by_label("Unit price").fill("x")
    rows.nth(1).locator("[data-error]", has_text="Give an amount").wait_for()
    rows.nth(1).get_by_label("Unit price").press("Control+Delete")
    assert rows.count() == 1
    assert axe(page) == []
    row.get_by_label("Quantity").press("Control+Enter")
    page.locator(".toast", has_text="saved").wait_for()
    found = visible(ada, "quoteline").page(columns=("product", "net")).rows
    assert [(r.values["product"], r.values["net"]) for r in found] == [(rower, Money(25000, "EUR"))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_on_a_phone(page: Page, live: str, ada: Caller, rower: int, scheme: Any) -> None:
    from tests.browser import axe

    order = document(ada, "order", {"product": rower, "description": "Rowing machine"}, currency="EUR")
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme=scheme)
    enter(page, live, ada)
    for path in (f"/orders/{order}/", f"/lines/order/{order}/"):
        page.goto(f"{live}{path}")
        page.wait_for_load_state("networkidle")
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert page.evaluate(
            "[...document.querySelectorAll('.lines input:not([type=hidden])')].every(i => i.offsetWidth > 60)"
        )


@pytest.mark.parametrize("status", ["new", "fulfilled"])
def test_lines_fit_a_small_desk(page: Page, live: str, ada: Caller, rower: int, status: str) -> None:
    order = document(ada, "order", {"product": rower, "description": "Rowing machine"}, currency="EUR")
    write.update(ada, "order", order, {"status": status})
    page.set_viewport_size({"width": 1100, "height": 800})
    enter(page, live, ada)
    page.goto(f"{live}/orders/{order}/")
    page.wait_for_load_state("networkidle")
    assert page.locator(".lines").get_by_text("€100.00").is_visible()
    for name in (".lines-frame", ".lines-form", ".lines"):
        for shown in page.locator(name).all():
            assert shown.evaluate("(e) => e.scrollWidth <= e.clientWidth"), name


@pytest.mark.parametrize("width", [1280, 390])
def test_the_customers_page(page: Page, live: str, ada: Caller, width: int) -> None:
    from tests.browser import axe

    quote = document(
        ada, "quote", {"price": "100 EUR", "description": "Rower"},
        {"price": "30 EUR", "description": "Mat", "optional": True}, note="Thank you.",
    )  # fmt: skip
    quotes.send(ada, [quote])
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live}/quotes/accept/{quotes.token_of(quote)}/")
    page.wait_for_load_state("networkidle")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Mat").check()
    page.locator("#sums", has_text="€154.70").wait_for()
    page.get_by_label("Your name").fill("Grace Hopper")
    page.get_by_role("button", name="Accept the quote").click()
    page.get_by_text("Accepted by Grace Hopper").wait_for()
    assert axe(page) == []
    assert values(ada, "quote", quote)["total"] == Money(15470, "EUR")
    assert values(ada, "quoteline", only(ada, "quoteline", description="Mat"))["chosen"]
