"""Indexes of references, and statistics of the database."""

from __future__ import annotations

import pytest
from django.db import connection

from rapport.records import indexing

pytestmark = pytest.mark.django_db


def indexes(table: str) -> dict[str, str]:
    """The statement of each index of a table."""
    with connection.cursor() as cursor:
        cursor.execute(indexing._INDEXES[connection.vendor])
        return {name: text for owner, name, text in cursor.fetchall() if owner == table}


def test_an_empty_reference_costs_no_entry() -> None:
    (text,) = [t for n, t in indexes("collaboration_task").items() if n.startswith("collaboration_task_company_id")]
    assert "IS NOT NULL" in text


def test_a_reference_that_another_index_begins_with_has_none_of_its_own() -> None:
    assert not [n for n in indexes("customers_participant") if n.startswith("customers_participant_interaction_id")]
    assert not [n for n in indexes("customers_interaction") if n.startswith("customers_interaction_company_id")]


def test_a_reference_that_is_never_empty_keeps_its_whole_index() -> None:
    (text,) = [t for n, t in indexes("customers_employment").items() if n.startswith("customers_employment_person_id")]
    assert "WHERE" not in text


def test_what_django_made_again_is_narrowed_again() -> None:
    before = indexes("collaboration_task")
    (name,) = [n for n in before if n.startswith("collaboration_task_company_id")]
    with connection.cursor() as cursor:
        cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(f'CREATE INDEX "{name}" ON "collaboration_task" ("company_id")')
    indexing.narrow()
    assert indexes("collaboration_task") == before


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_the_planner_learns_how_tables_have_grown() -> None:
    with connection.cursor() as cursor:
        indexing.look_again()
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'django_content_type'")
        ((counted, *_more),) = [row[0].split() for row in cursor.fetchall()]
        cursor.execute("SELECT COUNT(*) FROM django_content_type")
        assert cursor.fetchone() == (int(counted),)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL")
def test_postgresql_learns_at_once_how_a_table_has_grown() -> None:
    looked = "SELECT last_analyze IS NOT NULL FROM pg_stat_user_tables WHERE relname = 'grown'"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE grown (n integer)")
        try:
            for rows, wanted in ((indexing.SAMPLE, False), (200, True)):
                cursor.execute("INSERT INTO grown SELECT generate_series(1, %s)", (rows,))
                cursor.execute("SELECT pg_stat_force_next_flush()")
                indexing.look_again()
                cursor.execute("SELECT pg_stat_force_next_flush()")
                cursor.execute(looked)
                assert cursor.fetchone() == (wanted,), rows
        finally:
            cursor.execute("DROP TABLE grown")
