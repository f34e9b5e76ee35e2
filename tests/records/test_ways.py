"""Whichever way a list comes to its rows, walking an index or sorting what matches, they are the same."""

from __future__ import annotations

from typing import Any

import pytest
from tests import factories as f

from rapport.records import write
from rapport.records.read import paging, visible

pytestmark = pytest.mark.django_db

FILTER = {"field": "industry", "op": "in", "value": ["retail", "media"]}


def _pages(caller: Any, **how: Any) -> list[int]:
    found: list[int] = []
    cursor = ""
    for _round in range(20):
        page = visible(caller, "company").page(cursor=cursor, size=4, **how)
        found += [row.id for row in page.rows]
        if page.next is None:
            break
        cursor = page.next
    return found


@pytest.mark.parametrize("sort", ["name", "-name", "-updated_at", "c_number", "-c_number", "id"])
@pytest.mark.parametrize("scoped", [False, True])
def test_walked_and_sorted_lists_are_the_same(monkeypatch: pytest.MonkeyPatch, sort: str, scoped: bool) -> None:
    f.custom_field("company", "c_number", "number")
    ann, bea = f.user(), f.user("Bea", rights={"company": {"read": "own"}})
    industries = ("retail", "media", "energy")
    rows = [
        {"name": f"N{n * 7 % 5}", "industry": industries[n % 3], "c_number": n * 5 % 7 or None,
         "owner": (ann, bea)[n % 2].user_id}
        for n in range(40)
    ]  # fmt: skip
    assert not write.create_many(ann, "company", rows).errors
    caller = bea if scoped else ann
    ways = {}
    for way, many in (("walk", 1), ("sort", 10_000)):
        caller.cache.clear()
        monkeypatch.setattr(paging, "_many", lambda _obj, _size, many=many: many)
        ways[way] = _pages(caller, sort=sort, filter=FILTER)
    assert ways["walk"] == ways["sort"]
    assert set(ways["walk"]) == set(visible(caller, "company").ids(FILTER)), "every record once"
    assert len(ways["walk"]) == len(set(ways["walk"])) == (14 if scoped else 27)
