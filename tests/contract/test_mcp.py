"""Every object through the tools for agents: list, get, create, update, delete; rights; refusals by the database."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f
from tests.contract.conftest import WITHOUT_CREATE, World
from tests.contract.test_api import changeable, hiding, values
from tests.database import snapshot
from tests.surfaces.mcp.conftest import agent

from rapport.features.programs import limits

KEPT_BY_THE_DOOR = ("programs_usage", "records_apitoken")


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    """Each test counts anew."""
    limits.forget()


def test_describe_create_get_list_update_delete_restore(world: World) -> None:
    ada, key = agent(world.admin), world.key
    (described,) = ada.call("describe_objects", objects=[key])["objects"]
    assert [field["name"] for field in described["fields"]] == list(world.admin.visible_fields(world.obj))
    if key in WITHOUT_CREATE:
        record = world.make()
    else:
        given = values(world)
        before = snapshot(*KEPT_BY_THE_DOOR)
        ada.call("create_record", object=key, fields=given, preview=True)
        assert snapshot(*KEPT_BY_THE_DOOR) == before
        record = ada.call("create_record", object=key, fields=given)["id"]
    found = ada.call("get_record", object=key, id=record)["record"]
    assert set(found["fields"]) == set(world.admin.visible_fields(world.obj))
    listed = ada.call("list_records", object=key, fields=["all"], count=True, size=200)
    assert found["fields"] in [item["fields"] for item in listed["items"]]
    if field := changeable(world):
        changed = {"object": key, "id": record, "fields": {field.name: "Changed"}, "version": found["version"]}
        before = snapshot(*KEPT_BY_THE_DOOR)
        told = ada.call("update_record", **changed, preview=True)
        assert field.name in told["changes"][0]["fields"]
        assert snapshot(*KEPT_BY_THE_DOOR) == before
        assert ada.call("update_record", **changed)["record"]["fields"][field.name] == "Changed"
        assert ada.call("record_history", object=key, id=record)["items"][0]["door"] == "mcp"
    ada.call("delete_record", object=key, id=record)
    assert ada.refusal("get_record", object=key, id=record)
    assert ada.call("restore_record", object=key, id=record)["record"]["id"] == record
    assert ada.call("report", object=key)["items"][0]["value"] >= 1


def test_who_may_nothing_changes_and_sees_nothing_v8_2(world: World) -> None:
    """ASVS 8.2: rights are checked for each object, record and act."""
    key, record, given = world.key, world.make(), values(world)
    stranger = agent(world.nobody)
    one: dict[str, Any] = {"object": key, "id": record}
    before = snapshot(*KEPT_BY_THE_DOOR)
    for preview in (True, False):
        stranger.refusal("create_record", object=key, fields=given, preview=preview)
        stranger.refusal("update_record", **one, fields={}, preview=preview)
        stranger.refusal("delete_record", **one, preview=preview)
        stranger.refusal("restore_record", **one, preview=preview)
        stranger.refusal("merge_records", **one, others=[record + 1], preview=preview)
    stranger.refusal("get_record", **one)
    stranger.refusal("record_history", **one)
    stranger.refusal("report", object=key)
    assert snapshot(*KEPT_BY_THE_DOOR) == before
    listed = stranger.result("list_records", object=key)
    assert listed.get("isError") or listed["structuredContent"]["items"] == []
    assert stranger.call("search", query="a")["items"] == []


def test_a_hidden_field_does_not_exist_v8_2_3(world: World) -> None:
    """ASVS 8.2.3: rights hold for single fields."""
    if (found := hiding(world)) is None:
        pytest.skip("no field to hide")
    caller, field = found
    key, record, blind = world.key, world.make(), agent(caller)
    assert field.name not in blind.call("get_record", object=key, id=record)["record"]["fields"]
    (described,) = blind.call("describe_objects", objects=[key])["objects"]
    assert field.name not in [one["name"] for one in described["fields"]]
    blind.refusal("list_records", object=key, fields=[field.name])
    blind.refusal("list_records", object=key, filter={"field": field.name, "op": "empty"})
    blind.refusal("report", object=key, group_by=field.name)
    before = snapshot(*KEPT_BY_THE_DOOR)
    blind.refusal("update_record", object=key, id=record, fields={field.name: "2020-01-01"})
    assert snapshot(*KEPT_BY_THE_DOOR) == before


def test_a_token_for_another_object_reaches_nothing_v10_4(world: World) -> None:
    """ASVS 10.4: a token gives what its scopes say and no more."""
    record = world.make()
    other = agent(world.admin, "write:person" if world.key != "person" else "write:company")
    before = snapshot(*KEPT_BY_THE_DOOR)
    other.refusal("get_record", object=world.key, id=record)
    other.refusal("update_record", object=world.key, id=record, fields={})
    other.refusal("create_record", object=world.key, fields=f.required(world.admin, "tag"))
    assert snapshot(*KEPT_BY_THE_DOOR) == before
