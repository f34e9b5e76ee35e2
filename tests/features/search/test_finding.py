"""What is found, and in which order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import factories
from tests.features.search.conftest import Titles
from tests.features.search.test_vocabulary import slipped

from rapport.features.search.finding import search
from rapport.records import write
from rapport.records.accounts.caller import Caller


def person(caller: Caller, name: str, **values: Any) -> int:
    """A person of this name."""
    first, _, last = name.rpartition(" ")
    return write.create(caller, "person", {"first_name": first, "last_name": last, **values})


@pytest.fixture
def noor(admin: Caller) -> int:
    """Someone with all that one can be found by."""
    return person(
        admin, "Noor Okafor", emails="noor.o@fjord-line.example", phones="+49 30 123456; 0151 2345678",
        job="Head of Sales", addresses=[{"street": "Prinzenstraße 12", "postcode": "10969", "city": "Berlin"}],
        handles=[{"value": "noorok", "label": "linkedin"}],
    )  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    [
        "noor okafor", "Okafor Noor", "NOOR", "ok no", "okaf", "n okafor", "o", "no",
        "noor.o@fjord-line.example", "fjord", "line.example", "noor@fjord", "noorok",
        "head of sales", "sales okafor", "prinzenstrasse", "Prinzenstraße 12", "berlin 10969", "okafor berlin",
    ],
)  # fmt: skip
def test_words_and_their_beginnings_find_in_any_order_and_field(noor: int, titles: Titles, typed: str) -> None:
    person_of_another_name = "Zed Quux"
    assert titles(typed) == ["Noor Okafor"]
    assert titles(f"{typed} {person_of_another_name}") == []


@pytest.mark.parametrize(
    "typed",
    [
        "+49 30 123456", "030 123456", "030/123456", "(030) 12-34-56", "0049 30 123456", "4930123456", "30123456",
        "123456", "3456", "030 123", "+4930123", "015123", "0151 2345678", "+491512345678", "okafor 3456", "3456 noor",
    ],
)  # fmt: skip
def test_phone_numbers_are_found_by_digits_in_any_format(noor: int, titles: Titles, typed: str) -> None:
    assert titles(typed) == ["Noor Okafor"]


@pytest.mark.parametrize("typed", ["030 654321", "+1 30 123456", "9999", "123457"])
def test_other_numbers_are_not_found(noor: int, titles: Titles, typed: str) -> None:
    assert titles(typed) == []


def test_every_single_slip_in_a_name_is_forgiven(noor: int, titles: Titles) -> None:
    missed = [typed for typed in sorted(slipped("okafor")) if titles(typed) != ["Noor Okafor"]]
    assert missed == []


@pytest.mark.parametrize("typed", ["stedtwer", "statwerk", "sdadtwe", "stadtwrke neub", "neubrg stadt"])
def test_a_slip_in_a_half_typed_word_is_forgiven(admin: Caller, titles: Titles, typed: str) -> None:
    write.create(admin, "company", {"name": "Stadtwerke Neuburg"})
    assert titles(typed) == ["Stadtwerke Neuburg"]


@pytest.mark.parametrize("typed", ["noor okfaor", "onor okafor", "naor okaffor", "prinzenstrase", "Brelin okafor"])
def test_slips_in_several_words_are_forgiven(noor: int, titles: Titles, typed: str) -> None:
    assert titles(typed) == ["Noor Okafor"]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Jörg Müller", ["muller", "Müller", "mueller", "jorg", "JÖRG"]),
        ("Ines Groß", ["gross", "groß", "GROSS"]),
        ("Liam O'Brien", ["o'brien", "obrien", "o brien", "brien", "O’Brien"]),
        ("Ada Lindqvist-Ström", ["lindqvist", "strom", "lindqvist-ström", "lindqviststrom"]),
        ("田中 太郎", ["田中", "太郎", "太", "田中太郎"]),
        ("Прийма Ольга", ["ольга", "Прийма", "прииma".replace("ma", "ма")]),
        ("प्रिया शर्मा", ["प्रिया", "शर्मा"]),
        ("محمد علي", ["محمد", "عَلي"]),
    ],
)
def test_names_of_the_world(admin: Caller, titles: Titles, name: str, typed: list[str]) -> None:
    person(admin, name)
    assert {text: titles(text) for text in typed} == {text: [name] for text in typed}


def test_insides_of_words_are_found_when_nothing_else_is(admin: Caller, titles: Titles) -> None:
    write.create(admin, "company", {"name": "Stadtwerke Neuburg"})
    assert titles("werke") == ["Stadtwerke Neuburg"]
    assert titles("burg werke") == ["Stadtwerke Neuburg"]


def test_the_best_come_first(admin: Caller, titles: Titles) -> None:
    person(admin, "Anna Annasdottir")
    person(admin, "Annabel Ray")
    person(admin, "Max Muster", job="Successor of Anna")
    person(admin, "Ana Lee")
    person(admin, "Anna")
    found = titles("anna")
    assert found[0] == "Anna"
    assert found.index("Anna Annasdottir") < found.index("Annabel Ray") < found.index("Max Muster")
    assert found[-1] == "Ana Lee" or "Ana Lee" not in found


def test_exact_names_come_before_newer_beginnings(admin: Caller, titles: Titles) -> None:
    person(admin, "Ann Old")
    write.create_many(admin, "person", [{"first_name": "Annika", "last_name": f"New{i}"} for i in range(450)])
    assert titles("ann", limit=5)[0] == "Ann Old"
    assert titles("ann", objects=["person"], limit=5)[0] == "Ann Old"


def test_many_hits_of_one_object_do_not_hide_another(admin: Caller, titles: Titles) -> None:
    write.create(admin, "company", {"name": "Annika Works"})
    write.create_many(admin, "person", [{"first_name": "Annika", "last_name": f"New{i}"} for i in range(450)])
    write.create(admin, "tag", {"name": "Annika"})
    assert {"Annika", "Annika Works"} <= set(titles("annika", limit=20))
    assert titles("annika wor")[0] == "Annika Works"


def test_long_texts_are_searched_last(admin: Caller, titles: Titles) -> None:
    body = "We met at the fair. " * 40 + "She wants a quotation for turbines by Friday."
    write.create(admin, "interaction", {"kind": "note", "subject": "Fair", "body": body})
    write.create(admin, "company", {"name": "Turbines United"})
    hits = search(admin, "turbines")
    assert [h.title for h in hits] == ["Turbines United", "Fair"]
    assert hits[1].matched[0].field == "body"
    assert "turbines" in hits[1].matched[0].text
    assert len(hits[1].matched[0].text) < 90
    assert titles("fair quotation") == ["Fair"]


def test_a_hit_tells_what_it_is_and_by_what_it_was_found(admin: Caller, noor: int) -> None:
    company = write.create(admin, "company", {"name": "Fjord Line"})
    write.update(admin, "person", noor, {"company": company})
    hit = next(h for h in search(admin, "123456") if h.object_key == "person")
    assert (hit.id, hit.title, hit.detail) == (noor, "Noor Okafor", "Head of Sales · Fjord Line")
    assert [(m.field, m.text) for m in hit.matched] == [("phones", "+4930123456")]
    assert 0 < hit.score <= 1
    assert search(admin, "okafor")[0].matched == ()


def test_objects_and_limit_narrow(admin: Caller, noor: int, titles: Titles) -> None:
    write.create(admin, "company", {"name": "Noor Trading"})
    assert titles("noor", objects=["company"]) == ["Noor Trading"]
    assert titles("noor", objects=["nothing"]) == []
    assert titles("noor", objects=[]) == []
    assert len(titles("noor", limit=1)) == 1


@pytest.mark.parametrize("typed", ["", "   ", "…", "-", "'", '"', "§", "¬", "%", "_", "\x00", "\ud800", "🙂"])
def test_nothing_to_search_for_finds_nothing(noor: int, titles: Titles, typed: str) -> None:
    assert titles(typed) == []


@pytest.mark.parametrize(
    "typed",
    [
        'noor" OR "a', "noor*", "noor AND", "NEAR(noor okafor)", "text:noor", "{text}:noor", "^noor", "noor NOT okafor",
        "noor:*", "noor & !okafor", "'noor' | 'x'", "noor \\", "%noor%", "no_r", "(noor", "noor)", "-- noor", "noor;",
        "0" * 300, "9" * 300, "a " * 300, "noor\x00okafor", "+", "+0", "00000", "noor " * 50,
    ],
)  # fmt: skip
def test_signs_of_query_languages_are_only_separators(noor: int, titles: Titles, typed: str) -> None:
    assert titles(typed) in ([], ["Noor Okafor"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_gives_an_answer(noor: int, admin: Caller, typed: str) -> None:
    assert isinstance(search(admin, typed), list)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=30))
def test_a_record_is_found_by_its_whole_name(admin: Caller, name: str) -> None:
    from rapport.features.search.words import tokens
    from rapport.lib.folding import fold

    record = write.create(admin, "tag", {"name": name})
    if tokens(fold(name)):
        assert record in [h.id for h in search(admin, name, ["tag"], limit=200)]


def test_factories_reach_every_searched_object(admin: Caller) -> None:
    from rapport.features.search.texts import searched
    from rapport.registry import catalog

    for obj in catalog.current().objects.values():
        if not searched(obj).fields or obj.key == "file":  # a file is made by an upload
            continue
        record = factories.make(admin, obj.key)
        title = factories.write_values(admin, obj.key, record)[obj.spec.title]
        if title:
            assert record in [h.id for h in search(admin, title, [obj.key])], obj.key
