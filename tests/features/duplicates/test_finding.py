"""The live engine: what counts as the same, what as alike, for whom, and what any input does to it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import factories as f

from rapport.features.duplicates import finding
from rapport.features.duplicates.finding import Match
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Team
from rapport.records.customising import actions, sync
from rapport.records.customising.definitions import FieldDefinition
from rapport.registry import catalog

pytestmark = pytest.mark.django_db

ANNA: dict[str, Any] = {
    "first_name": "Anna",
    "last_name": "Schmidt",
    "birthday": "1980-03-04",
    "emails": "anna.schmidt@example.com",
    "addresses": [{"street": "Lange Straße 7", "postcode": "20095", "city": "Hamburg"}],
}


def look(caller: Caller, key: str = "person", **raw: Any) -> list[Match]:
    obj = catalog.current()[key]
    return finding.find(caller, obj, finding.cleaned(caller, obj, raw))


def hows(match: Match) -> set[tuple[str, str]]:
    return {(reason.what, reason.how) for reason in match.reasons if reason.weight > 0}


def test_the_same_address_of_mail_is_the_same_person(admin: Caller) -> None:
    anna = write.create(admin, "person", ANNA)
    (match,) = look(admin, emails="ANNA.SCHMIDT@example.com", last_name="Weber")
    assert (match.id, match.exact, match.title) == (anna, True, "Anna Schmidt")
    assert match.score >= 0.95
    assert match.reasons[0].what == "emails"
    shared = [{"value": "anna.schmidt@example.com", "shared": True}]
    assert [m.exact for m in look(admin, emails=shared, first_name="Anna", last_name="Schmidt")] == [False]
    assert look(admin, emails=shared, first_name="Bert", last_name="Weber") == []


@pytest.mark.parametrize(
    ("given_", "how"),
    [
        ({"first_name": "Anna", "last_name": "Schmitt", "birthday": "1980-03-04"}, ("last_name", "typo")),
        ({"first_name": "Schmidt", "last_name": "Anna"}, ("last_name", "turned")),
        ({"first_name": "Anna", "last_name": "Schmidt", "birthday": "1980-04-03"}, ("birthday", "turned")),
        ({"first_name": "Ann", "last_name": "Schmid", "birthday": "1980-03-04"}, ("birthday", "same")),
        ({"first_name": "A.", "last_name": "Schmidt", "birthday": "1980-03-04"}, ("first_name", "initial")),
        (
            {"first_name": "Anna", "last_name": "Weber", "addresses": ANNA["addresses"], "birthday": "1980-03-04"},
            ("addresses", "same"),
        ),
        ({"first_name": "Anna", "last_name": "SCHMIDT"}, ("last_name", "same")),
    ],
)
def test_what_is_alike_is_found_with_its_reason(admin: Caller, given_: dict[str, Any], how: tuple[str, str]) -> None:
    anna = write.create(admin, "person", ANNA)
    (match,) = look(admin, **given_)
    assert match.id == anna
    assert not match.exact
    assert how in hows(match)


@pytest.mark.parametrize(
    "given_",
    [
        {"first_name": "Anna", "last_name": "Weber"},
        {"first_name": "Bert", "last_name": "Schmidt"},
        {"first_name": "Anna", "last_name": "Schmidt", "birthday": "1951-11-30"},
        {"last_name": "Schmidt"},
        {"birthday": "1980-03-04"},
        {},
    ],
)
def test_what_is_not_alike_enough_is_left_out(admin: Caller, given_: dict[str, Any]) -> None:
    write.create(admin, "person", ANNA)
    assert look(admin, **given_) == []


def test_a_common_name_alone_says_little(admin: Caller) -> None:
    rows = [{"first_name": "Maria", "last_name": "Müller", "job": str(i)} for i in range(19)]
    for row in rows:
        write.create(admin, "person", row)
    assert look(admin, first_name="Maria", last_name="Müller") == []
    write.create(admin, "person", {**rows[0], "birthday": "1977-01-02"})
    assert len(look(admin, first_name="Maria", last_name="Müller", birthday="1977-01-02")) == 1


@pytest.mark.parametrize(
    ("name", "alike"),
    [
        ("Müller & Söhne", True),
        ("Mueller und Soehne GmbH", True),
        ("Müller + Söhne G.m.b.H. & Co. KG", True),
        ("Muller Sohne Inc.", True),
        ("Müller Maschinenbau", False),
        ("Söhne Verlag", False),
    ],
)
def test_companies_by_name_without_legal_form(admin: Caller, name: str, alike: bool) -> None:
    made = write.create(admin, "company", {"name": "Müller & Söhne GmbH"})
    assert [m.id for m in look(admin, "company", name=name)] == ([made] if alike else [])


def test_companies_by_domain_wherever_it_stands(admin: Caller) -> None:
    made = write.create(admin, "company", {"name": "Acme", "website": "https://www.acme.example/start"})
    (match,) = look(admin, "company", name="Acme Holding", domains="acme.example")
    assert match.id == made
    assert ("domains", "same") in hows(match)


def test_a_custom_field_that_is_marked_tells_who_it_is(admin: Caller) -> None:
    actions.add_field(admin, "person", "text", FieldDefinition(label="Number", options={"matching": True}))
    sync.refresh()
    made = write.create(admin, "person", {"last_name": "Noor", "number": "AB-123/77"})
    (match,) = look(admin, last_name="Else", number="ab 12377")
    assert (match.id, match.exact) == (made, True)
    assert ("number", "same") in hows(match)


def test_keys_follow_every_write(admin: Caller) -> None:
    anna = write.create(admin, "person", ANNA)
    named = {"first_name": "Anna", "last_name": "Schmidt"}
    write.update(admin, "person", anna, {"last_name": "Weber", "emails": "", "birthday": None, "addresses": []})
    assert look(admin, **named) == []
    assert [m.id for m in look(admin, first_name="Anna", last_name="Weber")] == [anna]
    write.delete(admin, "person", [anna])
    assert look(admin, first_name="Anna", last_name="Weber") == []
    write.restore(admin, "person", [anna])
    assert [m.id for m in look(admin, first_name="Anna", last_name="Weber")] == [anna]
    other = write.create(admin, "person", {"first_name": "Anna", "last_name": "Webern"})
    write.merge(admin, "person", other, [anna])
    assert [m.id for m in look(admin, first_name="Anna", last_name="Weber")] == [other]
    write.erase(admin, "person", [other])
    from rapport.features.duplicates.models import DuplicateKey

    assert not DuplicateKey.objects.exists()


def test_nobody_learns_of_records_or_by_fields_that_they_may_not_see(admin: Caller) -> None:
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    anna = write.create(admin, "person", {**ANNA, "team": south.pk})
    rights = {"person": {"read": "team"}}
    stranger = f.user("Ben", teams=(north,), rights=rights)
    assert look(stranger, **ANNA) == []
    colleague = f.user("Cem", teams=(south,), rights=rights)
    assert [m.id for m in look(colleague, **ANNA)] == [anna]
    half = f.user("Dora", teams=(south,), rights=rights, fields={"person": {"birthday": "hidden", "emails": "hidden"}})
    (match,) = look(half, **ANNA)
    assert not match.exact
    assert {"birthday", "emails"}.isdisjoint(reason.what for reason in match.reasons)
    assert look(half, last_name="Else", emails=ANNA["emails"]) == []
    assert look(f.user("Eva", rights={"person": {"read": "none"}}), **ANNA) == []


TEXTS = st.text(max_size=30)
POINTS = st.lists(st.fixed_dictionaries({"value": TEXTS}, optional={"shared": st.booleans()}), max_size=3)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    values=st.fixed_dictionaries(
        {},
        optional={
            "first_name": TEXTS,
            "last_name": TEXTS,
            "birthday": st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)) | TEXTS,
            "emails": POINTS,
            "phones": POINTS | TEXTS,
            "handles": POINTS,
            "addresses": st.lists(st.dictionaries(st.sampled_from(["street", "postcode", "city"]), TEXTS), max_size=2),
            "company": st.integers() | st.none() | TEXTS,
        },
    )
)
def test_any_input_gives_an_answer_and_finds_what_was_made_of_it(admin: Caller, values: dict[str, Any]) -> None:
    obj = catalog.current()["person"]
    known = finding.cleaned(admin, obj, values)
    known.pop("company", None)
    for match in finding.find(admin, obj, known):
        assert 0.5 <= match.score <= 1
    sure = known.get("first_name") and known.get("last_name")
    if sure and any(c.isalpha() for c in known["first_name"]) and any(c.isalpha() for c in known["last_name"]):
        made = write.create(admin, "person", known)
        assert made in {match.id for match in finding.find(admin, obj, known)}
        write.erase(admin, "person", [made])
