"""Rows, fields, shares, inheritance: what may not be seen does not exist (ASVS 5.0 V8.2, V8.3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests import factories as f
from tests.database import snapshot

from rapport.records import write
from rapport.records.accounts import epochs
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Share, Team
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.read import visible

pytestmark = pytest.mark.django_db
OWN = {"company": dict.fromkeys(("create", "read", "edit", "delete", "export"), "own")}
TEAM = {"company": dict.fromkeys(("create", "read", "edit", "delete", "export"), "team")}


def refused(act: Callable[[], object], *errors: type[Exception]) -> None:
    """The act is refused and the database is as it was."""
    before = snapshot()
    with pytest.raises(errors):
        act()
    assert snapshot() == before


def test_own_records_only() -> None:
    ann, bob = f.user(rights=OWN), f.user("Bob", rights=OWN)
    mine, theirs = f.make(ann, "company", name="Mine"), f.make(bob, "company", name="Theirs")
    assert [r.title for r in visible(ann, "company").page().rows] == ["Mine"]
    assert visible(ann, "company").count() == 1
    assert visible(ann, "company").labels([mine, theirs]) == {mine: "Mine"}
    assert visible(ann, "company").ids() == [mine]
    refused(lambda: visible(ann, "company").get(theirs), NotFound)
    refused(lambda: write.update(ann, "company", theirs, {"name": "X"}), NotFound)
    refused(lambda: write.delete(ann, "company", [mine, theirs]), NotFound)
    refused(lambda: write.create(ann, "company", {"name": "For Bob", "owner": bob.user_id}), Invalid)
    refused(lambda: write.create(ann, "person", {"last_name": "P", "company": theirs}), Invalid)


def test_seen_but_not_edited() -> None:
    ann, bob = f.user(rights={"company": {"read": "all", "edit": "own"}}), f.user("Bob")
    theirs = f.make(bob, "company")
    assert visible(ann, "company").get(theirs).may == frozenset()
    refused(lambda: write.update(ann, "company", theirs, {"name": "X"}), Forbidden)


def test_teams_see_what_is_below_them() -> None:
    top = Team.objects.create(name="Sales")
    north = Team.objects.create(name="North", parent=top)
    south = Team.objects.create(name="South", parent=top)
    boss = f.user("Boss", teams=(top,), rights=TEAM)
    ann, bob = f.user(teams=(north,), rights=TEAM), f.user("Bob", teams=(south,), rights=TEAM)
    a, b = f.make(ann, "company"), f.make(bob, "company")
    assert visible(ann, "company").allowed([a, b]) == {a}
    assert visible(boss, "company").allowed([a, b]) == {a, b}
    north.parent = south
    north.save()
    epochs.raise_(epochs.RIGHTS)
    assert visible(f.caller_of(bob.user_id), "company").allowed([a, b]) == {a, b}


def test_nothing_at_all() -> None:
    ann = f.user(rights={"company": dict.fromkeys(("create", "read", "edit", "delete", "export"), "none")})
    company = f.make(f.user("Bob"), "company", name="Secret")
    person = f.make(f.user("Bob"), "person", company=company)
    assert visible(ann, "company").page().rows == []
    refused(lambda: write.create(ann, "company", {"name": "X"}), Forbidden)
    found = visible(ann, "person").get(person)
    assert (found.values["company"], found.labels["company"]) == (None, None)
    secret = {"field": "company.name", "op": "is", "value": "Secret"}
    assert visible(ann, "person").count(secret) == 0


def test_shared_records() -> None:
    ann, bob = f.user(rights=OWN), f.user("Bob", rights=OWN)
    theirs = f.make(bob, "company")
    Share.objects.create(object_key="company", record_id=theirs, user_id=ann.user_id, level="read")
    epochs.raise_(epochs.RIGHTS)
    ann = f.caller_of(ann.user_id)
    assert visible(ann, "company").get(theirs).may == frozenset()
    refused(lambda: write.update(ann, "company", theirs, {"name": "X"}), Forbidden)
    Share.objects.update(level="edit")
    assert write.update(f.caller_of(ann.user_id), "company", theirs, {"name": "X"}) == 2


def test_hidden_and_read_only_fields() -> None:
    bob = f.user("Bob")
    company = f.make(bob, "company", name="Fjord", description="secret plan", industry="retail")
    ann = f.user(fields={"company": {"description": "hidden", "industry": "read"}})
    view = visible(ann, "company")
    assert "description" not in view.fields
    assert "description" not in view.get(company).values
    assert "description" not in view.page(columns=("name", "description")).rows[0].values
    refused(lambda: view.count({"field": "description", "op": "contains", "value": "plan"}), Invalid)
    refused(lambda: view.page(sort="description"), Invalid)
    refused(lambda: write.update(ann, "company", company, {"description": "x"}), Invalid)
    refused(lambda: write.update(ann, "company", company, {"industry": "media"}), Invalid)
    assert view.get(company).values["industry"] == "retail"
    parent = {"field": "parent.description", "op": "not_empty"}
    refused(lambda: view.count(parent), Invalid)
    refused(lambda: visible(ann, "person").count({"field": "company.description", "op": "not_empty"}), Invalid)


def test_rights_of_the_parent_are_inherited() -> None:
    own = {"person": dict.fromkeys(("create", "read", "edit", "delete", "export"), "own")}
    ann, bob = f.user(rights=own), f.user("Bob", rights=own)
    person, company = f.make(bob, "person"), f.make(bob, "company")
    job = write.create(bob, "employment", {"person": person, "company": company, "role": "CEO"})
    assert visible(bob, "employment").get(job).values["role"] == "CEO"
    refused(lambda: visible(ann, "employment").get(job), NotFound)
    refused(lambda: write.create(ann, "employment", {"person": person, "company": company}), Invalid)


def test_roll_ups_and_relations_count_only_what_is_seen() -> None:
    bob = f.user("Bob")
    company = f.make(bob, "company")
    f.make(bob, "deal", company=company, amount="100 EUR")
    f.custom_field("company", "deal_count", "rollup", options={"relation": "deals", "measure": "count"})
    f.custom_field("company", "worth", "rollup", options={"relation": "deals", "measure": "sum", "of": "amount"})
    rights = {"deal": dict.fromkeys(("create", "read", "edit", "delete", "export"), "own")}
    ann = f.user(rights=rights)
    assert visible(bob, "company").get(company).values["worth"] == 10000
    assert visible(ann, "company").get(company).values["worth"] == 0
    has = {"field": "deals", "op": "has", "value": {}}
    assert (visible(bob, "company").count(has), visible(ann, "company").count(has)) == (1, 0)
    rich = {"field": "worth", "op": "gte", "value": 10000}
    assert (visible(bob, "company").count(rich), visible(ann, "company").count(rich)) == (1, 0)
    assert [r.id for r in visible(bob, "company").page(sort="-worth").rows] == [company]


def test_computed_fields_hide_with_what_they_are_computed_from() -> None:
    bob = f.user("Bob")
    f.custom_field("company", "margin", "number")
    f.custom_field("company", "doubled", "formula", options={"formula": "margin * 2", "result": "number"})
    f.custom_field("company", "worth", "rollup", options={"relation": "deals", "measure": "sum", "of": "amount"})
    where = {"field": "probability", "op": "gt", "value": 50}
    f.custom_field("company", "likely", "rollup", options={"relation": "deals", "measure": "count", "where": where})
    company = f.make(bob, "company", margin=21)
    ann = f.user(fields={"company": {"margin": "hidden"}, "deal": {"amount": "hidden", "probability": "hidden"}})
    assert visible(bob, "company").get(company).values["doubled"] == 42
    view = visible(ann, "company")
    assert not {"margin", "doubled", "worth", "likely"} & set(view.fields)
    assert not {"margin", "doubled", "worth", "likely"} & set(view.get(company).values)
    refused(lambda: view.count({"field": "doubled", "op": "is", "value": 42}), Invalid)
    refused(lambda: view.page(sort="-worth"), Invalid)


def test_roles_add_up() -> None:
    ann = f.user(rights=OWN)
    from rapport.records.accounts.models import Role, User

    User.objects.get(pk=ann.user_id).roles.add(Role.objects.create(name="Reader", rights={"*": {"read": "all"}}))
    epochs.raise_(epochs.RIGHTS)
    theirs = f.make(f.user("Bob"), "company")
    ann = f.caller_of(ann.user_id)
    assert visible(ann, "company").get(theirs).may == frozenset()


def test_a_deactivated_user_is_nobody() -> None:
    ann = f.user()
    from rapport.records.accounts import caller
    from rapport.records.accounts.models import User

    User.objects.filter(pk=ann.user_id).update(is_active=False)
    epochs.raise_(epochs.RIGHTS)
    assert caller.of_user(ann.user_id or 0) is None


def test_callers_are_kept_while_rights_stay() -> None:
    ann = f.user()
    assert f.caller_of(ann.user_id) is f.caller_of(ann.user_id)
    assert isinstance(ann, Caller)
