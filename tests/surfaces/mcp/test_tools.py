"""The tools: their descriptions, what they do, previews, refusals, pieces of work."""

from __future__ import annotations

import datetime as dt
from typing import Any

import jsonschema
import pytest
import time_machine
from django.utils import timezone
from tests import factories as f
from tests.database import snapshot
from tests.surfaces.mcp.conftest import Agent, agent

from rapport.features.programs import works
from rapport.features.programs.models import Work
from rapport.records import write
from rapport.records.history.models import Change
from rapport.records.read import visible

NAMES = [
    "who_am_i", "describe_objects", "search", "list_records", "get_record", "record_history", "report", "create_record",
    "update_record", "log_interaction", "merge_records", "delete_record", "restore_record", "revert_change",
]  # fmt: skip
KEPT_BY_THE_DOOR = ("programs_usage", "records_apitoken", "records_auditentry", "sqlite_sequence")


def checked(ada: Agent, tool: str, /, **arguments: Any) -> Any:
    """What a tool tells, which must fit its own schema."""
    known = {t["name"]: t for t in ada.ask("tools/list").data["result"]["tools"]}
    jsonschema.Draft202012Validator(known[tool]["inputSchema"]).validate(arguments)
    found = ada.call(tool, **arguments)
    jsonschema.Draft202012Validator(known[tool]["outputSchema"]).validate(found)
    return found


def test_tools_in_a_stable_order_with_titles_hints_and_schemas(ada: Agent) -> None:
    listed = ada.ask("tools/list").data["result"]["tools"]
    assert [t["name"] for t in listed] == NAMES
    assert listed == ada.ask("tools/list").data["result"]["tools"]
    for tool in listed:
        assert tool["title"]
        assert len(tool["description"]) > 30
        for schema in (tool["inputSchema"], tool["outputSchema"]):
            assert schema["type"] == "object"
            jsonschema.Draft202012Validator.check_schema(schema)
    hints = {t["name"]: t["annotations"] for t in listed}
    assert [name for name in NAMES if hints[name]["readOnlyHint"]] == NAMES[:7]
    assert hints["delete_record"]["destructiveHint"] is True
    assert hints["create_record"]["destructiveHint"] is False
    assert hints["update_record"]["idempotentHint"] is True


def test_who_am_i_and_what_is_there(ada: Agent) -> None:
    me = checked(ada, "who_am_i")
    assert (me["name"], me["administrator"], me["rights"]["person"]["edit"]) == ("Ada", True, "all")
    short = checked(ada, "describe_objects")["objects"]
    assert {"person", "company"} <= {o["object"] for o in short}
    (person,) = checked(ada, "describe_objects", objects=["person"])["objects"]
    fields = {field["name"]: field for field in person["fields"]}
    assert fields["company"]["target"] == "company"
    assert "contains" in fields["last_name"]["operators"]


def test_a_record_from_its_creation_to_the_trash_and_back(ada: Agent) -> None:
    made = checked(ada, "create_record", object="person", fields={"first_name": "Nova", "last_name": "Lind"})
    key = made["id"]
    assert (made["preview"], made["record"]["title"]) == (False, "Nova Lind")
    found = checked(ada, "search", query="nova lind")["items"]
    assert [(hit["object"], hit["id"]) for hit in found] == [("person", key)]
    read = checked(ada, "get_record", object="person", id=key)["record"]
    changed = checked(ada, "update_record", object="person", id=key, fields={"job": "Buyer"}, version=read["version"])
    assert changed["record"]["fields"]["job"] == "Buyer"
    condition = {"field": "job", "op": "is", "value": "Buyer"}
    page = checked(ada, "list_records", object="person", filter=condition, fields=["job"], sort="-job", count=True)
    assert [item["fields"] for item in page["items"]] == [{"job": "Buyer"}]
    assert page["count"] == {"value": 1, "at_least": False}
    report = checked(ada, "report", object="person", group_by="owner")
    assert [(g["label"], g["value"]) for g in report["items"]] == [("Ada", 1)]
    past = checked(ada, "record_history", object="person", id=key)["items"]
    assert [(act["action"], act["door"]) for act in past] == [("update", "mcp"), ("create", "mcp")]
    back = checked(ada, "revert_change", object="person", id=key, change=past[0]["id"])
    assert (back["reverted"], back["record"]["fields"]["job"]) == (["job"], None)
    checked(ada, "delete_record", object="person", id=key)
    assert ada.refusal("get_record", object="person", id=key)["title"] == "There is nothing here"
    assert checked(ada, "restore_record", object="person", id=key)["record"]["id"] == key


