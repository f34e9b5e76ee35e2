"""Nobody finds what they may not see."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from tests import factories
from tests.features.search.conftest import Titles

from rapport.features.search import finding
from rapport.features.search.finding import search
from rapport.records import write
from rapport.records.accounts import caller as callers
from rapport.records.accounts import epochs
from rapport.records.accounts.models import Share, Team

pytestmark = pytest.mark.django_db
OWN = {"person": {"read": "own"}}


def test_records_of_others_are_not_found(admin: callers.Caller, titles: Titles) -> None:
    mine, other = factories.user("Mia", rights=OWN), factories.user("Otto", rights=OWN)
    write.create(mine, "person", {"last_name": "Okafor"})
    write.create(other, "person", {"first_name": "Noor", "last_name": "Okafor"})
    assert titles("okafor", mine) == ["Okafor"]
    assert titles("okafor", other) == ["Noor Okafor"]
    assert titles("noor", mine) == []
    assert titles("okafro", mine) == ["Okafor"]
    assert len(titles("okafor")) == 2


def test_a_record_that_changes_hands_is_found_by_its_new_owner(admin: callers.Caller, titles: Titles) -> None:
    mine, other = factories.user("Mia", rights=OWN), factories.user("Otto", rights=OWN)
    record = write.create(mine, "person", {"last_name": "Okafor"})
    write.update(admin, "person", record, {"owner": other.user_id})
    assert (titles("okafor", mine), titles("okafor", other)) == ([], ["Okafor"])
    write.update(admin, "person", record, {"owner": None})
    assert (titles("okafor", mine), titles("okafor", other), titles("okafor")) == ([], [], ["Okafor"])


def test_an_object_that_may_not_be_read_is_not_found(admin: callers.Caller, titles: Titles) -> None:
    blind = factories.user("Bob", rights={"person": {"read": "none"}})
    write.create(admin, "person", {"last_name": "Okafor"})
    write.create(admin, "company", {"name": "Okafor Ltd"})
    assert titles("okafor", blind) == ["Okafor Ltd"]


def test_records_of_the_team_and_shared_ones_are_found(admin: callers.Caller, titles: Titles) -> None:
    team = Team.objects.create(name="North")
    mia = factories.user("Mia", teams=(team,), rights={"person": {"read": "team"}})
    otto = factories.user("Otto")
    write.create(otto, "person", {"last_name": "Okafor", "first_name": "Team", "team": team.pk})
    shared = write.create(otto, "person", {"last_name": "Okafor", "first_name": "Shared"})
    write.create(otto, "person", {"last_name": "Okafor", "first_name": "Private"})
    Share.objects.create(object_key="person", record_id=shared, user_id=mia.user_id, level="read")
    epochs.raise_(epochs.RIGHTS)
    mia = factories.caller_of(mia.user_id)
    assert sorted(titles("okafor", mia)) == ["Shared Okafor", "Team Okafor"]


@pytest.mark.parametrize("typed", ["annika", "an", "a", "ann"])
def test_own_records_are_found_behind_many_newer_ones_of_others(
    admin: callers.Caller, titles: Titles, typed: str
) -> None:
    mine = factories.user("Mia", rights=OWN)
    write.create(mine, "person", {"first_name": "Annika", "last_name": "Mine"})
    write.create_many(admin, "person", [{"first_name": "Annika", "last_name": f"New{i}"} for i in range(450)])
    assert titles(typed, mine) == ["Annika Mine"]
    assert titles(typed, mine, objects=["person"]) == ["Annika Mine"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL finds by owner as fast")
def test_a_rare_word_is_not_looked_up_by_owner(
    admin: callers.Caller, titles: Titles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rare and common words find the same: what is theirs, before and behind newer ones of others."""
    mine = factories.user("Mia", rights={"*": {"read": "own"}})
    for owner in (admin, mine, admin, mine, admin):
        write.create(owner, "person", {"last_name": "Okafor", "first_name": owner.name})
        write.create(owner, "company", {"name": f"Okafor {owner.name}"})
    asked: list[tuple[bool, ...]] = []
    ask = type(finding.back_end()).find

    def find(self: Any, terms: Any, numbers: Any, quota: int) -> Any:
        asked.append(tuple(term.is_limit for term in terms))
        return ask(self, terms, numbers, quota)

    monkeypatch.setattr(type(finding.back_end()), "find", find)
    rare = sorted(titles("okafor", mine))
    assert not any(map(any, asked)), "not one question about owners"
    monkeypatch.setattr(type(finding.back_end()), "few", 1)
    common = sorted(titles("okafor", mine))
    assert any(map(any, asked))
    assert rare == ["Mia Okafor", "Mia Okafor", "Okafor Mia", "Okafor Mia"]
    assert common == rare


def test_a_hidden_field_finds_nothing(admin: callers.Caller, titles: Titles) -> None:
    record = {
        "first_name": "Noor", "last_name": "Okafor", "emails": "secret@hidden.example", "phones": "+4930123456",
        "job": "Spy",
    }  # fmt: skip
    write.create(admin, "person", record)
    half = factories.user("Hal", fields={"person": {"emails": "hidden", "phones": "hidden", "job": "read"}})
    for typed in ("secret", "hidden.example", "123456", "030 123", "noor secret", "okafor 3456", "hiden"):
        assert titles(typed, half) == [], typed
    assert titles("okafor spy", half) == ["Noor Okafor"]
    hit = search(half, "spy")[0]
    assert (hit.detail, [m.field for m in hit.matched]) == ("Spy", ["job"])
    assert titles("secret") == ["Noor Okafor"]


def test_hits_by_hidden_fields_do_not_crowd_out_others(admin: callers.Caller, titles: Titles) -> None:
    half = factories.user("Hal", fields={"person": {"job": "hidden"}})
    write.create(admin, "person", {"last_name": "Annika"})
    rows = [{"last_name": f"Other{i}", "job": "Annika"} for i in range(240)]
    write.create_many(admin, "person", rows)
    assert titles("annika", half, limit=5) == ["Annika"]


def test_the_detail_does_not_name_what_may_not_be_seen(admin: callers.Caller) -> None:
    company = write.create(admin, "company", {"name": "Secret Ltd"})
    write.create(admin, "person", {"last_name": "Okafor", "job": "Buyer", "company": company})
    mine = factories.user("Mia", rights={"company": {"read": "own"}})
    assert search(mine, "okafor")[0].detail == "Buyer"
    assert search(admin, "okafor")[0].detail == "Buyer · Secret Ltd"


def test_records_that_inherit_rights_are_found_with_their_parent_only(admin: callers.Caller, titles: Titles) -> None:
    mine = factories.user("Mia", rights=OWN)
    person = write.create(admin, "person", {"last_name": "Okafor"})
    company = write.create(admin, "company", {"name": "Fjord"})
    write.create(admin, "employment", {"person": person, "company": company, "role": "Helmsman"})
    assert titles("helmsman") == ["Helmsman"]
    assert titles("helmsman", mine) == []
