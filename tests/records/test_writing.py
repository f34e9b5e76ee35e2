"""The write door: one transaction, a change row each, refusals that change nothing."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from tests import factories as f
from tests.database import snapshot

from rapport.lib.money import Money
from rapport.records import write
from rapport.records.errors import Conflict, Forbidden, Invalid, NotFound
from rapport.records.models import Change, OutboxEntry, UniqueValue
from rapport.records.read import visible

pytestmark = pytest.mark.django_db


def test_create_writes_record_change_and_event() -> None:
    ann = f.user()
    company = f.make(ann, "company", name="Fjord")
    person = write.create(
        ann, "person", {"first_name": "Noor", "last_name": "Okafor", "company": company, "emails": "Noor@Fjord.Example"}
    )
    found = visible(ann, "person").get(person)
    assert found.title == "Noor Okafor"
    assert found.values["emails"] == ({"value": "Noor@fjord.example", "label": "work"},)
    assert found.labels["company"] == "Fjord"
    assert (found.values["owner"], found.version) == (ann.user_id, 1)
    change = Change.objects.get(object_key="person", record_id=person)
    assert (change.action, change.actor_id, change.door) == ("create", ann.user_id, "page")
    assert change.diff["company"] == [None, company]
    assert "birthday" not in change.diff
    assert OutboxEntry.objects.filter(event="person.create", ids=[person]).exists()


def test_update_changes_only_what_differs() -> None:
    ann = f.user()
    deal = f.make(ann, "deal", name="Fleet", amount="100 EUR")
    assert write.update(ann, "deal", deal, {"name": "Fleet", "amount": "100.00 EUR"}) == 1
    assert write.update(ann, "deal", deal, {"name": "Fleet 2", "amount": "100 EUR"}) == 2
    assert Change.objects.filter(object_key="deal", record_id=deal).latest("id").diff == {"name": ["Fleet", "Fleet 2"]}
    assert visible(ann, "deal").get(deal).values["amount"] == Money(10000, "EUR")


def test_stale_update_is_refused_per_field() -> None:
    ann = f.user()
    deal = f.make(ann, "deal", name="Fleet")
    write.update(ann, "deal", deal, {"name": "Hers"}, version=1)
    assert write.update(ann, "deal", deal, {"description": "mine"}, version=1) == 3
    before = snapshot()
    with pytest.raises(Conflict) as caught:
        write.update(ann, "deal", deal, {"name": "Mine", "close_on": "2027-01-01"}, version=1)
    assert caught.value.fields == {"name": ("Hers", "Mine")}
    assert snapshot() == before
    assert write.update(ann, "deal", deal, {"name": "Hers"}, version=1) == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "A", "amount": "many"}, "amount"),
        ({"name": "A", "amount": "1 XXY"}, "amount"),
        ({"name": "A", "company": 999_999}, "company"),
        ({"name": "A", "company": "'; DROP TABLE deal"}, "company"),
        ({"name": "A", "close_on": "soon"}, "close_on"),
        ({"name": "A", "close_on": "99999-01-01"}, "close_on"),
        ({"name": "A", "is_superuser": True}, "is_superuser"),
        ({"name": "A", "version": 9}, "version"),
        ({"name": "A", "id": 9}, "id"),
        ({"name": "A", "created_at": "2020-01-01"}, "created_at"),
        ({"name": "A", "outcome": "won"}, "outcome"),
        ({"name": "A", "probability": 101}, "probability"),
        ({"name": "A", "probability": True}, "probability"),
        ({"name": "A", "tags": [10**30]}, "tags"),
        ({"name": "A", "owner": 10**12}, "owner"),
    ],
)
def test_bad_input_is_refused_by_field_and_changes_nothing(values: dict[str, object], field: str) -> None:
    ann = f.user()
    stage = f.make(f.admin(), "stage")
    before = snapshot()
    with pytest.raises(Invalid) as caught:
        write.create(ann, "deal", {"stage": stage, **values})
    assert field in caught.value.errors
    assert snapshot() == before


def test_a_form_sent_twice_writes_once() -> None:
    ann = f.user()
    first = write.create(ann, "company", {"name": "Fjord"}, submission="token-1")
    assert write.create(ann, "company", {"name": "Fjord"}, submission="token-1") == first
    assert visible(ann, "company").count() == 1


def test_bulk_create_keeps_good_rows_and_tells_bad_ones() -> None:
    ann = f.user()
    made = write.create_many(ann, "company", [{"name": "A"}, {"name": ""}, {"name": "C", "parent": 77}, {"name": "D"}])
    assert [made.ids[i] is not None for i in range(4)] == [True, False, False, True]
    assert set(made.errors) == {1, 2}
    assert Change.objects.filter(object_key="company").count() == 2


def test_bulk_update_in_sets() -> None:
    ann = f.user()
    ids = [i for i in write.create_many(ann, "company", [{"name": f"C{n}"} for n in range(1200)]).ids if i]
    assert write.update_many(ann, "company", ids, {"industry": "retail"}) == {}
    assert visible(ann, "company").count({"field": "industry", "op": "is", "value": "retail"}, cap=None) == 1200
    assert Change.objects.filter(object_key="company", action="update").count() == 1200
    before = snapshot()
    with pytest.raises(NotFound):
        write.update_many(ann, "company", [*ids, 10**9], {"industry": "media"})
    assert snapshot() == before


def test_trash_and_restore() -> None:
    ann = f.user()
    person = f.make(ann, "person", emails="a@example.com")
    assert write.delete(ann, "person", [person]) == 1
    with pytest.raises(NotFound):
        visible(ann, "person").get(person)
    assert [row[0] for row in visible(ann, "person").trash()] == [person]
    other = f.make(ann, "person", emails="a@example.com")
    write.restore(ann, "person", [person])
    assert visible(ann, "person").get(person).values["emails"][0]["value"] == "a@example.com"
    assert visible(ann, "person").allowed([person, other]) == {person, other}


def test_what_is_needed_elsewhere_is_not_deleted() -> None:
    boss = f.admin()
    deal = f.make(boss, "deal")
    stage = visible(boss, "deal").get(deal).values["stage"]
    before = snapshot()
    with pytest.raises(Invalid):
        write.delete(boss, "stage", [stage])
    assert snapshot() == before


def test_purge_removes_old_trash_only() -> None:
    boss = f.admin()
    old, new = f.make(boss, "person"), f.make(boss, "person")
    with time_machine.travel(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)):
        write.delete(boss, "person", [old])
    write.delete(boss, "person", [new])
    assert write.purge("person", dt.datetime(2021, 1, 1, tzinfo=dt.UTC)) == 1
    assert [row[0] for row in visible(boss, "person").trash()] == [new]


def test_erase_leaves_no_value_anywhere() -> None:
    boss = f.admin()
    person = f.make(boss, "person", first_name="Xanthippe", last_name="Zzyzx", emails="xanthippe@example.com")
    f.make(boss, "interaction", people=[person], body="hello")
    write.update(boss, "person", person, {"job": "Zzyzx expert"})
    with pytest.raises(Forbidden):
        write.erase(f.user(), "person", [person])
    write.erase(boss, "person", [person])
    text = repr(snapshot()).lower()
    assert "xanthippe" not in text
    assert "zzyzx" not in text
    assert Change.objects.filter(object_key="person", record_id=person, action="erase").count() == 1


def test_unique_custom_field_holds() -> None:
    boss = f.admin()
    f.custom_field("company", "vat", "text", unique=True)
    first = write.create(boss, "company", {"name": "A", "vat": "DE1"})
    before = snapshot()
    with pytest.raises(Invalid) as caught:
        write.create(boss, "company", {"name": "B", "vat": "de1"})
    assert "vat" in caught.value.errors
    assert snapshot() == before
    write.update(boss, "company", first, {"vat": "DE2"})
    write.create(boss, "company", {"name": "B", "vat": "DE1"})
    write.delete(boss, "company", [first])
    assert set(UniqueValue.objects.values_list("value", flat=True)) == {"de1"}
    write.restore(boss, "company", [first])
    assert set(UniqueValue.objects.values_list("value", flat=True)) == {"de1", "de2"}


def test_unique_values_within_one_batch() -> None:
    boss = f.admin()
    f.custom_field("company", "vat", "text", unique=True)
    rows = [{"name": "A", "vat": "DE1"}, {"name": "B", "vat": "de1"}, {"name": "C", "vat": ""}, {"name": "D"}]
    made = write.create_many(boss, "company", rows)
    assert list(made.errors) == [1]
    values = {"vat": "DE1"}
    swapped = write.update_each(boss, "company", [(made.ids[0] or 0, values), (made.ids[2] or 0, values)])
    assert list(swapped) == [made.ids[2]]


def test_required_if() -> None:
    boss = f.admin()
    stage = f.make(boss, "stage", outcome="lost")
    pipeline = f.write_values(boss, "stage", stage)["pipeline"]
    deal = f.make(boss, "deal")
    with pytest.raises(Invalid) as caught:
        write.update(boss, "deal", deal, {"pipeline": pipeline, "stage": stage})
    assert set(caught.value.errors) == {"lost_reason"}
    write.update(boss, "deal", deal, {"pipeline": pipeline, "stage": stage, "lost_reason": "price"})


def test_custom_values_of_every_type_round_trip() -> None:
    boss = f.admin()
    f.every_custom_field("company")
    from rapport.registry import catalog

    obj = catalog.current()["company"]
    given = {key: f.sample(boss, obj, obj.fields[key]) for key, type_, _v in f.ALL_TYPES if type_ not in {"formula"}}
    company = write.create(boss, "company", {"name": "A", **given})
    found = visible(boss, "company").get(company).values
    env = boss.env()
    for key, raw in given.items():
        assert found[key] == obj.fields[key].type.clean(obj.fields[key], raw, env), key
    assert found["c_formula"] == found["c_number"] * 2 + 1
    write.update(boss, "company", company, dict.fromkeys(given, ""))
    emptied = visible(boss, "company").get(company).values
    assert all(obj.fields[key].type.is_empty(emptied[key]) for key in given)
