"""Gates of stages: fields, tasks, approvals."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.apps.sales import gates
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.read import visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Caller:
    return f.admin()


@pytest.fixture
def line(ada: Caller) -> dict[str, int]:
    """Four stages of one pipeline, by name."""
    pipeline = f.make(ada, "pipeline", name="Sales")
    outcomes = {"new": "open", "offer": "open", "won": "won", "lost": "lost"}
    return {
        name: f.make(ada, "stage", name=name, pipeline=pipeline, position=i, outcome=outcome)
        for i, (name, outcome) in enumerate(outcomes.items())
    }


def deal(caller: Caller, line: dict[str, int], **values: Any) -> int:
    return write.create(caller, "deal", {"name": "Vans", "stage": line["new"], **values})


def move(caller: Caller, key: int, stage: int, **values: Any) -> None:
    write.update(caller, "deal", key, {"stage": stage, **values})


def stage_of(caller: Caller, key: int) -> int:
    return int(visible(caller, "deal").get(key).values["stage"])


def test_fields_are_asked_for_on_every_stage_of_the_way(ada: Caller, line: dict[str, int]) -> None:
    write.update(ada, "stage", line["offer"], {"asks": ["amount", "person"]})
    key = deal(ada, line)
    with pytest.raises(Invalid) as refused:
        move(ada, key, line["won"])
    assert refused.value.errors.keys() == {"amount", "person"}
    assert stage_of(ada, key) == line["new"]
    move(ada, key, line["lost"], lost_reason="price")  # losing passes every gate
    move(ada, key, line["new"])  # and so does going back
    move(ada, key, line["won"], amount="5 EUR", person=f.make(ada, "person"))
    assert stage_of(ada, key) == line["won"]
    with pytest.raises(Invalid):
        deal(ada, line, stage=line["offer"])


def test_the_board_asks_for_what_is_missing(ada: Caller, line: dict[str, int]) -> None:
    write.update(ada, "stage", line["offer"], {"asks": ["close_on"]})
    key = deal(ada, line)
    sent = {"id": key, "to": line["offer"]}
    answer = signed_in(ada).post("/deals/move/?layout=board", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "ask=close_on" in answer.json()["dialog"]
    assert stage_of(ada, key) == line["new"]


def test_tasks_come_with_the_stage_and_hold_it(ada: Caller, line: dict[str, int]) -> None:
    write.update(ada, "stage", line["new"], {"tasks": ["Call the buyer", "Check the budget"]})
    key = deal(ada, line)
    found = visible(ada, "task")
    tasks = {
        r.values["subject"]: r.id
        for r in found.page(columns=("subject",), filter={"field": "deal", "op": "is", "value": key}).rows
    }
    assert tasks.keys() == {"Call the buyer", "Check the budget"}
    write.update(ada, "task", tasks["Call the buyer"], {"status": "done"})
    with pytest.raises(Invalid, match="Check the budget"):
        move(ada, key, line["offer"])
    write.update(ada, "task", tasks["Check the budget"], {"status": "done"})
    move(ada, key, line["offer"])
    move(ada, key, line["new"])
    assert found.count() == 2  # not twice


def test_an_approval_lets_one_deal_through(ada: Caller, line: dict[str, int]) -> None:
    grace, noor = f.user("Grace"), f.user("Noor")
    write.update(ada, "stage", line["offer"], {"approver": grace.user_id})
    key, other = deal(noor, line), deal(noor, line)
    with pytest.raises(Invalid):
        move(noor, key, line["won"])
    assert gates.request(noor, [key]) == "Asked for 1 approval."
    asked = visible(grace, "task").page(columns=("subject", "assignee"), sort="-created_at").rows[0]
    assert (asked.values["assignee"], "offer" in asked.values["subject"]) == (grace.user_id, True)
    assert visible(ada, "task").get(asked.id).values["created_by"] == noor.user_id
    with pytest.raises(Forbidden):
        gates.approve(noor, [key])
    with pytest.raises(Invalid):
        write.update(noor, "deal", key, {"approved": line["offer"]})  # nor by the field itself
    with pytest.raises(Invalid):
        deal(noor, line, stage=line["offer"], approved=line["offer"])
    gates.approve(grace, [key])
    assert visible(ada, "task").get(asked.id).values["status"] == "done"
    move(noor, key, line["won"])
    with pytest.raises(Invalid):
        move(noor, other, line["offer"])
    move(grace, other, line["offer"])


def test_what_happened_earlier_passes(ada: Caller, line: dict[str, int]) -> None:
    write.update(ada, "stage", line["won"], {"asks": ["amount"]})
    at = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    made = write.create_many(ada, "deal", [{"name": "Old", "stage": line["won"]}], at=[at])
    assert not made.errors


def test_administrators_set_gates_on_a_page(ada: Caller, line: dict[str, int]) -> None:
    url = f"/settings/pipelines/stages/{line['offer']}/"
    client = signed_in(ada)
    assert "Approved by" in client.get(url).content.decode()
    sent = {"asks": ["amount", "name", "nonsense"], "tasks": "One\n\n One \nTwo", "approver": ada.user_id}
    assert client.post(url, sent).status_code == 303
    values = visible(ada, "stage").get(line["offer"]).values
    assert (values["asks"], values["tasks"], values["approver"]) == (["amount"], ["One", "Two"], ada.user_id)
    assert signed_in(f.user()).get(url).status_code == 403
