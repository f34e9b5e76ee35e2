"""Filters that name records which were merged since: they name the survivors, for as long as the merge holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories as f

from rapport.records import write
from rapport.records.accounts.caller import system
from rapport.records.read import visible
from rapport.records.read.following import following
from rapport.registry import catalog

pytestmark = pytest.mark.django_db


def followed(key: str, filter_: Mapping[str, Any]) -> Mapping[str, Any]:
    return following(system(), catalog.current()[key], filter_)


def where(field: str, value: Any, op: str = "is") -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def test_a_filter_leads_to_the_survivor_until_the_merge_is_taken_back() -> None:
    ada = f.admin()
    one, two, three = (f.make(ada, "company", name=name) for name in ("Acme", "Acme Ltd", "Acme Inc"))
    person = f.make(ada, "person", company=one)
    wanted = where("company", one)
    first = write.merge(ada, "company", two, [one])
    second = write.merge(ada, "company", three, [two])
    assert followed("person", wanted) == where("company", three)
    assert visible(ada, "person").ids(filter=followed("person", wanted)) == [person]
    write.unmerge(ada, "company", second.pk)
    assert followed("person", wanted) == where("company", two)
    write.unmerge(ada, "company", first.pk)
    assert followed("person", wanted) == wanted
    assert visible(ada, "person").ids(filter=wanted) == [person]


def test_records_are_found_wherever_a_filter_names_them() -> None:
    ada = f.admin()
    stays, goes = (f.make(ada, "company", name=name) for name in ("Acme", "Acme Ltd"))
    red, crimson = (write.create(ada, "tag", {"name": name}) for name in ("Red", "Crimson"))
    write.merge(ada, "company", stays, [goes])
    write.merge(ada, "tag", red, [crimson])
    for key, before, after in (
        ("person", where("company", [str(goes), stays], "in"), where("company", [stays, stays], "in")),
        ("person", {"not": {"any": [where("company", goes)]}}, {"not": {"any": [where("company", stays)]}}),
        ("person", where("company.parent", goes), where("company.parent", stays)),
        ("person", where("tags", [crimson], "has_any"), where("tags", [red], "has_any")),
        ("company", where("people", where("company", goes), "has"), where("people", where("company", stays), "has")),
        (
            "company",
            where("deals", {"count": 2, "where": where("company", goes)}, "at_least"),
            where("deals", {"count": 2, "where": where("company", stays)}, "at_least"),
        ),
    ):
        visible(ada, key).where(before)
        assert followed(key, before) == after


def test_a_survivor_that_may_not_be_seen_stays_untold() -> None:
    ada, bob = f.admin(), f.user("Bob", rights={"person": {"read": "all"}, "company": {"read": "own"}})
    stays, goes = (f.make(ada, "company", name=name) for name in ("Acme", "Acme Ltd"))
    write.merge(ada, "company", stays, [goes])
    obj, wanted = catalog.current()["person"], where("company", goes)
    assert following(bob, obj, wanted) == wanted
    assert following(ada, obj, wanted) == where("company", stays)


def test_what_names_no_records_asks_nothing() -> None:
    ada, person = f.admin(), catalog.current()["person"]
    with CaptureQueriesContext(connection) as asked:
        for filter_ in ({}, where("job", "7"), where("owner", "me"), where("x", {"a": 1}), {"all": [where("x", 1)]}):
            assert following(ada, person, filter_) == filter_
    assert not asked.captured_queries


@pytest.mark.parametrize(
    "filter_",
    [
        {"all": 1}, {"field": 3, "op": None, "value": []}, where("company", {"a": 1}), where("company", 2**70),
        where("company", -1), where("company", None), where("deals", 5, "has"), {"field": "company"},
    ],
)  # fmt: skip
def test_what_is_wrong_stays_as_it_is(filter_: dict[str, Any]) -> None:
    assert followed("person", filter_) == filter_


def test_depths_beyond_the_compiler_are_left_to_it() -> None:
    deep: dict[str, Any] = where("company", 1)
    for _level in range(5000):
        deep = {"not": deep}
    assert followed("person", deep)
