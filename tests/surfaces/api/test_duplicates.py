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
