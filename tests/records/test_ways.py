"""Whichever way a list comes to its rows, walking an index or sorting what matches, they are the same."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories as f

from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import sharing
from rapport.records.accounts.models import Team
from rapport.records.read import merging, paging, visible

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


def _held(count: int) -> tuple[Any, Any, set[int]]:
    """Whoever made companies, a member of two teams who sees some of them, and which."""
    north, south, far = (Team.objects.create(name=name) for name in ("North", "South", "Far"))
    ann, bea = f.admin(), f.user("Bea", teams=(north, south), rights={"company": {"read": "team"}})
    owners, teams = (ann.user_id, bea.user_id), (north.pk, south.pk, far.pk, None)
    rows = [{"name": f"N{n}", "owner": owners[n % 2], "team": teams[n // 2 % 4]} for n in range(count)]
    ids = write.create_many(ann, "company", rows).ids
    shared = [key for n, key in enumerate(ids) if key and n % 7 == 2]
    for number, key in enumerate(shared):
        to = {"team_id": south.pk} if number % 2 else {"user_id": bea.user_id}
        sharing.share(ann, "company", key, **to)
    seen = {key for n, key in enumerate(ids) if key and (n % 2 or n // 2 % 4 < 2 or n % 7 == 2)}
    return ann, f.caller_of(bea.user_id), seen


@pytest.mark.parametrize("sort", ["", "-updated_at", "updated_at", "created_at", "name"])
def test_merged_walks_are_the_same_list(monkeypatch: pytest.MonkeyPatch, sort: str) -> None:
    """Own, of two teams, shared with the user and with a team, several of these at once: each record once."""
    _ann, bea, seen = _held(60)
    merged = _pages(bea, sort=sort)
    monkeypatch.setattr(merging, "MOST_SHARED", 1)
    past_the_shares = _pages(bea, sort=sort)
    monkeypatch.setattr(merging, "MOST", 1)
    assert merged == past_the_shares == _pages(bea, sort=sort)
    assert set(merged) == seen
    assert len(merged) == len(seen)


def test_a_list_does_not_walk_past_what_others_changed_last() -> None:
    ann, bea, seen = _held(60)
    columns = ", ".join(f'"{c}"' for c in _columns("customers_company"))
    foreign = min(set(visible(ann, "company").ids()) - seen)
    db.execute(
        Sql(
            f"INSERT INTO customers_company ({columns}) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n "
            f"WHERE x < 5000) SELECT {columns} FROM customers_company, n WHERE id = %s",
            (foreign,),
        )
    )
    past = db.dialect().moment(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    db.execute(
        Sql("UPDATE customers_company SET updated_at = %s WHERE id > %s AND id %% 2 = 0", (past, max(seen) + 10))
    )
    if connection.vendor == "postgresql":
        db.execute(Sql("SET CONSTRAINTS ALL IMMEDIATE"))
        db.execute(Sql("ANALYZE customers_company"))
    with CaptureQueriesContext(connection) as asked:
        first = visible(bea, "company").page(size=10)
        visible(bea, "company").page(size=10, cursor=str(first.next))
    assert len(first.rows) == 10
    lists = [q["sql"] for q in asked.captured_queries if "ORDER BY" in q["sql"]]
    assert len(lists) == 2
    word = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    for text in lists:
        with connection.cursor() as cursor:
            cursor.execute(word + text)
            plan = "\n".join(str(row) for row in cursor.fetchall())
        assert "company_owner" in plan, plan
        assert "company_team" in plan, plan
        assert "company_updated" not in plan, plan


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [c.name for c in connection.introspection.get_table_description(cursor, table) if c.name != "id"]
