"""A salesperson's day, from signing in to finding everything again: at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests import factories as f

from rapport.records import write
from rapport.records.accounts.caller import system
from rapport.records.accounts.models import User
from rapport.records.jobs import worker
from rapport.records.models import Change
from rapport.records.read import visible
from rapport.registry import catalog

if TYPE_CHECKING:
    from playwright.sync_api import Locator
    from tests.browser import Browser, Page

pytestmark = pytest.mark.browser

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PASSWORD = "correct horse battery"
STAGES = (("New", "open"), ("Talk", "open"), ("Offer", "open"), ("Won", "won"), ("Lost", "lost"))


class Day:
    """One day of one person: a page, and what the database says meanwhile."""

    def __init__(self, page: Page, url: str, user: User, stages: dict[str, int]) -> None:
        self.page, self.url, self.user, self.stages = page, url, user, stages

    def open(self, path: str) -> None:
        """Go to a page and wait until its scripts stand."""
        self.page.goto(self.url + path)
        self.page.wait_for_load_state("networkidle")

    def new(self, label: str) -> Locator:
        """The dialog that the menu "New" of the frame opens."""
        self.page.locator("#quick-create-button").click()
        self.page.locator("#quick-create").get_by_role("menuitem", name=label, exact=True).click()
        dialog = self.page.locator("dialog[open]")
        dialog.wait_for()
        return dialog

    def told(self, text: str) -> None:
        """Wait for a short message at the edge of the page."""
        self.page.locator(".toast", has_text=text).first.wait_for()

    def pick(self, box: Locator, text: str) -> None:
        """Choose a record in a field that searches."""
        box.click()
        box.fill(text)
        self.page.locator("[role=option]", has_text=text).first.click()

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Within it, a card is moved; afterwards the server has agreed."""
        with self.page.expect_response(lambda answer: "/deals/move/" in answer.url) as moved:
            yield
        assert moved.value.ok

    def only(self, key: str) -> dict[str, Any]:
        """The values of the one record of an object, with its `id`."""
        rows = visible(system(), key).page(size=2).rows
        assert len(rows) == 1, key
        return {"id": rows[0].id, **visible(system(), key).get(rows[0].id).values}

    def stage(self) -> str:
        """The stage in which the deal is."""
        now = self.only("deal")["stage"]
        return next(name for name, key in self.stages.items() if key == now)

    def card(self, column: str) -> Locator:
        """The deal's card in a column of the board."""
        return self.page.locator(f"[data-column='{self.stages[column]}'] [data-card]", has_text="Fleet of ten")


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def day(request: pytest.FixtureRequest, browser: Browser, live: str) -> Iterator[Day]:
    """The morning: a pipeline stands, nothing else does."""
    from tests.browser import fresh_page

    user = User.objects.get(pk=f.admin().user_id or 0)
    pipeline = write.create(system(), "pipeline", {"name": "New business"})
    stages = {
        name: write.create(
            system(), "stage", {"name": name, "pipeline": pipeline, "position": position, "outcome": outcome}
        )
        for position, (name, outcome) in enumerate(STAGES)
    }
    write.create(system(), "company", {"name": "Northwind Boats"})
    with fresh_page(browser, viewport=request.param) as page:
        yield Day(page, live, user, stages)


def sign_in(day: Day) -> None:
    day.open("/people/")
    assert "/accounts/login/" in day.page.url
    day.page.get_by_label("Email").fill(day.user.email)
    day.page.get_by_label("Password", exact=False).first.fill("wrong")
    day.page.get_by_role("button", name="Sign in").first.click()
    day.page.get_by_role("alert").first.wait_for()
    day.page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    day.page.get_by_role("button", name="Sign in").first.click()
    day.page.wait_for_url(f"{day.url}/people/")


def add_a_person(day: Day) -> None:
    dialog = day.new("Person")
    dialog.get_by_label("First name").fill("Noor")
    dialog.get_by_label("Last name").fill("Okafor")
    dialog.locator("input[name='emails-0-value']").fill("noor@northwind.example")
    day.pick(dialog.locator("[data-field=company] [role=combobox]"), "Northwind Boats")
    dialog.get_by_role("button", name="Save", exact=True).click()
    day.told("Saved: Noor Okafor")
    day.page.locator("#main").get_by_text("Noor Okafor").first.wait_for()
    person = day.only("person")
    assert (person["name"], person["company"]) == ("Noor Okafor", day.only("company")["id"])
    assert [e["value"] for e in person["emails"]] == ["noor@northwind.example"]


def log_a_call(day: Day) -> None:
    person = day.only("person")["id"]
    day.page.locator("#main").get_by_role("link", name="Noor Okafor").first.click()
    day.page.wait_for_url(f"{day.url}/people/{person}/")
    day.page.get_by_role("tab", name="Call").click()
    form = day.page.locator("#compose-call")
    form.locator("textarea[name=body]").fill("Wants ten boats by spring.")
    form.get_by_label("Outcome").select_option(label="Reached")
    form.get_by_role("button", name="Log call").click()
    day.page.locator("#timeline").get_by_text("Wants ten boats by spring.").first.wait_for()
    call = day.only("interaction")
    assert (call["kind"], call["direction"], call["people"]) == ("call", "out", (person,))
    worker.drain()
    assert day.only("person")["last_contact_at"] is not None


def make_a_deal(day: Day) -> None:
    day.open("/deals/?layout=board")
    dialog = day.new("Deal")
    dialog.get_by_label("Name").fill("Fleet of ten")
    day.pick(dialog.locator("[data-field=company] [role=combobox]"), "Northwind Boats")
    dialog.locator("input[name=amount]").fill("125000")
    dialog.get_by_role("button", name="Save", exact=True).click()
    day.told("Saved: Fleet of ten")
    day.card("New").wait_for()
    assert day.only("deal")["amount"].amount == 125000_00
    assert day.stage() == "New"


