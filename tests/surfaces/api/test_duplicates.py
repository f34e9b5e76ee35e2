"""Programs say what is done where a record is there already, and are told which."""

from __future__ import annotations

import pytest
from tests.database import snapshot
from tests.surfaces.api.conftest import Program

from rapport.apps.customers.models import Person
from rapport.features.duplicates import policies
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
ANNA = {"fields": {"first_name": "Anna", "last_name": "Schmidt", "emails": "anna@example.com"}}
SAME = {"fields": {"last_name": "Else", "emails": "anna@example.com", "job": "Pilot"}}


def test_each_wish(ada: Program) -> None:
    anna = ada.post("people", ANNA, 201)["id"]
    before = snapshot()
    refused = ada.ask("POST", "people", SAME, query={"duplicates": "block"})
    assert refused.status_code == 409
    assert refused.data["type"].endswith(":duplicate")
    (match,) = refused.data["matches"]
    assert (match["id"], match["exact"], match["title"]) == (anna, True, "Anna Schmidt")
    assert snapshot() == before
    merged = ada.ask("POST", "people", SAME, query={"duplicates": "merge"})
    assert (merged.status_code, merged.data["id"]) == (200, anna)
    assert Person.objects.get().job == "Pilot"
    warned = ada.ask("POST", "people", SAME, query={"duplicates": "warn"})
    assert warned.status_code == 201
    assert [m["id"] for m in warned.data["duplicates"]] == [anna]
    assert "duplicates" not in ada.post("people", SAME, 201)
    assert ada.ask("POST", "people", SAME, query={"duplicates": "maybe"}).status_code == 422


def test_a_wish_does_not_lift_a_refusal(ada: Program) -> None:
    ada.post("people", ANNA, 201)
    policies.choose(ada.caller, catalog.current()["person"], "rest", "block", "warn")
    assert ada.ask("POST", "people", SAME, query={"duplicates": "nothing"}).status_code == 409
    assert ada.ask("POST", "people", SAME, query={"duplicates": "merge"}).status_code == 200
    assert Person.objects.count() == 1


OTHER = {"fields": {"first_name": "Bob", "last_name": "Ross", "emails": "bob@example.com"}}


def test_each_wish_in_bulk(ada: Program) -> None:
    anna = ada.post("people", ANNA, 201)["id"]
    sent = {"records": [SAME, OTHER]}
    refused = ada.ask("POST", "people/bulk/create", sent, query={"duplicates": "block"}).data["results"]
    assert [r["status"] for r in refused] == [409, 201]
    assert [m["id"] for m in refused[0]["duplicates"]] == [anna]
    assert "there" in refused[0]["errors"][0]["detail"]
    merged = ada.ask("POST", "people/bulk/create", {"records": [SAME]}, query={"duplicates": "merge"}).data["results"]
    assert merged == [{"status": 200, "id": anna}]
    assert Person.objects.get(pk=anna).job == "Pilot"
    warned = ada.ask("POST", "people/bulk/create", {"records": [SAME]}, query={"duplicates": "warn"}).data["results"]
    assert warned[0]["status"] == 201
    assert [m["id"] for m in warned[0]["duplicates"]] == [anna]
    made = ada.post("people/bulk/create", {"records": [SAME]})["results"]
    assert made == [{"status": 201, "id": made[0]["id"]}]


def test_what_fills_in_but_may_not_be_is_told_row_by_row(ada: Program) -> None:
    ada.post("people", ANNA, 201)
    wrong = {"fields": {"last_name": "Else", "emails": "anna@example.com", "birthday": "yesterday or so"}}
    sent = {"records": [wrong, OTHER]}
    results = ada.ask("POST", "people/bulk/create", sent, query={"duplicates": "merge"}).data["results"]
    assert [r["status"] for r in results] == [422, 201]
    assert results[0]["errors"][0]["field"] == "birthday"
    assert Person.objects.count() == 2


def test_an_upsert_that_would_make_a_double_is_held_too(ada: Program) -> None:
    anna = ada.post("people", {"fields": {**ANNA["fields"], "phones": "+4930123456"}}, 201)["id"]
    policies.choose(ada.caller, catalog.current()["person"], "rest", "block", "nothing")
    fields = {"last_name": "Else", "phones": "+4930123456"}
    held = ada.ask("PUT", "people/by/emails/new@example.com", {"fields": fields})
    assert held.status_code == 409
    assert [m["id"] for m in held.data["matches"]] == [anna]
    many = {"match": "emails", "records": [{"fields": {**fields, "emails": "new@example.com"}}, ANNA, OTHER]}
    results = ada.post("people/bulk/upsert", many)["results"]
    assert [(r["status"], r.get("id")) for r in results][:2] == [(409, None), (200, anna)]
    assert results[2]["status"] == 201
    assert Person.objects.count() == 2
    filled = ada.ask("PUT", "people/by/emails/new@example.com", {"fields": fields}, query={"duplicates": "merge"})
    assert (filled.status_code, filled.data["id"]) == (200, anna)
    assert [e["value"] for e in filled.data["fields"]["emails"]] == ["anna@example.com", "new@example.com"]
