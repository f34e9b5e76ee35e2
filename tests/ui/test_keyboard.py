"""What hands on a keyboard can do: palette, menus, dialogs, board, fields, filter, lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.browser import until

if TYPE_CHECKING:
    from tests.browser import Page

pytestmark = pytest.mark.browser


def visit(page: Page, gallery: str, path: str) -> None:
    page.goto(gallery + path)
    page.wait_for_selector("html[data-ready]")
    page.wait_for_load_state("networkidle")


FOCUSED = "(document.activeElement.innerText || document.activeElement.name || document.activeElement.tagName).trim()"


def focuses(page: Page, text: str) -> None:
    """Wait until the element with this text has the focus: a popover moves it a moment after it has opened."""
    until(page, f"text => {FOCUSED} === text", text)


def test_palette_finds_opens_and_remembers(page: Page, gallery: str) -> None:
    visit(page, gallery, "/")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open] [role=option]")
    page.keyboard.type("mei")
    page.wait_for_selector("#palette [role=option]:has-text('Mei Tanaka')")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Noor Okafor')")
    assert not page.locator("#palette").is_visible()
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette [role=presentation]:has-text('Recent')")
    page.wait_for_selector("#palette [role=option]:has-text('Go to Deals')")
    chosen = page.locator("#palette [aria-selected=true]")
    assert "Mei Tanaka" in chosen.inner_text()
    assert page.get_attribute("#palette input", "aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("ArrowDown")
    assert "Go to Deals" in page.locator("#palette [aria-selected=true]").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator("#palette").is_visible()


def test_palette_follows_what_was_typed_and_not_what_stood_there(page: Page, gallery: str) -> None:
    visit(page, gallery, "/")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open] [role=option]:has-text('Go to Deals')")
    page.keyboard.type("mei")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Noor Okafor')")


def test_palette_says_when_nothing_is_found(page: Page, gallery: str) -> None:
    visit(page, gallery, "/")
    page.keyboard.press("Control+k")
    page.keyboard.type("zzzz")
    page.wait_for_selector(".palette-none:not([hidden])")


def test_keys_go_to_pages_and_not_while_typing(page: Page, gallery: str) -> None:
    visit(page, gallery, "/")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_selector("h1:has-text('New business')")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_selector("h1:has-text('People')")
    page.keyboard.press("/")
    page.keyboard.type("gd?c")
    assert page.input_value("[data-search]") == "gd?c"
    assert not page.locator("#sheet").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.wait_for_selector("#quick-create:popover-open")
    focuses(page, "Person")


def test_menu_by_arrows_letters_and_escape(page: Page, gallery: str) -> None:
    visit(page, gallery, "/")
    page.focus("#demo-menu-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#demo-menu:popover-open")
    page.wait_for_selector("#demo-menu-button[aria-expanded=true]")
    focuses(page, "Open")
    page.keyboard.press("ArrowDown")
    focuses(page, "Duplicate")
    page.keyboard.press("End")
    focuses(page, "Delete")
    page.keyboard.press("d")
    focuses(page, "Duplicate")
    page.keyboard.press("Escape")
    assert not page.locator("#demo-menu").is_visible()
    page.wait_for_selector("#demo-menu-button[aria-expanded=false]")
    assert page.evaluate("document.activeElement.id") == "demo-menu-button"


def test_dialog_keeps_errors_and_closes_on_success(page: Page, gallery: str) -> None:
    visit(page, gallery, "/")
    page.click("main a:has-text('New deal')")
    page.wait_for_selector("#remote[open] input[name=title]")
    assert page.evaluate("document.activeElement.name") == "title"
    page.keyboard.press("Enter")
    page.wait_for_selector("#remote .field-error")
    assert page.evaluate("document.activeElement.name") == "title"
    page.keyboard.type("Pilot")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast:has-text('Created')")
    assert not page.locator("#remote").is_visible()


def test_confirmation_before_a_form_is_sent(page: Page, gallery: str) -> None:
    visit(page, gallery, "/")
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    page.click("#demo-menu-button")
    page.click("#demo-menu >> text=Delete")
    page.wait_for_selector("dialog[open]:has-text('Delete this?')")
    page.click("dialog[open] button[value=no]")
    page.wait_for_timeout(100)
    assert sent == []
    page.click("#demo-menu-button")
    page.click("#demo-menu >> text=Delete")
    with page.expect_request(lambda r: r.method == "POST"):
        page.click("dialog[open] button[value=yes]")


def test_board_by_arrows_menu_and_refusal(page: Page, gallery: str) -> None:
    visit(page, gallery, "/board/")
    page.wait_for_selector("[data-board][data-mounted]")
    page.focus("[data-card='00'] .card-title")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('[data-card]').dataset.card") == "01"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('[data-card]').dataset.card") == "11"
    page.keyboard.press("m")
    page.wait_for_selector("[data-move-menu]:popover-open")
    focuses(page, "Qualify")
    with page.expect_request("**/move/") as request:
        page.keyboard.press("Enter")
    assert 'name="to"\r\n\r\nqualify' in (request.value.post_data or "")
    assert 'name="version"\r\n\r\n3' in (request.value.post_data or "")
    page.wait_for_selector("[data-column=qualify] [data-count]:has-text('9')")
    assert page.locator("[data-column=qualify] [data-card='11']").count() == 1
    assert page.get_attribute("[data-card='11']", "data-version") == "4"
    assert "moved to Qualify" in page.inner_text("[data-announce]")
    page.focus("[data-card='20'] .card-title")
    page.keyboard.press("Control+ArrowRight")
    page.wait_for_selector(".toast:has-text('A quote must be sent first.')")
    assert page.locator("[data-column=proposal] [data-card='20']").count() == 1
    assert page.inner_text("[data-column=negotiation] [data-count]") == "3"


def test_board_by_drag(page: Page, gallery: str) -> None:
    visit(page, gallery, "/board/")
    page.wait_for_selector("[data-board][data-mounted]")
    with page.expect_request("**/move/"):
        page.drag_and_drop("[data-card='00']", "[data-card='11']")
    page.wait_for_selector("[data-column=discovery] [data-card='00']")


def test_combobox_searches_picks_clears_and_restores(page: Page, gallery: str) -> None:
    visit(page, gallery, "/form/")
    field = page.locator("#f-owner")
    field.focus()
    field.press_sequentially("sof")
    page.wait_for_selector("[role=option]:has-text('Sofia Rossi')")
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Enter")
    assert field.input_value() == "Sofia Rossi"
    assert page.input_value("input[name=owner]") == "10"
    field.fill("nonsense")
    page.keyboard.press("Tab")
    page.wait_for_timeout(250)
    assert field.input_value() == "Sofia Rossi"
    page.click("[data-field=owner] [data-clear]")
    assert page.input_value("input[name=owner]") == ""
    many = page.locator("#f-people")
    many.focus()
    many.press_sequentially("mei")
    page.wait_for_selector("[role=option]:has-text('Mei Tanaka')")
    page.keyboard.press("Enter")
    assert page.locator("input[name=people]").count() == 2
    page.keyboard.press("Backspace")
    assert page.locator("input[name=people]").count() == 1


def test_combobox_takes_what_was_typed_before_its_options_are_there(page: Page, gallery: str) -> None:
    visit(page, gallery, "/form/")
    field = page.locator("#f-owner")
    field.click()
    page.wait_for_selector("[role=option]:visible")
    field.fill("mei")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#f-owner').value === 'Mei Tanaka'")
    assert page.url.endswith("/form/")


def test_contact_rows_come_and_go(page: Page, gallery: str) -> None:
    visit(page, gallery, "/form/")
    rows = page.locator("[data-contacts=emails] [data-row]")
    page.wait_for_selector("[data-contacts=emails] [data-add]:not([hidden])")
    assert rows.count() == 2
    page.click("[data-contacts=emails] [data-add]")
    page.keyboard.type("new@example.org")
    assert page.input_value("input[name=emails-3-value]") == "new@example.org"
    page.locator("input[name=emails-3-remove]").click(force=True)
    assert rows.count() == 2


def test_inline_edit_by_keyboard(page: Page, gallery: str) -> None:
    visit(page, gallery, "/record/")
    page.focus("#d-6 .details-edit")
    page.keyboard.press("Enter")
    page.wait_for_selector("#d-6 input[name=value]")
    assert page.evaluate("document.activeElement.name") == "value"
    page.keyboard.press("Enter")
    page.wait_for_selector("#d-6 .field-error")
    page.keyboard.type("Europe/Oslo")
    page.keyboard.press("Enter")
    page.wait_for_selector("#d-6:has-text('Europe/Oslo') .details-edit")
    page.focus("#d-7 .details-edit")
    page.keyboard.press("Enter")
    page.wait_for_selector("#d-7 input[name=value]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#d-7:has-text('Contact form') .details-edit")
    page.wait_for_selector("#d-7 .details-edit:focus")


def test_filter_builder_reads_and_writes_the_language(page: Page, gallery: str) -> None:
    visit(page, gallery, "/list/")
    page.click("#people-filter-button")
    value = lambda: json.loads(page.input_value("#people-filter input[name=filter]") or "null")  # noqa: E731
    assert value() == {
        "all": [
            {"field": "stage", "op": "in", "value": ["lead", "qualified"]},
            {
                "any": [
                    {"field": "score", "op": "gt", "value": 40},
                    {
                        "field": "company",
                        "op": "any",
                        "value": {"all": [{"field": "city", "op": "is", "value": "Berlin"}]},
                    },
                ]
            },
        ]
    }
    page.click("#people-filter [data-filter-clear]")
    assert value() is None
    page.click("#people-filter button:has-text('Condition')")
    page.select_option("#people-filter select[aria-label=Field]", "score")
    page.select_option("#people-filter .filter-row select:nth-of-type(2)", "between")
    numbers = page.locator("#people-filter input[type=number]")
    numbers.nth(0).fill("10")
    assert value() is None, "half a condition is not sent"
    numbers.nth(1).fill("20.5")
    page.select_option("#people-filter .filter-head select", "none")
    assert value() == {"not": {"field": "score", "op": "between", "value": [10, 20.5]}}
    with page.expect_request(lambda r: "/list/?filter=" in r.url):
        page.click("#people-filter button[type=submit]")


def test_rows_are_walked_selected_and_opened(page: Page, gallery: str) -> None:
    visit(page, gallery, "/list/")
    page.wait_for_selector("#people-bulk", state="hidden")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.inner_text("[data-count]") == "1 selected"
    page.locator("tr[data-row='5'] input").click(modifiers=["Shift"])
    assert page.inner_text("[data-count]") == "4 selected"
    page.click("[data-bulk-dialog]")
    page.wait_for_selector("#remote[open]")
    page.keyboard.press("Escape")
    page.click("[data-clear-selection]")
    assert not page.locator("#people-bulk").is_visible()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Noor Okafor')")


def test_more_rows_come_when_the_end_is_seen(page: Page, gallery: str) -> None:
    visit(page, gallery, "/list/")
    assert page.locator("tr[data-row]").count() == 24
    page.locator("#people-more").scroll_into_view_if_needed()
    page.wait_for_selector("tr[data-row='25']")


def test_composer_tabs(page: Page, gallery: str) -> None:
    visit(page, gallery, "/record/")
    page.focus("#compose-note-tab")
    page.keyboard.press("ArrowRight")
    assert page.locator("#compose-call").is_visible()
    assert not page.locator("#compose-note").is_visible()
    focuses(page, "Call")