def test_an_interaction_is_logged(ada: Agent) -> None:
    person = f.make(ada.caller, "person")
    at = "2026-11-20T09:00:00Z"
    told = checked(ada, "log_interaction", kind="call", body="Wants a quote.", people=[person], at=at, minutes=5)
    fields = told["record"]["fields"]
    assert (fields["kind"], fields["subject"], fields["people"], fields["minutes"]) == (
        "call", "Wants a quote.", [person], 5
    )  # fmt: skip
    assert dt.datetime.fromisoformat(fields["at"]) == dt.datetime.fromisoformat(at)


@pytest.mark.parametrize("tool", NAMES[7:])
def test_a_preview_tells_and_changes_nothing(ada: Agent, tool: str) -> None:
    key, gone = f.make(ada.caller, "person", job="Seller"), f.make(ada.caller, "person")
    write.update(ada.caller, "person", key, {"job": "Buyer"})
    write.delete(ada.caller, "person", [gone])
    third = f.make(ada.caller, "person")
    change = Change.objects.filter(object_key="person", record_id=key, action="update").latest("id").pk
    arguments: dict[str, dict[str, Any]] = {
        "create_record": {"object": "person", "fields": {"last_name": "New"}},
        "update_record": {"object": "person", "id": key, "fields": {"job": "Clerk"}},
        "log_interaction": {"kind": "call", "body": "Hello", "people": [key]},
        "merge_records": {"object": "person", "id": key, "others": [third]},
        "delete_record": {"object": "person", "id": key},
        "restore_record": {"object": "person", "id": gone},
        "revert_change": {"object": "person", "id": key, "change": change},
    }
    ada.call("who_am_i")
    before = snapshot(*KEPT_BY_THE_DOOR)
    told = checked(ada, tool, **arguments[tool], preview=True)
    assert snapshot(*KEPT_BY_THE_DOOR) == before
    assert told["preview"] is True
    assert len(told["changes"]) == (2 if tool == "merge_records" else 1)
    if tool == "update_record":
        assert told["changes"][0]["fields"] == {"job": {"before": "Buyer", "after": "Clerk"}}
        assert (told["changes"][0]["id"], told["changes"][0]["action"]) == (key, "update")
    if tool == "create_record":
        assert told["changes"][0]["id"] is None


def test_refusals_say_what_to_do_and_change_nothing(ada: Agent) -> None:
    key = f.make(ada.caller, "person", job="Seller")
    write.update(ada.caller, "person", key, {"job": "Buyer"})
    ada.call("who_am_i")
    before = snapshot(*KEPT_BY_THE_DOOR)
    unknown = ada.refusal("list_records", object="no_such_object")
    assert "no_such_object" in unknown["errors"][0]["detail"]
    assert ada.refusal("update_record", object="person", id=key, fields={"nope": 1})["errors"][0]["field"] == "nope"
    stale = ada.refusal("update_record", object="person", id=key, fields={"job": "Clerk"}, version=1)
    assert (stale["errors"][0]["field"], stale["version"]) == ("job", 2)
    misspelt = ada.refusal("create_record", object="person", felds={})
    assert "felds" in misspelt["errors"][0]["detail"]
    assert ada.refusal("get_record", object="person", id=2**63)["errors"][0]["field"] == "id"
    assert ada.refusal("search", query="a\x00b")["detail"]
    assert ada.refusal("create_record", object="person", fields={"nope": 1}, preview=True)["errors"]
    assert snapshot(*KEPT_BY_THE_DOOR) == before


def test_a_token_to_read_writes_nothing_v10_4(db: None) -> None:
    """ASVS 10.4: a token gives what its scopes say and no more."""
    reader = agent(f.admin(), "read")
    key = f.make(reader.caller, "person")
    reader.call("get_record", object="person", id=key)
    before = snapshot(*KEPT_BY_THE_DOOR)
    for preview in (True, False):
        refused = reader.refusal("update_record", object="person", id=key, fields={"job": "x"}, preview=preview)
        assert "scope write" in refused["detail"]
    assert snapshot(*KEPT_BY_THE_DOOR) == before


def test_the_same_key_again_adds_nothing(ada: Agent) -> None:
    first, second = (ada.call("create_record", object="person", fields={"last_name": "One"}, key="k") for _ in "ab")
    assert first["id"] == second["id"]


def batches(*told: dict[str, Any]) -> list[str]:
    """The pieces of work to which writes belong."""
    return [one["work"] for one in told]


