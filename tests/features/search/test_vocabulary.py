"""Words found by a slip or from inside."""

from __future__ import annotations

import string

import pytest

from rapport.features.search import vocabulary

pytestmark = pytest.mark.django_db


def slipped(word: str) -> set[str]:
    """Every word that one wrong, missing or added letter, or one swap, makes of a word."""
    letters = string.ascii_lowercase
    return {
        *(word[:i] + word[i + 1 :] for i in range(len(word))),
        *(word[:i] + c + word[i + 1 :] for i in range(len(word)) for c in letters),
        *(word[:i] + c + word[i:] for i in range(len(word) + 1) for c in letters),
        *(word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)),
    } - {word}


@pytest.mark.parametrize("word", ["okafor", "jon", "müller".replace("ü", "u"), "стрельцова"])
def test_every_single_slip_leads_to_the_word(word: str) -> None:
    vocabulary.learn([word, "unrelated"])
    missed = [typed for typed in sorted(slipped(word)) if word not in vocabulary.mistyped(typed)]
    assert missed == []


def test_two_slips_do_not() -> None:
    vocabulary.learn(["okafor"])
    assert vocabulary.mistyped("okufur") == []
    assert vocabulary.mistyped("okafor") == []


@pytest.mark.parametrize("beginning", ["okafo", "strelzo", "vladimi"])
def test_every_slip_in_a_half_typed_word_leads_to_it(beginning: str) -> None:
    words = {"okafo": "okaforson", "strelzo": "strelzowa", "vladimi": "vladimirov"}
    vocabulary.learn([*words.values(), "unrelated"])
    typed = {t for t in slipped(beginning) if len(t) >= 5}
    missed = [
        t for t in sorted(typed) if words[beginning] not in vocabulary.begun(t) and not words[beginning].startswith(t)
    ]
    assert missed == []


def test_two_slips_in_a_half_typed_word_do_not() -> None:
    vocabulary.learn(["okaforson"])
    assert vocabulary.begun("ukufors") == []
    assert vocabulary.begun("okafors") == []
    assert vocabulary.begun("okaf") == []


def test_the_inside_of_a_word_leads_to_it_shortest_first() -> None:
    vocabulary.learn(["stadtwerke", "deutschebank", "commerzbank", "bankhaus"])
    assert vocabulary.containing("bank") == ["commerzbank", "deutschebank"]
    assert vocabulary.containing("werk") == ["stadtwerke"]
    assert vocabulary.containing("ban") == []


def test_words_are_learnt_once_and_forgotten_whole() -> None:
    from rapport.features.search.models import SearchKey

    vocabulary.learn(["okafor", "okafor"])
    count = SearchKey.objects.count()
    vocabulary.learn(["okafor"])
    assert SearchKey.objects.count() == count
    assert vocabulary.known(["okafor", "noor"]) == {"okafor"}
    vocabulary.forget(["okafor"])
    assert not SearchKey.objects.exists()


def test_numbers_and_very_short_or_long_words_are_not_learnt() -> None:
    assert vocabulary.learnable(["a1", "li", "x" * 31, "lia", "12345"]) == ["lia"]
