"""Forms tell of records that are there already: while one types, and before a second one is saved."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.apps.customers.models import Person
from rapport.features.duplicates import policies
from rapport.features.duplicates.models import DuplicatePair
from rapport.features.duplicates.suggesting import Suggestion, suggest
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "dialog#remote"}
ANNA = {"first_name": "Anna", "last_name": "Schmidt", "emails": "anna@example.com"}
FORM: dict[str, Any] = {"fields": "first_name,last_name,emails", "first_name": "Anna", "last_name": "Schmidt"}


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


@pytest.fixture
def client(ada: Caller) -> Client:
    return signed_in(ada)


@pytest.fixture
def anna(ada: Caller) -> int:
    return write.create(ada, "person", ANNA)


def choose(ada: Caller, exact: str, near: str) -> None:
    policies.choose(ada, catalog.current()["person"], "page", exact, near)


@pytest.mark.parametrize("url", ["/people/new/", "/people/quick/"])
def test_a_second_one_is_saved_only_when_that_is_meant(client: Client, anna: int, url: str) -> None:
    answer = client.post(url, FORM)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="/people/{anna}/"' in page
    assert "First name: same" in page
    assert "Save anyway" in page
    assert Person.objects.count() == 1
    assert client.post(url, {**FORM, "anyway": "1"}).status_code == 303
    assert Person.objects.count() == 2


def test_what_is_new_is_saved_at_once(client: Client, anna: int) -> None:
    assert client.post("/people/new/", {**FORM, "last_name": "Weber"}).status_code == 303
    assert Person.objects.count() == 2


def test_while_one_types_matches_are_told(client: Client, anna: int) -> None:
    page = client.post("/people/alike/", FORM, headers=HTMX).content.decode()
    assert f'href="/people/{anna}/"' in page
    assert "Save anyway" not in page
    assert client.post("/people/alike/", {"fields": "last_name", "last_name": ""}).content.decode().strip() == ""
    assert 'hx-post="/people/alike/"' in client.get("/people/new/").content.decode()
    assert "alike" not in client.get("/deals/new/").content.decode()


def test_the_one_that_is_there_is_used_and_its_gaps_are_filled(client: Client, ada: Caller, anna: int) -> None:
    sent = {**FORM, "fields": "first_name,last_name,emails,job", "job": "Pilot", "last_name": "Schmitt", "use": anna}
    assert client.post("/people/new/", sent).headers["Location"] == f"/people/{anna}/"
    person = Person.objects.get()
    assert (person.job, person.last_name) == ("Pilot", "Schmidt")
    picked = client.post("/people/quick/", {**sent, "job": "Boss", "pick": "1"}, headers=HTMX)
    assert json.loads(picked.headers["HX-Trigger"])["combobox:created"] == {"value": anna, "label": "Anna Schmidt"}
    assert Person.objects.get().job == "Pilot"


def test_administrators_choose_what_is_done(client: Client, ada: Caller, anna: int) -> None:
    choose(ada, "block", "nothing")
    assert client.post("/people/new/", FORM).status_code == 303
    before = snapshot()
    refused = client.post("/people/new/", {**FORM, "emails": "anna@example.com", "anyway": "1"})
    assert refused.status_code == 422
    assert "Save anyway" not in refused.content.decode()
    assert snapshot() == before
    choose(ada, "merge", "nothing")
    merged = client.post(
        "/people/new/", {**FORM, "emails": "anna@example.com", "fields": "last_name,emails,job", "job": "Pilot"}
    )
    assert merged.headers["Location"] == f"/people/{anna}/"
    assert Person.objects.get(pk=anna).job == "Pilot"
    assert Person.objects.count() == 2


def test_nothing_is_told_of_what_may_not_be_seen(ada: Caller, anna: int) -> None:
    stranger = signed_in(f.user("Ben", rights={"person": {"read": "own", "create": "all", "edit": "own"}}))
    assert client_sees(stranger, anna) == ""
    before = snapshot()
    assert stranger.post("/people/new/", {**FORM, "use": anna}).status_code == 404
    assert snapshot() == before
    assert stranger.post("/people/new/", {**FORM, "emails": "anna@example.com"}).status_code == 303


def client_sees(client: Client, record: int) -> str:
    return client.post("/people/alike/", {**FORM, "emails": "anna@example.com"}).content.decode().strip()


def test_the_page_of_a_record_leads_to_merging(client: Client, ada: Caller, anna: int) -> None:
    other = write.create(ada, "person", {"first_name": "Anna", "last_name": "Schmitt"})
    page = client.get(f"/people/{anna}/").content.decode()
    assert f'href="/people/{anna}/merge-with/"' in page
    assert f'hx-get="/people/{anna}/alike/"' in page
    assert "1 record looks like this one" in client.get(f"/people/{anna}/alike/").content.decode()
    chosen = client.get(f"/people/{anna}/merge-with/").content.decode()
    assert f"/people/merge/?ids={anna},{other}" in chosen
    assert client.get(f"/people/merge/?ids={anna},{other}").status_code == 200
    found = write.create(ada, "person", {"last_name": "Zuse"})
    assert f"ids={anna},{found}" in client.get(f"/people/{anna}/merge-with/?q=zuse").content.decode()
    suggest("person", [Suggestion(anna, other, 0.9)], "form")
    DuplicatePair.objects.update(state="different")
    assert client.get(f"/people/{anna}/alike/").content.decode().strip() == ""
    reader = signed_in(f.user("Ben", rights={"person": {"read": "all", "edit": "none"}}))
    assert reader.get(f"/people/{anna}/merge-with/").status_code == 403
    assert "merge-with" not in reader.get(f"/people/{anna}/").content.decode()


def test_doors_are_set_by_administrators_only(client: Client, ada: Caller) -> None:
    page = client.get("/settings/duplicate-doors/").content.decode()
    assert 'name="person-rest-exact"' in page
    assert client.post("/settings/duplicate-doors/", {"person-rest-exact": "block"}).status_code == 303
    person = catalog.current()["person"]
    assert policies.of(person, "rest") == policies.Policy("block", "queue")
    before = snapshot()
    client.post("/settings/duplicate-doors/", {"person-import-exact": "block"})
    signed_in(f.user("Ben")).post("/settings/duplicate-doors/", {"person-page-near": "nothing"})
    assert policies.of(person, "import") == policies.DEFAULTS["import"]
    assert policies.of(person, "page") == policies.DEFAULTS["page"]
    assert {n: r for n, r in snapshot().items() if "policy" in n} == {n: r for n, r in before.items() if "policy" in n}