def move_it_by_menu(day: Day, source: str, target: str) -> None:
    day.card(source).locator("[data-move]").click()
    menu = day.page.locator("[data-move-menu]")
    with day.moving():
        menu.get_by_role("menuitem", name=target).click()
    assert day.stage() == target


def move_it_by_keys(day: Day, source: str, target: str) -> None:
    day.card(source).locator(".card-title").focus()
    with day.moving():
        day.page.keyboard.press("Control+ArrowRight")
    assert day.card(target).locator(".card-title:focus").count() == 1, "the card keeps the focus"
    assert day.stage() == target


def drag_it(day: Day, source: str, target: str) -> None:
    start = day.card(source).bounding_box()
    column = day.page.locator(f"[data-column='{day.stages[target]}'] [data-cards]")
    end = column.bounding_box()
    assert start
    assert end
    mouse = day.page.mouse
    mouse.move(start["x"] + 20, start["y"] + start["height"] - 8)
    mouse.down()
    mouse.move(end["x"] + 60, end["y"] + 30, steps=12)
    mouse.move(end["x"] + 64, end["y"] + 34, steps=3)
    with day.moving():
        mouse.up()
    day.card(target).wait_for()
    assert day.stage() == target


def undo_the_move(day: Day, back_to: str) -> None:
    day.page.locator(".toast").get_by_role("button", name="Undo").last.click()
    day.card(back_to).wait_for()
    assert day.stage() == back_to


def win_it_and_take_it_back(day: Day) -> None:
    deal = day.only("deal")["id"]
    day.open(f"/deals/{deal}/")
    day.page.get_by_role("button", name="Mark as won").click()
    day.told("won")
    won = day.only("deal")
    assert (won["outcome"], won["closed_at"] is not None, day.stage()) == ("won", True, "Won")
    day.open(f"/deals/{deal}/history/")
    day.page.get_by_role("button", name="Revert", exact=False).first.click()
    day.page.wait_for_load_state("networkidle")
    day.open(f"/deals/{deal}/")
    back = day.only("deal")
    assert (back["outcome"], back["closed_at"], day.stage()) == ("open", None, "Offer")
    versions = Change.objects.filter(object_key="deal", record_id=deal).values_list("version", flat=True)
    assert len(versions) == len(set(versions)), "taking back is a change of its own"


def add_a_field(day: Day) -> None:
    day.open("/settings/objects/person/")
    day.page.get_by_role("link", name="New field").first.click()
    day.page.get_by_role("link", name="Text", exact=True).click()
    day.page.get_by_label("Name").fill("Boat licence")
    day.page.get_by_role("button", name="Save", exact=True).click()
    day.told("Boat licence")
    assert "boat_licence" in catalog.current()["person"].fields


def use_it_in_the_form(day: Day) -> None:
    person = day.only("person")["id"]
    day.open(f"/people/{person}/edit/")
    day.page.get_by_label("Boat licence").fill("SBF See")
    day.page.get_by_role("button", name="Save", exact=True).click()
    day.page.wait_for_url(f"{day.url}/people/{person}/")
    assert day.only("person")["boat_licence"] == "SBF See"


def use_it_as_column_and_filter(day: Day) -> None:
    f.make(system(), "person", last_name="Elsewhere")
    day.open("/people/")
    day.page.get_by_role("button", name="Columns").click()
    day.page.locator("label.columns-item", has_text="Boat licence").locator("input").check()
    day.page.locator(".columns-foot").get_by_role("button", name="Apply").click()
    day.page.locator("td", has_text="SBF See").first.wait_for()
    assert day.page.get_by_text("Elsewhere").first.is_visible()
    day.page.locator("#filter-button").click()
    editor = day.page.locator("#filter")
    editor.get_by_role("button", name="Condition", exact=True).first.click()
    editor.locator(".filter-row select").first.select_option(label="Boat licence")
    editor.locator(".filter-value input").fill("SBF")
    editor.get_by_role("button", name="Apply").click()
    day.page.locator(".chip", has_text="Boat licence").wait_for()
    assert day.page.locator("td", has_text="SBF See").first.is_visible()
    assert day.page.get_by_text("Elsewhere").count() == 0


def find_it_all(day: Day) -> None:
    person = visible(system(), "person").ids({"field": "last_name", "op": "is", "value": "Okafor"})[0]
    for typed, path in {
        "okafr": f"/people/{person}/",
        "fleeet": f"/deals/{day.only('deal')['id']}/",
        "nortwhind": f"/companies/{day.only('company')['id']}/",
    }.items():
        day.page.keyboard.press("Control+k")
        day.page.locator("#palette[open] [role=option]").first.wait_for()
        day.page.keyboard.type(typed)
        day.page.locator(f"#palette a[aria-selected=true][href='{path}']").wait_for()
        day.page.keyboard.press("Enter")
        day.page.wait_for_url(day.url + path)
        day.page.wait_for_load_state("networkidle")


@pytest.mark.django_db(transaction=True)
def test_a_working_day(day: Day) -> None:
    wide = (day.page.viewport_size or PHONE)["width"] > 1000
    sign_in(day)
    add_a_person(day)
    log_a_call(day)
    make_a_deal(day)
    move_it_by_menu(day, "New", "Talk")
    move_it_by_keys(day, "Talk", "Offer")
    if wide:
        drag_it(day, "Offer", "Talk")
        undo_the_move(day, "Offer")
    win_it_and_take_it_back(day)
    add_a_field(day)
    use_it_in_the_form(day)
    use_it_as_column_and_filter(day)
    find_it_all(day)
