"""From a lead to a paid order: rules, checklist, conversion, gates, quote, acceptance, invoice, payment."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader
from tests import factories as f
from tests.stories.desk import LANGUAGES, VARIANTS, Desk, desk_of

from rapport.lib.money import Money
from rapport.records import write
from rapport.records.accounts.caller import Caller, system

if TYPE_CHECKING:
    from playwright.sync_api import Locator
    from tests.browser import Browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW, TALK, OFFER, WON = "Beginning", "Talks", "Proposal made", "Closed well"
"""Stages are named by whoever uses Rapport, whatever language they read."""
TASK, MUST, SOURCE = "Look at the credit rating", "A budget is there", "Fitness fair"


@dataclass
class Shop:
    """Who sells what, and by which rules."""

    front: Caller
    seller: Caller
    stages: dict[str, int]


@pytest.fixture
def shop(live: str) -> Shop:
    """An administrator at the front desk, a seller without special rights, a pipeline with gates, goods with prices."""
    front, seller = f.user("Ada Front", admin=True), f.user("Priya Nair", rights={})
    pipeline = write.create(system(), "pipeline", {"name": "New business"})
    declared: tuple[tuple[str, dict[str, Any]], ...] = (
        (NEW, {}),
        (TALK, {"tasks": [TASK]}),
        (OFFER, {"asks": ["close_on"], "approver": front.user_id}),
        (WON, {"outcome": "won"}),
    )
    stages = {
        name: write.create(system(), "stage", {"name": name, "pipeline": pipeline, "position": place, **more})
        for place, (name, more) in enumerate(declared)
    }
    for name, must in ((MUST, True), ("A date is set", False)):
        write.create(system(), "criterion", {"name": name, "must": must})
    write.create(system(), "lead_source", {"name": SOURCE})
    rule = {"name": "Fairs", "about": "source", "contains": "FAIR", "assignee": seller.user_id}
    write.create(system(), "assignment_rule", rule)
    product = f.make(system(), "product", name="Rowing machine", unit="pc", tax_rate=19)
    for name, amount, default in (("Standard", "1000 EUR", True), ("Partner", "800 EUR", False)):
        prices = f.make(system(), "pricelist", name=name, currency="EUR", is_default=default)
        f.make(system(), "price", price_list=prices, product=product, from_quantity=0, amount=amount)
    return Shop(front, seller, stages)


@pytest.fixture(params=VARIANTS)
def desk(request: pytest.FixtureRequest, browser: Browser, live: str, shop: Shop) -> Iterator[Desk]:
    """The front desk in the morning."""
    with desk_of(browser, live, shop.front, request.param) as opened:
        yield opened


def a_lead_comes_in(desk: Desk, shop: Shop) -> None:
    """Entered at the front desk, given out by the rules."""
    desk.open("/")
    desk.page.locator("#quick-create-button").click()
    desk.page.locator("#quick-create").get_by_role("menuitem", name=desk.say("lead").capitalize(), exact=True).click()
    dialog = desk.page.locator("dialog[open]")
    for name, text in {
        "subject": "Rowing machines for ten clubs", "first_name": "Grace", "last_name": "Hopper",
        "company_name": "Harbour Fitness", "email": "grace@harbour.example",
    }.items():  # fmt: skip
        dialog.locator(f"[name={name}]").fill(text)
    desk.pick(dialog.locator("[data-field=source] [role=combobox]"), SOURCE)
    desk.shot("lead, entered")
    dialog.get_by_role("button", name=desk.say("Save"), exact=True).click()
    desk.toast("Grace Hopper, Harbour Fitness")
    desk.open("/leads/")
    desk.shot("leads")
    with desk.shown_anew():
        desk.page.get_by_role("link", name="Grace Hopper, Harbour Fitness").first.click()
    desk.act(desk.say("Give out by the rules"))
    assert desk.only("lead")["owner"] == shop.seller.user_id


def it_is_qualified(desk: Desk, shop: Shop) -> None:
    """The seller is told of it, takes it up, and ticks the checklist; what is a must has to be ticked."""
    lead = desk.only("lead")["id"]
    desk.seat(shop.seller)
    desk.notified("Grace Hopper, Harbour Fitness")
    desk.arrive(f"/leads/{lead}/")
    desk.step(desk.say("Working"))
    desk.step(desk.say("Qualified"))
    desk.toast(MUST)
    for name in (MUST, "A date is set"):
        with desk.shown_anew():
            desk.page.get_by_label(name).check()
    desk.step(desk.say("Qualified"))
    desk.shot("lead, qualified")
    assert desk.only("lead")["status"] == "qualified"


def it_becomes_a_deal(desk: Desk, shop: Shop) -> None:
    """One act makes person, company and deal, and leads to the deal."""
    desk.act(desk.say("Convert to a deal"))
    lead, deal = desk.only("lead"), desk.only("deal")
    desk.arrive(f"/deals/{deal['id']}/")
    desk.page.locator(".toast").first.wait_for()
    desk.shot("deal")
    person, company = desk.only("person"), desk.only("company")
    assert (lead["person"], lead["company"], lead["deal"]) == (person["id"], company["id"], deal["id"])
    assert (deal["name"], deal["owner"]) == ("Rowing machines for ten clubs", shop.seller.user_id)
    assert (deal["person"], deal["company"], deal["stage"]) == (person["id"], company["id"], shop.stages[NEW])


def a_call_is_logged(desk: Desk) -> None:
    """On the page of the person."""
    person = desk.only("person")["id"]
    with desk.shown_anew():
        desk.page.locator(".details a", has_text="Grace Hopper").first.click()
    desk.arrive(f"/people/{person}/")
    desk.enter("call").fill("Wants delivery before *Easter*")
    desk.send("call")
    desk.told("Wants delivery before Easter")
    desk.shot("call")


def card_of(desk: Desk, shop: Shop, stage: str) -> Locator:
    """The card of the deal in a column of the board."""
    return desk.page.locator(f"[data-column='{shop.stages[stage]}'] [data-card]", has_text="Rowing machines")


def it_passes_the_gates(desk: Desk, shop: Shop) -> None:
    """A task to be done, a field to be filled in, and somebody's approval; only then the deal is where it shall be."""
    deal = desk.only("deal")["id"]
    desk.open("/deals/?layout=board")
    desk.move(card_of(desk, shop, NEW), TALK)
    card_of(desk, shop, TALK).wait_for()
    desk.shot("board")
    desk.move(card_of(desk, shop, TALK), OFFER)
    desk.toast(TASK)
    desk.open(f"/deals/{deal}/")
    with desk.shown_anew():
        desk.page.get_by_role("link", name=TASK).first.click()
    desk.act(desk.say("Mark as done"))
    desk.open(f"/deals/{deal}/")
    desk.act(desk.say("Ask for approval"))
    desk.seat(shop.front)
    desk.notified(OFFER)
    desk.shot("approval asked for")
    with desk.shown_anew():
        desk.page.locator("main a", has_text="Rowing machines for ten clubs").first.click()
    desk.arrive(f"/deals/{deal}/")
    desk.act(desk.say("Approve"))
    desk.seat(shop.seller)
    desk.open("/deals/?layout=board")
    desk.move(card_of(desk, shop, TALK), OFFER)
    dialog = desk.page.locator("dialog[open]")
    dialog.locator("[name=close_on]").fill("2031-03-01")
    desk.shot("gate")
    dialog.get_by_role("button", name=desk.say("Move"), exact=True).click()
    card_of(desk, shop, OFFER).wait_for()
    now = desk.only("deal")
    assert (now["stage"], str(now["close_on"])) == (shop.stages[OFFER], "2031-03-01")


