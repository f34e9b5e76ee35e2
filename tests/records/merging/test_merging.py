"""Merging records and taking it back: values, pointers, rights, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f
from tests.database import snapshot

from rapport.apps.collaboration.models import Follower, Task
from rapport.apps.customers.models import Identity, Participant
from rapport.features.search.finding import search
from rapport.records import write
from rapport.records.accounts.caller import Reach
from rapport.records.errors import Forbidden, Invalid, Merged, NotFound
from rapport.records.history.reading import acts
from rapport.records.jobs import worker
from rapport.records.merging.models import MergedRecord
from rapport.records.read import visible
from rapport.records.write.storing import holders
from rapport.registry import catalog

pytestmark = pytest.mark.django_db


def values(caller: Any, key: str, record_id: int) -> dict[str, Any]:
    return visible(caller, key).get(record_id).values


def test_gaps_are_filled_lists_united_and_choices_kept() -> None:
    ada = f.admin()
    red, blue = (write.create(ada, "tag", {"name": name}) for name in ("Red", "Blue"))
    one = write.create(ada, "person", {"last_name": "Ray", "job": "Chef", "emails": ["a@x.com"], "tags": [red]})
    two = write.create(ada, "person", {"last_name": "Raye", "first_name": "Sue", "emails": ["b@x.com"], "tags": [blue]})
    write.merge(ada, "person", one, [two], {"last_name": two})
    found = values(ada, "person", one)
    assert (found["name"], found["job"], found["tags"]) == ("Sue Raye", "Chef", (red, blue))
    assert [e["value"] for e in found["emails"]] == ["a@x.com", "b@x.com"]
    assert [act.action for act in acts(ada, "person", one)[0]] == ["merge", "create"]
    assert [act.action for act in acts(ada, "person", two)[0]] == ["merged", "create"]


def test_a_merged_record_leads_to_the_survivor_and_is_nowhere_else() -> None:
    ada = f.admin()
    one, two = (f.make(ada, "company", name=name) for name in ("Acme", "Acme Ltd"))
    write.merge(ada, "company", one, [two])
    found = visible(ada, "company")
    assert (found.ids(), found.trash()) == ([one], [])
    with pytest.raises(Merged) as refused:
        found.get(two)
    assert refused.value.survivor == one
    for act in (write.restore, write.delete):
        with pytest.raises(NotFound):
            act(ada, "company", [two])
    write.purge("company", limit=10)
    assert found.get(two, merged=True).title == "Acme Ltd"


def test_what_points_at_it_moves_and_comes_back() -> None:
    ada = f.admin()
    f.custom_field("task", "c_about", "reference", target="company")
    f.custom_field("task", "c_all", "references", target="company")
    one, two = (f.make(ada, "company", name=name) for name in ("Acme", "Acme Ltd"))
    person = f.make(ada, "person", company=two)
    task = f.make(ada, "task", subject="Call", company=two, c_about=two, c_all=[one, two])
    Follower.objects.create(object_key="company", record_id=one, user_id=ada.user_id)
    Follower.objects.create(object_key="company", record_id=two, user_id=ada.user_id)
    made = write.merge(ada, "company", one, [two])
    assert values(ada, "person", person)["company"] == one
    found = values(ada, "task", task)
    assert (found["company"], found["c_about"], found["c_all"]) == (one, one, (one,))
    assert list(Follower.objects.values_list("record_id", flat=True)) == [one]
    write.unmerge(ada, "company", made.pk)
    assert values(ada, "person", person)["company"] == two
    found = values(ada, "task", task)
    assert (found["company"], found["c_about"], found["c_all"]) == (two, two, (one, two))
    assert sorted(Follower.objects.values_list("record_id", flat=True)) == [one, two]


def test_what_came_in_since_goes_to_whose_identity_it_carried() -> None:
    ada = f.admin()
    one = f.make(ada, "person", last_name="A", emails=["a@x.com"])
    two = f.make(ada, "person", last_name="B", emails=["b@x.com"])
    made = write.merge(ada, "person", one, [two])
    assert Identity.objects.get(value="b@x.com").person_id == one
    call = write.create(ada, "interaction", {"kind": "call", "subject": "Hi", "people": [one]})
    write.unmerge(ada, "person", made.pk)
    assert Identity.objects.get(value="b@x.com").person_id == two
    assert values(ada, "interaction", call)["people"] == (one,), "it was entered with the survivor"


def test_mail_since_goes_back_with_its_address_and_last_contacts_follow() -> None:
    ada = f.admin()
    one = f.make(ada, "person", last_name="A", emails=["a@x.com"])
    two = f.make(ada, "person", last_name="B", emails=["b@x.com"])
    made = write.merge(ada, "person", one, [two])
    mail = write.create(ada, "interaction", {"kind": "mail", "subject": "Hi", "people": [one]})
    Participant.objects.update(identity=Identity.objects.get(value="b@x.com"))
    worker.drain()
    assert values(ada, "person", one)["last_contact_at"] is not None
    write.unmerge(ada, "person", made.pk)
    worker.drain()
    assert values(ada, "interaction", mail)["people"] == (two,)
    assert values(ada, "person", one)["last_contact_at"] is None
    assert values(ada, "person", two)["last_contact_at"] is not None


def test_next_steps_and_search_follow() -> None:
    ada = f.admin()
    one, two = f.make(ada, "person", last_name="Kestrel"), f.make(ada, "person", last_name="Osprey")
    write.create(ada, "task", {"subject": "Call", "person": two, "due_at": "2030-01-01T10:00:00Z"})
    worker.drain()
    made = write.merge(ada, "person", one, [two])
    worker.drain()
    assert values(ada, "person", one)["next_step_at"] is not None
    assert [hit.id for hit in search(ada, "Osprey", ["person"])] == []
    write.unmerge(ada, "person", made.pk)
    worker.drain()
    assert [values(ada, "person", i)["next_step_at"] is None for i in (one, two)] == [True, False]
    assert [hit.id for hit in search(ada, "Osprey", ["person"])] == [two]


def test_what_was_pointed_at_it_while_it_went_follows_too() -> None:
    ada = f.admin()
    one, two = (f.make(ada, "company") for _n in range(2))
    task = f.make(ada, "task", company=one)
    made = write.merge(ada, "company", one, [two])
    Task.objects.filter(pk=task).update(company_id=two)
    worker.drain()
    assert values(ada, "task", task)["company"] == one
    write.unmerge(ada, "company", made.pk)
    assert values(ada, "task", task)["company"] == two


def test_edited_fields_stay_and_are_told() -> None:
    ada = f.admin()
    one = f.make(ada, "company", name="Acme")
    two = f.make(ada, "company", name="Acme Ltd", industry="retail", website="https://b.example")
    made = write.merge(ada, "company", one, [two])
    write.update(ada, "company", one, {"industry": "media"})
    done = write.unmerge(ada, "company", made.pk)
    assert done.kept == ("industry",)
    found = values(ada, "company", one)
    assert (found["industry"], found["website"]) == ("media", "")
    with pytest.raises(Invalid, match="already"):
        write.unmerge(ada, "company", made.pk)


def test_chains_are_taken_back_from_their_end() -> None:
    ada = f.admin()
    one, two, three = (f.make(ada, "company", name=n) for n in ("A", "B", "C"))
    person = f.make(ada, "person", company=two)
    first = write.merge(ada, "company", one, [two])
    second = write.merge(ada, "company", three, [one])
    with pytest.raises(Merged) as refused:
        visible(ada, "company").get(two)
    assert refused.value.survivor == three
    before = snapshot()
    with pytest.raises(Invalid, match="Take that merge back first"):
        write.unmerge(ada, "company", first.pk)
    assert snapshot() == before
    write.unmerge(ada, "company", second.pk)
    assert values(ada, "person", person)["company"] == one
    write.unmerge(ada, "company", first.pk)
    assert values(ada, "person", person)["company"] == two


def test_several_merges_into_one_are_taken_back_in_any_order() -> None:
    ada = f.admin()
    rows = [{"name": "A"}, {"name": "B", "website": "https://b.example"}, {"name": "C", "website": "https://c.example"}]
    one, two, three = (f.make(ada, "company", **row) for row in rows)
    first = write.merge(ada, "company", one, [two])
    second = write.merge(ada, "company", one, [three], {"website": three})
    write.unmerge(ada, "company", first.pk)
    assert values(ada, "company", one)["website"] == "https://c.example"
    write.unmerge(ada, "company", second.pk)
    assert [values(ada, "company", i)["website"] for i in (one, two, three)] == ["", *(r["website"] for r in rows[1:])]


def test_rows_that_say_nothing_more_are_set_aside() -> None:
    ada = f.admin()
    one, two, boss = (f.make(ada, "person") for _n in range(3))
    company = f.make(ada, "company")
    same = [write.create(ada, "employment", {"person": p, "company": company, "role": "Chef"}) for p in (one, two)]
    other = write.create(ada, "employment", {"person": two, "company": company, "role": "Owner"})
    each = write.create(ada, "personrelation", {"person": one, "kind": "spouse", "other": two})
    led = write.create(ada, "personrelation", {"person": two, "kind": "reports", "other": boss})
    made = write.merge(ada, "person", one, [two])
    assert visible(ada, "employment").ids() == [same[0], other]
    assert visible(ada, "personrelation").ids() == [led]
    assert visible(ada, "personrelation").trash() == []
    write.unmerge(ada, "person", made.pk)
    assert visible(ada, "employment").ids() == [*same, other]
    assert visible(ada, "personrelation").ids() == [each, led]


def test_rights_of_all_of_them_are_needed() -> None:
    ada = f.admin()
    bob = f.user("Bob", rights={"company": {"read": "all", "edit": "all", "delete": "own"}})
    one, two = (f.make(ada, "company") for _n in range(2))
    own = f.make(bob, "company")
    before = snapshot()
    with pytest.raises(Forbidden):
        write.merge(bob, "company", own, [one, two])
    assert snapshot() == before
    made = write.merge(bob, "company", one, [own])
    eve = f.user("Eve", rights={"company": {"read": "none"}})
    before = snapshot()
    with pytest.raises(NotFound):
        write.unmerge(eve, "company", made.pk)
    with pytest.raises(Forbidden):
        write.unmerge(f.caller_of(bob.user_id).within(Reach(writes=frozenset())), "company", made.pk)
    assert snapshot() == before


def test_what_the_caller_may_not_read_is_not_lost() -> None:
    ada = f.admin()
    bob = f.user("Bob", rights={"company": {"delete": "all"}}, fields={"company": {"website": "hidden"}})
    one = f.make(ada, "company")
    two = f.make(ada, "company", website="https://b.example")
    with pytest.raises(Invalid, match="no such field"):
        write.merge(bob, "company", one, [two], {"website": one})
    write.merge(bob, "company", one, [two])
    assert values(ada, "company", one)["website"] == "https://b.example"


@pytest.mark.parametrize(
    ("survivor", "others", "chosen", "message"),
    [
        (0, [], {}, "at least two"),
        (0, [0], {}, "at least two"),
        (0, [1], {"name": 99_999}, "one of the records"),
        (0, [1], {"name": True}, "one of the records"),
        (0, [1], {"name": "all"}, "Only lists"),
        (0, [1], {"created_at": 1}, "may not change"),
        (0, [1], {"nothing": 1}, "no such field"),
    ],
)
def test_wrong_choices_are_refused_in_words(
    survivor: int, others: list[int], chosen: dict[str, Any], message: str
) -> None:
    ada = f.admin()
    ids = [f.make(ada, "company") for _n in range(2)]
    before = snapshot()
    with pytest.raises(Invalid, match=message):
        write.merge(ada, "company", ids[survivor], [ids[n] for n in others], chosen)
    assert snapshot() == before


def test_erasing_the_survivor_takes_the_merged_along() -> None:
    ada = f.admin()
    one, two = f.make(ada, "person", last_name="Oneword"), f.make(ada, "person", last_name="Otherword")
    made = write.merge(ada, "person", one, [two])
    write.erase(ada, "person", [one])
    made.refresh_from_db()
    assert (made.emptied, made.diff, MergedRecord.objects.count()) == (True, {}, 0)
    assert "Otherword" not in repr(snapshot()), "nothing of the merged person is left"
    with pytest.raises(Invalid, match="erased"):
        write.unmerge(ada, "person", made.pk)


def test_erasing_a_merged_record_empties_the_merge() -> None:
    ada = f.admin()
    one, two = (f.make(ada, "person") for _n in range(2))
    made = write.merge(ada, "person", one, [two])
    write.erase(ada, "person", [two])
    with pytest.raises(Invalid, match="erased"):
        write.unmerge(ada, "person", made.pk)
    assert visible(ada, "person").ids() == [one]


def test_documents_are_not_merged() -> None:
    ada = f.admin()
    ids = [f.make(ada, "invoice") for _n in range(2)]
    with pytest.raises(Invalid, match="stands for itself"):
        write.merge(ada, "invoice", ids[0], ids[1:])


def test_custom_objects_and_unique_fields() -> None:
    ada = f.admin()
    f.custom_object()
    f.custom_field("boat", "c_code", "text", unique=True)
    f.custom_field("boat", "c_twin", "reference", target="boat")
    one = write.create(ada, "boat", {"name": "Ann"})
    two = write.create(ada, "boat", {"name": "Anne", "c_code": "X1", "c_twin": one})
    three = write.create(ada, "boat", {"name": "Dan", "c_twin": two})
    made = write.merge(ada, "boat", one, [two])
    found = values(ada, "boat", one)
    assert (found["c_code"], found["c_twin"]) == ("X1", None)
    assert values(ada, "boat", three)["c_twin"] == one
    write.unmerge(ada, "boat", made.pk)
    assert [values(ada, "boat", i)["c_code"] for i in (one, two)] == ["", "X1"]
    assert [values(ada, "boat", i)["c_twin"] for i in (two, three)] == [one, two]


def test_the_survivor_stands_for_the_unique_values_of_the_others() -> None:
    ada = f.admin()
    f.custom_field("company", "c_number", "text", unique=True)
    field = catalog.current()["company"].fields["c_number"]
    one, two, three = (f.make(ada, "company", c_number=f"N{n}") for n in range(3))
    first = write.merge(ada, "company", two, [three])
    second = write.merge(ada, "company", one, [two])

    def held() -> dict[str, int]:
        return holders(catalog.current()["company"], field, {"n0", "n1", "n2"})

    assert held() == {"n0": one, "n1": one, "n2": one}
    with pytest.raises(Invalid, match="has this value already"):
        f.make(ada, "company", c_number="N2")
    write.unmerge(ada, "company", second.pk)
    assert held() == {"n0": one, "n1": two, "n2": two}
    write.unmerge(ada, "company", first.pk)
    assert held() == {"n0": one, "n1": two, "n2": three}
