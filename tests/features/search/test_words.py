"""Folding and cutting of text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.features.search.words import BACKWARDS, LONGEST, digits, joined, phone_tokens, tokens
from rapport.lib.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller", "muller"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("Ångström", "angstrom"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("Søren Ærø", "soren aero"),
        ("İstanbul ıspanak", "istanbul ispanak"),
        ("ﬁnance", "finance"),
        ("Ελλάδα", "ελλαδα"),
        ("Ёлка Йод", "елка иод"),
        ("がく", "がく"),
    ],
)
def test_case_diacritics_and_ligatures_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


def test_anything_but_letters_and_digits_separates() -> None:
    assert tokens(fold("Noor.Okafor+crm@fjord-line.example")) == ["noor", "okafor", "crm", "fjord", "line", "example"]
    assert tokens(fold("a_b\tc\u00a0d — «e»")) == ["a", "b", "c", "d", "e"]


def test_a_long_run_is_cut() -> None:
    assert tokens("x" * (2 * LONGEST + 1)) == ["x" * LONGEST, "x" * LONGEST, "x"]


def test_script_without_spaces_becomes_pairs() -> None:
    assert tokens(fold("田中太郎")) == ["田中", "中太", "太郎"]
    assert tokens(fold("abc田中")) == ["abc", "田中"]
    assert tokens(fold("李")) == ["李"]


def test_vowel_signs_stay_in_their_word() -> None:
    assert tokens(fold("प्रिया शर्मा")) == [fold("प्रिया"), fold("शर्मा")]


def test_names_are_known_without_their_marks_too() -> None:
    assert joined(fold("Liam O'Brien-Smith, AT&T")) == ["obriensmith", "att"]
    assert joined("- ' .") == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("+4930123456", ["4930123456", BACKWARDS + "6543210394", "30123456"]),
        ("+12025550143", ["12025550143", BACKWARDS + "34105552021", "2025550143"]),
        ("+4930123456;ext=12", ["4930123456", BACKWARDS + "6543210394", "30123456"]),
        ("030 123456", ["30123456", BACKWARDS + "65432103"]),
        ("", []),
    ],
)
def test_phone_numbers_begin_with_and_without_country_code_and_end_backwards(value: str, expected: list[str]) -> None:
    assert phone_tokens(value) == expected


def test_digits_have_no_leading_zeros() -> None:
    assert digits("(0049) 30-12 34") == "49301234"


@given(st.text(max_size=200))
def test_tokens_of_any_text_hold_nothing_that_an_index_could_take_for_its_language(text: str) -> None:
    found = tokens(fold(text))
    assert all(0 < len(t) <= LONGEST for t in found)
    assert not any(c in token for token in found for c in " '\"\\*()&|!:<>%_\x00")
    assert tokens(" ".join(found)) == found