def a_quote_is_written(desk: Desk) -> None:
    """From the deal: another price list, lines by keyboard, a discount and tax; then it is sent."""
    deal = desk.only("deal")["id"]
    desk.open(f"/deals/{deal}/")
    with desk.shown_anew():
        desk.page.get_by_role("button", name=desk.say("Make quote")).click()
    quote = desk.only("quote")["id"]
    desk.act(desk.say("Edit"))
    desk.arrive(f"/quotes/{quote}/edit/")
    desk.pick(desk.page.locator("[data-field=price_list] [role=combobox]"), "Partner")
    with desk.shown_anew():
        desk.page.locator("main").get_by_role("button", name=desk.say("Save"), exact=True).click()
    desk.arrive(f"/quotes/{quote}/")
    rows = desk.page.locator("form[data-grid] tbody tr")
    product = rows.nth(0).get_by_role("combobox", name=desk.say("Product"))
    product.click()
    product.press_sequentially("Rowing")
    desk.page.locator("[role=option][aria-selected=true]", has_text="Rowing machine").wait_for()
    product.press("Enter")
    price = rows.nth(0).get_by_label(desk.say("Unit price"))
    desk.until(price, {"en": "800.00", "de": "800,00"})
    rows.nth(0).get_by_label(desk.say("Quantity"), exact=True).fill("10")
    rows.nth(0).get_by_label(desk.say("Discount in per cent")).fill({"en": "2.5", "de": "2,5"}[desk.language])
    rows.nth(0).locator("select").press("Enter")
    desk.page.keyboard.press("Tab")
    rows.nth(1).get_by_label(desk.say("Description")).fill("Delivery")
    rows.nth(1).get_by_label(desk.say("Unit price")).fill("250")
    rows.nth(1).get_by_label(desk.say("Tax rate in per cent")).fill("19")
    desk.page.locator("[data-sums]", has_text=desk.money("9,579.50", "9.579,50")).wait_for()
    desk.shot("quote, lines")
    with desk.shown_anew():
        desk.page.keyboard.press("Control+Enter")
    desk.toast(desk.say("The lines are saved."))
    assert desk.only("quote")["total"] == Money(957_950, "EUR")


