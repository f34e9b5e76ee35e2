"""Migrations on data that is there: a database as old as what they change, rows in it, then the migration."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.config.deployment import Deployment

pytestmark = pytest.mark.once


def migrate(deployment: Deployment, app: str, name: str) -> None:
    deployment.must("manage", "migrate", app, name, "--verbosity=0")


def insert(deployment: Deployment, table: str, **values: Any) -> int:
    """A row past Rapport: what is not said is zero, empty or nothing, as the columns ask."""
    if deployment.url:
        sql = "SELECT column_name, is_nullable, data_type FROM information_schema.columns WHERE table_name = %s"
        columns = [(n, null == "YES", kind) for n, null, kind in deployment.query(sql, table) if n != "id"]
    else:
        info = deployment.query(f"PRAGMA table_info({table})")
        columns = [(row[1], not row[3], str(row[2])) for row in info if row[1] != "id"]
    empty: dict[str, Any] = {"boolean": False, "bool": False, "jsonb": "{}", "text": "{}", "date": None}
    now = datetime(2026, 1, 1, tzinfo=UTC).isoformat(sep=" ")
    row = {}
    for name, null, kind in columns:
        kind = kind.lower()
        number = any(word in kind for word in ("int", "decimal", "numeric", "double"))
        usual = now if "time" in kind else 0 if number else empty.get(kind, "")
        row[name] = values.get(name, None if null else usual)
    marks = ", ".join(["%s"] * len(row))
    names = ", ".join(f'"{name}"' for name in row)
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"
    return int(deployment.query(sql, *row.values())[0][0])


def test_what_was_written_of_a_loss_becomes_its_note(on_each_database: Deployment) -> None:
    deployment = on_each_database
    migrate(deployment, "sales", "0001_initial")
    line = insert(deployment, "sales_pipeline", name="Sales")
    stage = insert(deployment, "sales_stage", name="Lost", pipeline_id=line, outcome="lost")
    for name, reason in (("Dear", "Too dear for them"), ("Open", "")):
        insert(deployment, "sales_deal", name=name, pipeline_id=line, stage_id=stage, lost_reason=reason)
    migrate(deployment, "sales", "0002_lost_reason")
    rows = deployment.query("SELECT name, lost_reason, lost_note FROM sales_deal ORDER BY id")
    assert rows == [("Dear", "other", "Too dear for them"), ("Open", "", "")]
    catalogue = "pg_indexes" if deployment.url else "sqlite_master"
    column = "indexname" if deployment.url else "name"
    assert deployment.query(f"SELECT 1 FROM {catalogue} WHERE {column} = 'deal_name'") == [(1,)]


def test_filters_keep_the_names_of_custom_references(on_each_database: Deployment) -> None:
    deployment = on_each_database
    migrate(deployment, "records", "0002_counter")
    insert(deployment, "records_customobject", key="boat", plural="boats", label="Boat")
    for place, (obj, key, kind, target) in enumerate(
        (
            ("boat", "captain", "reference", "person"),
            ("boat", "owner_of", "reference", "person"),
            ("deal", "sponsor", "reference", "person"),
            ("boat", "size", "number", ""),
        )
    ):
        insert(deployment, "records_customfield", object_key=obj, key=key, type=kind, target=target, position=place)
    migrate(deployment, "records", "0003_way_back")
    rows = dict(deployment.query("SELECT key, back FROM records_customfield"))
    assert rows == {"captain": "boats", "owner_of": "boats_owner_of", "sponsor": "deals_sponsor", "size": ""}
