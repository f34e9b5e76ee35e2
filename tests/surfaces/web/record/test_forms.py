"""Forms of records: create, quick create, edit, what two people change at once, inline edit."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.lib.money import Money
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.models import Change
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.surfaces.web import fields

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "dialog#remote"}


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


@pytest.fixture
def client(ada: Caller) -> Client:
    return signed_in(ada)


def values(caller: Caller, key: str, record_id: int) -> dict[str, Any]:
    return visible(caller, key).get(record_id).values


def test_contact_rows_keep_order_primary_and_flags_and_drop_removed_ones() -> None:
    sent = QueryDict(
        "fields=emails&emails-0-value=a@b.example&emails-0-label=home&emails-1-value=c@d.example&emails-1-shared=true"
        "&emails-2-value=gone@d.example&emails-2-remove=true&emails-3-value=&emails-3-label=work&emails-primary=1"
    )
    assert fields.parse(catalog.current()["person"], sent) == {
        "emails": [
            {"value": "a@b.example", "label": "home"},
            {"value": "c@d.example", "shared": "true", "primary": "true"},
        ]
    }


def test_addresses_money_lists_and_absent_choices_are_read_from_the_form() -> None:
    person, deal = catalog.current()["person"], catalog.current()["deal"]
    sent = QueryDict("fields=addresses,tags&addresses-0-street=Road+1&addresses-0-city=Ulm&addresses-primary=0")
    assert fields.parse(person, sent) == {
        "addresses": [{"street": "Road 1", "city": "Ulm", "primary": "true"}],
        "tags": [],
    }
    money = QueryDict("amount=12.50&amount_currency=USD")
    assert fields.parse(deal, money) == {"amount": ("12.50", "USD")}


def test_create_writes_once_however_often_it_is_sent(client: Client, ada: Caller) -> None:
    form = client.get("/people/new/?first_name=Noor")
    assert b'value="Noor"' in form.content
    token = form.content.decode().split('name="submission" value="')[1].split('"')[0]
    sent = {"fields": "first_name,last_name", "first_name": "Noor", "last_name": "Okafor", "submission": token}
    first, second = client.post("/people/new/", sent), client.post("/people/new/", sent)
    assert (first.status_code, first["Location"]) == (303, second["Location"])
    assert visible(ada, "person").count() == 1


def test_a_refused_form_shows_every_fault_and_what_was_typed(client: Client) -> None:
    before = snapshot()
    sent = {"fields": "name,amount,close_on", "amount": "much", "amount_currency": "EUR", "close_on": "soon"}
    answer = client.post("/deals/new/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="much"' in page
    assert "This is needed." in page
    assert "Give a date such as" in page
    assert snapshot() == before


def test_quick_create_stays_on_the_page_and_tells_where_it_went(client: Client, ada: Caller) -> None:
    answer = client.post("/companies/quick/", {"fields": "name", "name": "Fjord"}, headers=HTMX)
    made = visible(ada, "company").page().rows[0].id
    events = json.loads(answer["HX-Trigger"])
    assert answer.status_code == 204
    assert events["toast"]["link"]["url"] == f"/companies/{made}/"
    picked = client.post("/companies/quick/", {"fields": "name", "name": "Ostsee", "pick": "1"}, headers=HTMX)
    assert json.loads(picked["HX-Trigger"])["combobox:created"]["label"] == "Ostsee"


def test_more_fields_takes_the_entries_along(client: Client) -> None:
    sent = {"fields": "first_name,emails", "first_name": "Noor", "emails-0-value": "n@o.example", "emails-primary": "0"}
    answer = client.post("/people/quick/", {**sent, "more": "1"}, headers=HTMX)
    page = client.get(json.loads(answer["HX-Location"])["path"]).content.decode()
    assert 'value="Noor"' in page
    assert 'value="n@o.example"' in page


def test_fields_that_nobody_touched_do_not_undo_what_others_wrote(client: Client, ada: Caller) -> None:
    made = f.make(ada, "person", first_name="Noor", job="Buyer", salutation="Ms")
    write.update(ada, "person", made, {"salutation": "Dr"}, version=1)
    sent = {"fields": "salutation,job", "salutation": "Ms", "job": "Head", "version": "1"}
    assert client.post(f"/people/{made}/edit/", sent).status_code == 303
    now = values(ada, "person", made)
    assert (now["salutation"], now["job"]) == ("Dr", "Head")


@pytest.mark.parametrize(("choice", "job"), [("theirs", "Head"), ("mine", "Chief")])
def test_a_field_changed_by_two_is_shown_with_both_values_and_a_choice(
    client: Client, ada: Caller, choice: str, job: str
) -> None:
    made = f.make(ada, "person", first_name="Noor", job="Buyer", salutation="Ms")
    write.update(ada, "person", made, {"job": "Head", "salutation": "Dr"}, version=1)
    sent = {"fields": "job,salutation", "job": "Chief", "salutation": "Ms", "version": "1"}
    before = snapshot()
    answer = client.post(f"/people/{made}/edit/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Head" in page
    assert "Chief" in page
    assert 'name="version" value="2"' in page
    assert 'value="Dr"' in page
    assert snapshot() == before
    again = {**sent, "salutation": "Dr", "version": "2", "resolve-job": choice}
    assert client.post(f"/people/{made}/edit/", again).status_code == 303
    now = values(ada, "person", made)
    assert (now["job"], now["salutation"]) == (job, "Dr")


def test_fields_one_may_only_read_are_shown_and_hidden_ones_are_absent(ada: Caller) -> None:
    made = f.make(ada, "person", first_name="Noor", job="Buyer", likes="Oolong")
    own_fields = {"person": {"job": "read", "likes": "hidden"}}
    tom = f.user("Tom", rights={"*": {"read": "all", "edit": "all"}}, fields=own_fields)
    client = signed_in(tom)
    page = client.get(f"/people/{made}/edit/").content.decode()
    assert "Buyer" in page
    assert 'name="job"' not in page
    assert "Oolong" not in page
    before = snapshot()
    assert client.post(f"/people/{made}/edit/", {"fields": "job", "job": "Boss", "version": "1"}).status_code == 422
    assert client.post(f"/people/{made}/edit/", {"fields": "likes", "likes": "x", "version": "1"}).status_code == 422
    assert client.get(f"/people/{made}/field/job/").status_code == 403
    assert client.get(f"/people/{made}/field/likes/").status_code == 404
    assert snapshot() == before


def test_inline_edit_answers_with_the_row_the_form_or_what_somebody_else_wrote(client: Client, ada: Caller) -> None:
    made = f.make(ada, "deal", name="Fleet", amount="10 EUR")
    url = f"/deals/{made}/field/amount/"
    assert b"data-inline-form" in client.get(url).content
    assert b"data-inline-form" not in client.get(f"{url}?cancel=1").content
    wrong = client.post(url, {"amount": "x", "version": "1"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    sent = {"amount": "12.50", "amount_currency": "USD", "version": "1"}
    assert client.post(url, sent, headers={"HX-Request": "true"}).status_code == 200
    assert values(ada, "deal", made)["amount"] == Money(1250, "USD")
    late = client.post(url, {**sent, "amount": "9"}, headers={"HX-Request": "true"})
    assert late.status_code == 409
    assert "12.50" in late.content.decode()


def test_custom_fields_are_in_the_form(client: Client, ada: Caller) -> None:
    f.custom_field("person", "shoe", "number", options={"min": 1, "max": 60})
    page = client.get("/people/new/").content.decode()
    assert 'name="shoe"' in page
    answer = client.post("/people/new/", {"fields": "last_name,shoe", "last_name": "O", "shoe": "42"})
    made = int(answer["Location"].rstrip("/").rsplit("/", 1)[1])
    assert values(ada, "person", made)["shoe"] == 42


def test_a_step_asks_for_what_it_needs_and_can_be_taken_back(client: Client, ada: Caller) -> None:
    made = f.make(ada, "deal", name="Fleet")
    deal = values(ada, "deal", made)
    lost = write.create(ada, "stage", {"name": "Lost", "pipeline": deal["pipeline"], "outcome": "lost", "position": 9})
    url, before = f"/deals/{made}/step/", Change.objects.count()
    asked = client.post(url, {"to": str(lost)})
    assert asked.status_code == 422
    assert b'name="lost_reason"' in asked.content
    assert Change.objects.count() == before
    assert b"data-error-summary" not in asked.content
    assert b'name="lost_note"' in asked.content
    sent = {"to": str(lost), "fields": "lost_reason,lost_note", "lost_reason": "price", "lost_note": "10 % less"}
    assert client.post(url, sent).status_code == 303
    assert values(ada, "deal", made)["outcome"] == "lost"


def test_a_new_deal_begins_in_the_first_stage_and_is_not_asked_why_it_was_lost(client: Client, ada: Caller) -> None:
    last, first = (
        write.create(ada, "pipeline", {"name": name, "position": p}) for name, p in (("Last", 9), ("One", 1))
    )
    stages = (("New", first, 1, "open"), ("Lost", first, 2, "lost"), ("Asked", last, 1, "open"))
    open_, lost, other = (
        write.create(ada, "stage", {"name": name, "pipeline": pipeline, "position": p, "outcome": outcome})
        for name, pipeline, p, outcome in stages
    )
    page = client.get("/deals/new/").content.decode()
    held = dict(re.findall(r'<input type="hidden" name="(pipeline|stage)" value="(\d*)"', page))
    assert held == {"pipeline": str(first), "stage": str(open_)}
    assert 'name="lost_reason"' not in page
    elsewhere = client.get(f"/deals/new/?stage={other}&pipeline={last}").content.decode()
    assert f'name="stage" value="{other}"' in elsewhere
    sent = {"fields": "name,pipeline,stage", "name": "Fleet", "pipeline": first, "stage": lost}
    refused = client.post("/deals/new/", sent)
    assert (refused.status_code, b'name="lost_reason"' in refused.content) == (422, True)
    made = client.post("/deals/new/", {**sent, "fields": f"{sent['fields']},lost_reason", "lost_reason": "price"})
    assert b'name="lost_reason"' in client.get(f"{made['Location']}edit/").content
