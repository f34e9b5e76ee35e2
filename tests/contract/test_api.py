"""Every object through REST: each verb, rights, hidden fields; refusals compared by the database."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f
from tests.contract.conftest import World
from tests.database import snapshot
from tests.surfaces.api.conftest import Program, program

from rapport.features.programs import limits
from rapport.records.accounts.api_tokens import of_user
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry.fields import FieldSpec

KEPT_BY_THE_DOOR = ("programs_usage", "records_apitoken")


@pytest.fixture(autouse=True)
def fresh_counts() -> None:
    """Each test counts anew."""
    limits.forget()


def changeable(world: World) -> FieldSpec | None:
    """A text that may be set at will."""
    names = ("name", "title", "subject", "role", "description", "last_name", "number", "body")
    fields = [world.obj.fields.get(n) for n in names] + list(world.obj.fields.values())
    for field in fields:
        if field is not None and field.type.key in {"text", "longtext"} and world.admin.edits(world.obj, field):
            return field
    return None


def values(world: World) -> dict[str, Any]:
    """Values of a new record."""
    return f.required(world.admin, world.key)


def test_create_get_list_update_delete_restore(world: World) -> None:
    ada, plural = program(world.admin), world.obj.plural
    made = ada.post(plural, {"fields": values(world)}, 201)
    path = f"{plural}/{made['id']}"
    assert made["object"] == world.key
    assert set(made["fields"]) == set(world.admin.visible_fields(world.obj))
    found = ada.ask("GET", path)
    assert (found.data, found.headers["ETag"]) == (made, f'"{made["version"]}"')
    listed = ada.get(plural, fields="all", count=True, size=200)
    assert made["fields"] in [item["fields"] for item in listed["items"]]
    assert listed["count"]["value"] >= 1
    if field := changeable(world):
        changed = ada.ask("PATCH", path, {"fields": {field.name: "Changed"}}, If_Match=found.headers["ETag"])
        assert changed.status_code == 200, changed.content
        assert changed.data["fields"][field.name] == "Changed"
        stale = ada.ask("PATCH", path, {"fields": {field.name: "Late"}}, If_Match=found.headers["ETag"])
        assert stale.status_code == 412
        past = ada.get(f"{path}/history")["items"]
        assert [act["action"] for act in past] == ["update", "create"]
        taken_back = ada.post(f"{path}/revert", {"change": past[0]["id"]})
        assert field.name in taken_back["reverted"]
        assert ada.get(path)["fields"][field.name] == made["fields"][field.name]
    gone = ada.ask("DELETE", path)
    assert gone.status_code == 204, gone.content
    assert ada.ask("GET", path).status_code == 404
    assert made["id"] in [item["id"] for item in ada.get(f"{plural}/trash")["items"]]
    assert ada.get(path, deleted=True)["deleted"] is True
    ada.post(f"{path}/restore")
    assert ada.get(path)["fields"].keys() == made["fields"].keys()


def test_bulk_with_a_result_each(world: World) -> None:
    ada, plural = program(world.admin), world.obj.plural
    rows = [{"fields": values(world)}, {"fields": {**values(world), "no_such_field": 1}}]
    made = ada.post(f"{plural}/bulk/create", {"records": rows})
    assert [r["status"] for r in made["results"]] == [201, 422]
    assert made["results"][1]["errors"][0]["field"] == "no_such_field"
    key = made["results"][0]["id"]
    none = key + 1_000_000
    changed = ada.post(f"{plural}/bulk/update", {"records": [{"id": key, "fields": {}}, {"id": none, "fields": {}}]})
    assert [r["status"] for r in changed["results"]] == [200, 404]
    gone = ada.post(f"{plural}/bulk/delete", {"ids": [key, none]})
    assert [r["status"] for r in gone["results"]] == [204, 404]
    back = ada.post(f"{plural}/bulk/restore", {"ids": [key, none]})
    assert [r["status"] for r in back["results"]] == [200, 404]
    taken_back = ada.post(f"batches/{made['batch']}/revert")
    assert taken_back["count"] >= 1
    assert ada.ask("GET", f"{plural}/{key}").status_code == 404


def test_aggregate_and_search_take_every_field(world: World) -> None:
    ada, plural = program(world.admin), world.obj.plural
    world.make()
    number = visible(world.admin, world.key).count()
    assert ada.get(f"{plural}/aggregate")["items"][0]["value"] == number
    for field in world.obj.fields.values():
        if field.type.groupable:
            found = ada.get(f"{plural}/aggregate", group_by=field.name)["items"]
            assert sum(item["value"] for item in found) == number, field.name
        if field.type.key in {"date", "datetime"}:
            ada.get(f"{plural}/aggregate", group_by=f"{field.name}:month")
            ada.get(f"{plural}/aggregate", measure="maximum", field=field.name)
        if field.type.numeric:
            for measure in ("sum", "average", "minimum", "maximum"):
                ada.get(f"{plural}/aggregate", measure=measure, field=field.name, group_by="owner")
    ada.get(f"{plural}/search", q="anything")


def acts(plural: str, key: int, given: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Everything that can be asked of a record."""
    return [
        ("GET", f"{plural}/{key}", None),
        ("GET", f"{plural}/{key}/history", None),
        ("PATCH", f"{plural}/{key}", {"fields": {}}),
        ("DELETE", f"{plural}/{key}", None),
        ("POST", f"{plural}/{key}/restore", None),
        ("POST", f"{plural}/{key}/revert", {"change": 1}),
        ("POST", plural, {"fields": given}),
        ("POST", f"{plural}/bulk/create", {"records": [{"fields": given}]}),
    ]


