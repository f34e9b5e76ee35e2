"""Pairs are kept once, decided once, and follow merges, un-merges and erasure of their records."""

from __future__ import annotations

import pytest
from tests import factories

from rapport.features.duplicates.models import DuplicatePair
from rapport.features.duplicates.suggesting import Reason, Suggestion, suggest
from rapport.records import write

pytestmark = pytest.mark.django_db


def rows() -> list[tuple[int, int, float, str, str]]:
    names = ("first_id", "second_id", "score", "source", "state")
    return list(DuplicatePair.objects.order_by("first_id", "second_id").values_list(*names))


def test_a_pair_is_kept_once_in_order_with_the_better_score() -> None:
    suggest("person", [Suggestion(9, 4, 0.8, (Reason("birthday", "same", 7.123),)), Suggestion(4, 9, 0.7)], "form")
    assert rows() == [(4, 9, 0.7, "form", "open")]
    suggest("person", [Suggestion(9, 4, 0.9, (Reason("birthday", "same", 7.123),))], "import")
    assert rows() == [(4, 9, 0.9, "form", "open")]
    assert DuplicatePair.objects.get().reasons == [["birthday", "same", 7.12]]
    suggest("person", [Suggestion(9, 4, 0.5)], "api")
    assert rows() == [(4, 9, 0.9, "form", "open")]
    suggest("person", [Suggestion(9, 4, 0.5)], "nightly")
    assert rows() == [(4, 9, 0.5, "form", "open")]


def test_a_decided_pair_stays_decided() -> None:
    suggest("person", [Suggestion(1, 2, 0.8)], "form")
    DuplicatePair.objects.update(state="different")
    suggest("person", [Suggestion(1, 2, 0.99)], "nightly")
    assert rows() == [(1, 2, 0.8, "form", "different")]


@pytest.mark.parametrize("wrong", [Suggestion(1, 1, 0.5), Suggestion(1, 2, 1.2), Suggestion(1, 2, float("nan"))])
def test_what_is_no_pair_is_refused_and_nothing_kept(wrong: Suggestion) -> None:
    with pytest.raises(ValueError, match="not a pair"):
        suggest("person", [Suggestion(3, 4, 0.5), wrong], "form")
    assert rows() == []


def test_a_merge_by_any_door_decides_its_pairs_and_taking_it_back_opens_them() -> None:
    ada = factories.admin()
    one, two, three = (factories.make(ada, "person") for _ in range(3))
    suggest("person", [Suggestion(one, two, 0.9), Suggestion(one, three, 0.8)], "nightly")
    merge = write.merge(ada, "person", two, [one])
    decided = DuplicatePair.objects.get(second_id=two)
    assert (decided.state, decided.merge_id, decided.decided_by_id) == ("merged", merge.pk, ada.user_id)
    assert DuplicatePair.objects.get(second_id=three).state == "open"
    write.unmerge(ada, "person", merge.pk)
    assert [row[4] for row in rows()] == ["open", "open"]
    assert not DuplicatePair.objects.filter(decided_at__isnull=False).exists()


def test_erasing_a_record_removes_its_pairs() -> None:
    ada = factories.admin()
    one, two, three = (factories.make(ada, "person") for _ in range(3))
    suggest("person", [Suggestion(one, two, 0.9), Suggestion(two, three, 0.8)], "nightly")
    suggest("company", [Suggestion(one, two, 0.9)], "nightly")
    write.erase(ada, "person", [one])
    assert [(r[0], r[1]) for r in rows()] == [(one, two), (two, three)]
    assert set(DuplicatePair.objects.values_list("object_key", "first_id")) == {("company", one), ("person", two)}
