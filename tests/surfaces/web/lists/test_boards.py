"""Boards and calendars: what stands where, moves and their refusals."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests import factories as f
from tests.database import snapshot
from tests.surfaces.web.lists.conftest import Office, client_of

from rapport.records import write
from rapport.records.read import visible


def column(text: str, name: str) -> str:
    found = re.search(rf'<section class="board-column"[^>]*data-title="{name}".*?</section>', text, re.S)
    assert found is not None, name
    return found[0]


def move(office: Office, record: int, to: Any, version: int = 1, **data: Any) -> Any:
    return office.client.post("/deals/move/", {"id": record, "to": to, "version": version, **data})


def stage_of(office: Office, record: int) -> int:
    return visible(office.admin, "deal").get(record).values["stage"]


def test_a_board_has_columns_cards_and_totals(office: Office) -> None:
    office.deal(amount="100 EUR")
    office.deal(amount="50.50 EUR")
    office.deal(amount="7 USD", stage=office.stages["Talk"])
    text = office.client.get("/deals/?layout=board").content.decode()
    assert re.findall(r'data-title="(Open|Talk|Won|Lost)"', text) == ["Open", "Talk", "Won", "Lost"]
    assert "€150.50" in column(text, "Open")
    assert column(text, "Open").count("data-card=") == 2
    assert "$7" in column(text, "Talk")


def test_another_pipeline_is_chosen_by_the_address(office: Office) -> None:
    other = write.create(office.admin, "pipeline", {"name": "Partners", "position": 99})
    write.create(office.admin, "stage", {"name": "Asked", "pipeline": other})
    office.deal()
    text = office.client.get(f"/deals/?layout=board&within={other}").content.decode()
    assert 'data-title="Asked"' in text
    assert 'data-title="Open"' not in text
    assert "data-card=" not in text


def test_a_board_counts_and_exports_the_pipeline_on_show(office: Office) -> None:
    other = write.create(office.admin, "pipeline", {"name": "Partners", "position": 99})
    write.create(office.admin, "stage", {"name": "Asked", "pipeline": other})
    for _n in range(3):
        office.deal()
    office.deal(name="Joint", pipeline=other)

    def shown(name: str, query: str) -> str:
        answer = office.client.post(f"/deals/export/?{query}&columns=name") if name == "export" else None
        answer = answer or office.client.get(f"/deals/{name}/?{query}")
        return b"".join(answer).decode()

    assert shown("total", "") == "4 deals"
    assert shown("total", "layout=board") == "3 deals"
    assert shown("total", f"layout=board&within={other}") == "1 deal"
    assert shown("export", f"layout=board&within={other}").split()[1:] == ["Joint"]
    assert shown("export", "layout=list").count("Fleet") == 3


def test_cards_beyond_the_first_are_fetched_by_column(office: Office) -> None:
    for _n in range(30):
        office.deal()
    text = office.client.get("/deals/?layout=board").content.decode()
    following = re.search(r'hx-get="([^"]*column=[^"]*)"', column(text, "Open"))
    assert following is not None
    headers = {"HX-Request": "true", "HX-Target": "li"}
    more = office.client.get(following[1].replace("&amp;", "&"), headers=headers).content.decode()
    seen = re.findall(r'data-card="(\d+)"', text) + re.findall(r'data-card="(\d+)"', more)
    assert len(seen) == len(set(seen)) == 30


def test_a_move_is_written_and_can_be_undone(office: Office) -> None:
    record = office.deal(amount="10 EUR")
    answer = move(office, record, office.stages["Talk"])
    assert answer.status_code == 200
    told = {c["id"]: c["count"] for c in answer.json()["columns"]}
    assert told == {str(office.stages["Open"]): 0, str(office.stages["Talk"]): 1}
    assert stage_of(office, record) == office.stages["Talk"]
    undo = answer.json()["undo"]
    office.client.post(undo["url"], undo["fields"])
    assert stage_of(office, record) == office.stages["Open"]


def test_a_column_that_asks_for_something_gets_a_dialog(office: Office) -> None:
    record = office.deal()
    answer = move(office, record, office.stages["Lost"])
    assert answer.status_code == 422
    url = answer.json()["dialog"]
    assert stage_of(office, record) == office.stages["Open"]
    dialog = office.client.get(url).content.decode()
    assert ('name="lost_reason"' in dialog, 'name="lost_note"' in dialog) == (True, True)
    again = office.client.post(url, {"asked": "1", "version": 1, "lost_reason": ""})
    assert again.status_code == 422
    assert stage_of(office, record) == office.stages["Open"]
    done = office.client.post(url, {"asked": "1", "version": 1, "lost_reason": "other", "lost_note": "Fire"})
    assert done.status_code == 204
    assert stage_of(office, record) == office.stages["Lost"]
    undo = json.loads(done.headers["HX-Trigger"])["toast"]["undo"]
    office.client.post(undo["url"], undo["fields"])
    assert stage_of(office, record) == office.stages["Open"]


@pytest.mark.parametrize("data", [{"to": "99999"}, {"to": "x"}, {"id": "99999"}, {"id": "x"}, {"version": "x" * 99}])
def test_senseless_moves_change_nothing(office: Office, data: dict[str, Any]) -> None:
    record = office.deal()
    before = snapshot()
    answer = office.client.post("/deals/move/", {"id": record, "to": office.stages["Open"], "version": 1, **data})
    assert answer.status_code in (200, 404)
    assert snapshot() == before


def test_a_stale_card_does_not_overwrite(office: Office) -> None:
    record = office.deal()
    write.update(office.admin, "deal", record, {"stage": office.stages["Talk"]})
    before = snapshot()
    answer = move(office, record, office.stages["Won"], version=1)
    assert answer.status_code == 409
    assert "error" in answer.json()
    assert snapshot() == before


def test_who_may_not_edit_moves_nothing(office: Office) -> None:
    record = office.deal()
    reader = client_of(f.user("Tom", rights={"deal": {"edit": "none"}}))
    before = snapshot()
    answer = reader.post("/deals/move/", {"id": record, "to": office.stages["Talk"], "version": 1})
    assert answer.status_code == 403
    assert snapshot() == before


def test_a_calendar_shows_the_day_and_what_is_beyond_it(office: Office) -> None:
    for number in range(6):
        office.deal(name=f"Closing {number}", close_on="2026-03-10")
    text = office.client.get("/deals/?layout=calendar&month=2026-03").content.decode()
    assert "March 2026" in text
    assert text.count('class="calendar-item') == 4
    assert "2 more" in text
    assert "close_on=2026-03-10" in text
    assert "calendar-item" not in office.client.get("/deals/?layout=calendar&month=2026-06").content.decode()


@pytest.mark.parametrize("month", ["2026-13", "0001-01", "9999-12", "x", "2026-03-01"])
def test_any_month_gives_a_calendar(office: Office, month: str) -> None:
    assert office.client.get("/deals/", {"layout": "calendar", "month": month}).status_code == 200


@pytest.mark.parametrize(("month", "shown"), [("2026-03", True), ("2031-03", True), ("2026-06", False)])
def test_birthdays_come_again_every_year(office: Office, month: str, shown: bool) -> None:
    write.create(office.admin, "person", {"last_name": "Okafor", "birthday": "1984-03-10"})
    write.create(office.admin, "person", {"last_name": "Leap", "birthday": "1984-02-29"})
    text = office.client.get(f"/people/?layout=calendar&month={month}").content.decode()
    assert ("Okafor" in text) == shown
    assert "Leap" in office.client.get("/people/?layout=calendar&month=2026-02").content.decode()


def test_a_calendar_at_the_turn_of_the_year(office: Office) -> None:
    write.create(office.admin, "person", {"last_name": "Silvester", "birthday": "1984-12-31"})
    write.create(office.admin, "person", {"last_name": "Summer", "birthday": "1984-07-01"})
    text = office.client.get("/people/?layout=calendar&month=2027-01").content.decode()
    assert "Silvester" in text
    assert "Summer" not in text
