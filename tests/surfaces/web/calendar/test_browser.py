"""The calendar in a browser: moving by keys and by drag, making in an empty half hour, on a phone, accessible."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from tests import factories as f
from tests.browser import Page, axe, until
from tests.contract.conftest import signed_in

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BERLIN = ZoneInfo("Europe/Berlin")
DAY = "2024-03-13"


@pytest.fixture
def ada(page: Page, live: str) -> Caller:
    admin = f.admin()
    session = signed_in(admin).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live}])
    return admin


def meeting(caller: Caller) -> int:
    values = {"kind": "meeting", "subject": "Prices", "at": f"{DAY}T10:00:00+01:00", "minutes": 60}
    return write.create(caller, "interaction", values)


def when(caller: Caller, key: int) -> str:
    value = visible(caller, "interaction").get(key).values["at"]
    assert isinstance(value, dt.datetime)
    return value.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M")


def test_an_entry_moves_by_keys_and_keeps_the_focus(page: Page, live: str, ada: Caller) -> None:
    key = meeting(ada)
    page.goto(f"{live}/calendar/?view=month&day={DAY}")
    entry = page.locator("[data-entry]")
    for keys, moved in (("Control+ArrowRight", "2024-03-14 10:00"), ("Alt+ArrowDown", "2024-03-21 10:00")):
        entry.focus()
        page.wait_for_load_state("networkidle")
        with page.expect_response("**/calendar/?**"):
            page.keyboard.press(keys)
        until(page, "() => document.activeElement?.matches('[data-entry]')")
        assert when(ada, key) == moved
    page.locator(".toast").get_by_role("button", name="Undo").last.click()
    page.locator("[data-drop='2024-03-14'] [data-entry]").wait_for()
    assert when(ada, key) == "2024-03-14 10:00"


def test_an_entry_is_dragged_to_another_day_and_hour(page: Page, live: str, ada: Caller) -> None:
    key = meeting(ada)
    page.goto(f"{live}/calendar/?view=week&day={DAY}")
    page.wait_for_load_state("networkidle")
    slots = page.locator("[data-drop='2024-03-15'] .week-slots")
    box = slots.bounding_box()
    assert box is not None
    hour = box["height"] / 10  # from 8 to 18
    page.locator("[data-entry]").drag_to(slots, target_position={"x": 20, "y": 6.5 * hour + 3})
    page.locator("[data-drop='2024-03-15'] [data-entry]").wait_for()
    assert when(ada, key) == "2024-03-15 14:30"


def test_a_click_in_an_empty_half_hour_makes_a_meeting_there(page: Page, live: str, ada: Caller) -> None:
    page.goto(f"{live}/calendar/?view=week&day={DAY}")
    page.wait_for_load_state("networkidle")
    slots = page.locator(f"[data-drop='{DAY}'] .week-slots")
    box = slots.bounding_box()
    assert box is not None
    slots.click(position={"x": 20, "y": box["height"] * 0.25 + 3})
    page.locator("dialog[open]").get_by_role("link", name="Meeting").click()
    form = page.locator("dialog[open] form")
    form.get_by_label("Subject").fill("Kick-off")
    form.get_by_role("button", name="Save").click()
    page.locator(f"[data-drop='{DAY}'] [data-entry]", has_text="Kick-off").wait_for()
    (row,) = visible(ada, "interaction").page(columns=("at", "kind")).rows
    assert when(ada, row.id) == f"{DAY} 10:30"
    assert row.values["kind"] == "meeting"


def test_what_the_server_refuses_stays_where_it_was(page: Page, live: str, ada: Caller) -> None:
    key = meeting(ada)
    page.goto(f"{live}/calendar/?view=month&day={DAY}")
    page.wait_for_load_state("networkidle")
    write.update(ada, "interaction", key, {"minutes": 30, "at": f"{DAY}T12:00:00+01:00"})
    page.locator("[data-entry]").focus()
    page.keyboard.press("Control+ArrowRight")
    page.locator(".toast.is-error").wait_for()
    assert page.locator(f"[data-drop='{DAY}'] [data-entry]").count() == 1
    assert when(ada, key) == f"{DAY} 12:00"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_colleagues_it_is_accessible(page: Page, live: str, ada: Caller, width: int, scheme: str) -> None:
    ben = f.user("Ben")
    meeting(ada)
    meeting(ben)
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{live}/calendar/?view=month&day={DAY}")
    page.locator("#calendar-people-button").click()
    page.locator("#calendar-people").get_by_label("Ben").check()
    assert axe(page) == []
    page.locator("#calendar-people").get_by_role("button", name="Show").click()
    page.locator(".calendar-legend").wait_for()
    for view in ("month", "week", "agenda"):
        page.goto(f"{live}/calendar/?view={view}&day={DAY}")
        assert page.locator(".calendar-item:visible").count() == 2, view
        assert axe(page) == [], view
        assert page.evaluate("document.documentElement.scrollWidth") <= width
