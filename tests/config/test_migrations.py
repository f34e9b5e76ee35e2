"""Migrations on data that is there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tests import factories as f

from rapport.lib.sql import Sql
from rapport.records import db

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(app: str, name: str) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([(app, name)])


@pytest.fixture
def latest() -> Iterator[None]:
    """The tables are as of now again, whatever became of the test."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_what_was_written_of_a_loss_becomes_its_note(latest: None) -> None:
    deals = [f.make(f.admin(), "deal", name=name) for name in ("Dear", "Open")]
    migrate("sales", "0001_initial")
    db.execute(Sql("UPDATE sales_deal SET lost_reason = 'Too dear for them' WHERE id = %s", (deals[0],)))
    migrate("sales", "0002_lost_reason")
    rows = db.rows(Sql("SELECT name, lost_reason, lost_note FROM sales_deal ORDER BY id"))
    assert rows == [("Dear", "other", "Too dear for them"), ("Open", "", "")]
    with connection.cursor() as cursor:
        assert "deal_name" in connection.introspection.get_constraints(cursor, "sales_deal")


def test_filters_keep_the_names_of_custom_references(latest: None) -> None:
    f.custom_object("boat", "boats")
    for key in ("captain", "owner_of"):
        f.custom_field("boat", key, "reference", target="person")
    f.custom_field("deal", "sponsor", "reference", target="person")
    f.custom_field("boat", "size", "number")
    migrate("records", "0002_counter")
    migrate("records", "0003_way_back")
    rows = dict(db.rows(Sql("SELECT key, back FROM records_customfield")))
    assert rows == {"captain": "boats", "owner_of": "boats_owner_of", "sponsor": "deals_sponsor", "size": ""}