def added(ada: Agent, **more: Any) -> dict[str, Any]:
    """A write."""
    found: dict[str, Any] = ada.call("create_record", object="tag", fields=f.required(ada.caller, "tag"), **more)
    return found


def test_a_piece_of_work_ends_with_a_pause_or_another_client(ada: Agent) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = added(ada)
        clock.shift(dt.timedelta(minutes=29))
        second = added(ada)
        clock.shift(dt.timedelta(minutes=29))
        third = added(ada)
        ada.name = "Another client"
        other = added(ada)
        ada.name = "Tester"
        clock.shift(dt.timedelta(minutes=31))
        later = added(ada)
    assert len(set(batches(first, second, third))) == 1
    assert len(set(batches(first, other, later))) == 3
    pieces = {p.work.batch: p for p in works.recent(ada.caller)}
    assert (pieces[first["work"]].records, pieces[first["work"]].token, pieces[other["work"]].work.client) == (
        3, "Test", "Another client"
    )  # fmt: skip


def test_a_group_is_one_piece_whatever_the_pause(ada: Agent) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = added(ada, group="Spring cleaning")
        clock.shift(dt.timedelta(hours=5))
        second = added(ada, group="Spring cleaning")
        loose = added(ada)
    assert batches(first) == batches(second) != batches(loose)


def test_a_refused_write_begins_no_piece(ada: Agent) -> None:
    ada.refusal("create_record", object="person", fields={"nope": 1})
    assert not Work.objects.exists()


def test_taking_a_piece_back_keeps_what_was_edited_since(ada: Agent) -> None:
    bob = f.user("Bob")
    old, other = f.make(ada.caller, "person", job="Seller"), f.make(ada.caller, "person", job="Seller")
    made = ada.call("create_record", object="person", fields={"last_name": "New"})
    touched = ada.call("create_record", object="person", fields={"last_name": "Touched"})
    ada.call("update_record", object="person", id=made["id"], fields={"job": "Clerk"})
    ada.call("update_record", object="person", id=old, fields={"job": "Buyer"})
    ada.call("update_record", object="person", id=other, fields={"job": "Buyer", "likes": "Fairs"})
    ada.call("delete_record", object="person", id=old)
    write.update(ada.caller, "person", other, {"job": "Boss"})
    write.update(ada.caller, "person", touched["id"], {"job": "Boss"})
    (piece,) = works.recent(ada.caller)
    assert (piece.acts, piece.records) == (6, 4)
    assert works.recent(bob) == []
    works.revert(ada.caller, piece.work.pk)
    people = visible(ada.caller, "person")
    assert people.get(old).values["job"] == "Seller"
    assert (people.get(other).values["job"], people.get(other).values["likes"]) == ("Boss", "")
    assert people.get(touched["id"]).values["job"] == "Boss"
    assert made["id"] not in people.labels([made["id"]])
    found, _more = works.changes(ada.caller, piece.work.batch)
    judged = works.after_revert(piece.work.batch, found)
    kept = {(c.title, c.act.action): [k.field.name for k in c.kept] for c in judged if c.kept or c.left}
    assert kept == {("Touched", "create"): [], (people.get(other).title, "update"): ["job"]}
    assert added(ada)["work"] != piece.work.batch


def test_taking_a_piece_back_brings_merged_records_back(ada: Agent) -> None:
    one, two = f.make(ada.caller, "person", job="Seller"), f.make(ada.caller, "person", job="Buyer")
    told = checked(ada, "merge_records", object="person", id=one, others=[two], fields={"job": two})
    assert told["record"]["fields"]["job"] == "Buyer"
    people = visible(ada.caller, "person")
    assert two not in people.labels([two])
    (piece,) = works.recent(ada.caller)
    works.revert(ada.caller, piece.work.pk)
    assert (people.get(one).values["job"], people.get(two).values["job"]) == ("Seller", "Buyer")
    judged = works.after_revert(piece.work.batch, works.changes(ada.caller, piece.work.batch)[0])
    assert [c for c in judged if c.kept or c.left] == []


def test_an_agent_is_told_of_what_is_there_already(ada: Agent) -> None:
    values = {"first_name": "Anna", "last_name": "Schmidt", "emails": "anna@example.com"}
    first = ada.call("create_record", object="person", fields=values)
    assert "duplicates" not in first
    told = ada.call("create_record", object="person", fields=values, preview=True)
    assert [match["id"] for match in told["duplicates"]] == [first["id"]]
    filled = ada.call("create_record", object="person", fields={**values, "job": "Pilot"}, duplicates="merge")
    assert filled["id"] == first["id"]
    assert filled["record"]["fields"]["job"] == "Pilot"
