"""The newest of a company's people are found however they share what happened, page by page."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from django.db import connection
from tests import factories as f

from rapport.apps.customers import streams
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.registry.types.dates import DateTimeType

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


def _met(admin: Caller, people: list[int], minute: int, **more: Any) -> int:
    at = START + dt.timedelta(minutes=minute)
    return f.make(admin, "interaction", kind="meeting", people=people, at=at, **more)


def _paged(admin: Caller, company: int, size: int) -> list[int]:
    found: list[int] = []
    before = None
    while ids := streams.newest(admin, "company", company, before, size):
        found += ids
        (at,) = db.row(Sql("SELECT at FROM customers_interaction WHERE id = %s", (ids[-1],))) or (None,)
        moment = DateTimeType().from_json(at)
        assert moment is not None
        before = (moment, ids[-1])
    return found


@pytest.mark.parametrize("seed", range(3))
def test_pages_hold_each_interaction_once_and_in_order(seed: int) -> None:
    admin, chance = f.admin(), random.Random(seed)
    company = f.make(admin, "company", name="Fjord")
    people = [f.make(admin, "person", last_name=f"P{n}", company=company) for n in range(9)]
    made = [_met(admin, people, 500)]  # a meeting of all, newer than everything else
    made += [_met(admin, chance.sample(people, chance.randint(1, 3)), chance.randint(1, 60)) for _n in range(25)]
    _met(admin, [f.make(admin, "person", last_name="Stranger")], 400)
    rows = db.rows(Sql(f"SELECT at, id FROM customers_interaction WHERE id IN ({db.marks(made)})", tuple(made)))
    wanted = [key for _at, key in sorted(rows, reverse=True)]
    for size in (1, 2, 5, 50):
        assert _paged(admin, company, size) == wanted, size


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the planner of PostgreSQL goes by statistics")
def test_steps_of_a_company_are_found_by_its_people() -> None:
    from rapport.features.timeline.gathering import gather
    from rapport.registry import catalog

    admin = f.admin()
    company = f.make(admin, "company", name="Fjord")
    said: list[str] = []

    def listen(execute: Any, text: str, params: Any, many: bool, context: Any) -> Any:
        said.append(text)
        return execute(text, params, many, context)

    with connection.execute_wrapper(listen):
        gather(admin, catalog.current()["company"], company)
    steps = [text for text in said if "customers_person" in text and "lifecyclechange" in text]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {steps[0]}", (company,))
        assert not [row[3] for row in cursor.fetchall() if row[3].startswith("SCAN")]