def test_who_may_nothing_changes_and_sees_nothing_v8_2(world: World) -> None:
    """ASVS 8.2: rights are checked for each object, record and act."""
    key, plural, given = world.make(), world.obj.plural, values(world)
    stranger = program(world.nobody)
    before = snapshot(*KEPT_BY_THE_DOOR)
    for method, path, body in acts(plural, key, given):
        answer = stranger.ask(method, path, body)
        assert answer.status_code in {403, 404, 422}, (method, path, answer.content)
    for part, body in (("update", {"records": [{"id": key, "fields": {}}]}), ("delete", {"ids": [key]})):
        assert stranger.post(f"{plural}/bulk/{part}", body)["done"] == 0
    assert snapshot(*KEPT_BY_THE_DOOR) == before
    assert stranger.get(plural, count=True) == {"items": [], "next": None, "count": {"value": 0, "at_least": False}}
    assert stranger.get(f"{plural}/search", q="a")["items"] == []
    assert stranger.ask("GET", f"{plural}/aggregate").status_code == 403


def test_a_token_without_the_scope_is_refused_v10_4(world: World) -> None:
    """ASVS 10.4: a token gives what its scopes say and no more."""
    key, plural, given = world.make(), world.obj.plural, values(world)
    reader, other = (
        program(world.admin, "read"),
        program(world.admin, "write:person" if world.key != "person" else "write:company"),
    )
    before = snapshot(*KEPT_BY_THE_DOOR)
    for method, path, body in acts(plural, key, given):
        if method != "GET":
            assert reader.ask(method, path, body).status_code == 403
        assert other.ask(method, path, body).status_code == 403
    assert other.ask("GET", plural).status_code == 403
    assert snapshot(*KEPT_BY_THE_DOOR) == before
    assert reader.ask("GET", f"{plural}/{key}").status_code == 200


def hiding(world: World) -> tuple[Caller, FieldSpec] | None:
    """Someone from whom one field is hidden."""
    for field in world.obj.fields.values():
        fits = field.name != world.obj.spec.title and not field.required and field.column and not field.custom
        if fits and field.type.key in {"text", "longtext", "choice", "date", "number"} and field.editable:
            everything = dict.fromkeys(("create", "read", "edit", "delete"), "all")
            hidden = {world.key: {field.name: "hidden"}}
            return f.user("Blind", rights={"*": everything}, fields=hidden), field
    return None


def test_a_hidden_field_does_not_exist_v8_2_3(world: World) -> None:
    """ASVS 8.2.3: rights hold for single fields."""
    if (found := hiding(world)) is None:
        pytest.skip("no field to hide")
    caller, field = found
    key, plural = world.make(), world.obj.plural
    blind = program(caller)
    assert field.name not in blind.get(f"{plural}/{key}")["fields"]
    assert blind.ask("GET", plural, query={"fields": field.name}).status_code == 422
    condition = {"field": field.name, "op": "empty"}
    assert blind.ask("GET", plural, query={"filter": condition}).status_code == 422
    if field.type.sortable:
        assert blind.ask("GET", plural, query={"sort": field.name}).status_code == 422
    assert blind.ask("GET", f"{plural}/aggregate", query={"group_by": field.name}).status_code == 422
    before = snapshot(*KEPT_BY_THE_DOOR)
    refused = blind.ask("PATCH", f"{plural}/{key}", {"fields": {field.name: "2020-01-01"}})
    assert refused.status_code == 422
    assert snapshot(*KEPT_BY_THE_DOOR) == before
    document = blind.get("openapi.json")
    assert field.name not in document["components"]["schemas"][world.key]["properties"]["fields"]["properties"]


def test_the_document_describes_the_object(world: World) -> None:
    ada: Program = program(world.admin)
    assert len(of_user(world.admin)) == 1
    document = ada.get("openapi.json")
    assert {"get", "post"} <= document["paths"][f"/{world.obj.plural}"].keys()
    described = document["components"]["schemas"][world.key]["properties"]["fields"]["properties"]
    assert list(described) == list(world.admin.visible_fields(world.obj))