def its_pdf_opens(desk: Desk) -> None:
    """As a download, with names and sums in the language of whoever gets it."""
    with desk.page.expect_download() as begun:
        desk.page.get_by_role("link", name=desk.say("Download as PDF")).click()
    path = begun.value.path()
    text = PdfReader(io.BytesIO(path.read_bytes())).pages[0].extract_text()
    for part in ("Grace Hopper", "Harbour Fitness", "Rowing machine", "Delivery"):
        assert part in text
    assert any(total in text for total in ("9,579.50", "9.579,50"))


def the_customer_accepts(desk: Desk, browser: Browser) -> None:
    """By the secret address, without an account."""
    from tests.browser import fresh_page

    desk.act(desk.say("Mark as sent"))
    desk.shot("quote, sent")
    link = desk.page.locator(".offer-link a").get_attribute("href")
    assert link
    size = desk.page.viewport_size
    with fresh_page(browser, viewport=size, locale=LANGUAGES[desk.language]) as guest:
        guest.goto(link)
        guest.locator("[name=name]").fill("Grace Hopper")
        desk.shot_of(guest, "customer")
        guest.locator("button[value=accept]").click()
        guest.locator(".alert", has_text="Grace Hopper").wait_for()
        desk.shot_of(guest, "customer, accepted")
    assert desk.only("quote")["status"] == "accepted"


def it_is_paid(desk: Desk) -> None:
    """The seller is told; order, invoice and payment follow one from the other."""
    quote = desk.only("quote")
    desk.notified(desk.say("{record} was answered by its customer", record=quote["number"]))
    desk.arrive(f"/quotes/{quote['id']}/")
    desk.act(desk.say("Make order"))
    order = desk.only("order")
    desk.arrive(f"/orders/{order['id']}/")
    desk.shot("order")
    desk.act(desk.say("Confirm"))
    desk.act(desk.say("Make invoice"))
    invoice = desk.only("invoice")
    desk.arrive(f"/invoices/{invoice['id']}/")
    desk.act(desk.say("Issue"))
    desk.shot("invoice")
    desk.act(desk.say("Mark as paid"))
    desk.shot("invoice, paid")
    invoice, payment = desk.only("invoice"), desk.only("payment")
    assert (invoice["status"], invoice["paid"], payment["amount"]) == ("paid", invoice["total"], order["total"])
    assert (invoice["order"], order["quote"], order["status"]) == (order["id"], quote["id"], "new")


def the_deal_is_won(desk: Desk) -> None:
    """And closed on this day."""
    deal = desk.only("deal")["id"]
    desk.open(f"/deals/{deal}/")
    desk.act(desk.say("Mark as won"))
    assert desk.page.locator(".step.is-won", has_text=WON).is_visible()
    desk.shot("deal, won")
    assert desk.only("deal")["outcome"] == "won"


def the_page_tells_it_all(desk: Desk) -> None:
    """What was bought, and the whole story, the newest first."""
    person, quote = desk.only("person")["id"], desk.only("quote")["number"]
    order, invoice = desk.only("order")["number"], desk.only("invoice")["number"]
    desk.open(f"/people/{person}/")
    bought = desk.page.locator(".panel-part", has_text=desk.say("Purchases"))
    assert bought.get_by_text(desk.money("9,579.50", "9.579,50")).is_visible()
    desk.shot("person")
    told = [
        desk.say("Payment for invoice {invoice}", invoice=invoice),
        desk.say("Invoice {invoice} was issued", invoice=invoice),
        desk.say("Order {order}", order=order),
        desk.say("{who} accepted quote {quote}", who="Grace Hopper", quote=quote),
        desk.say("Quote {quote} was sent", quote=quote),
        "Wants delivery before Easter",
        desk.say("Lead {lead} was converted", lead="Grace Hopper, Harbour Fitness"),
        desk.say("Lead {lead} came in", lead="Grace Hopper, Harbour Fitness"),
    ]
    timeline = " ".join(desk.page.locator("#timeline").inner_text().split())
    places = [timeline.find(text) for text in told]
    assert -1 not in places, (told[places.index(-1)], timeline)
    assert places == sorted(places), timeline


def test_from_a_lead_to_a_paid_order(desk: Desk, shop: Shop, browser: Browser) -> None:
    a_lead_comes_in(desk, shop)
    it_is_qualified(desk, shop)
    it_becomes_a_deal(desk, shop)
    a_call_is_logged(desk)
    it_passes_the_gates(desk, shop)
    a_quote_is_written(desk)
    its_pdf_opens(desk)
    the_customer_accepts(desk, browser)
    it_is_paid(desk)
    the_deal_is_won(desk)
    the_page_tells_it_all(desk)
