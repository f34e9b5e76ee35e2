"""An empty database is made in one go; it must be what the migrations make, but for the order of columns."""

from __future__ import annotations

import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from tests.config.deployment import Deployment, postgres_database

pytestmark = pytest.mark.once
SQLITE = ("SELECT type, name, tbl_name, sql FROM sqlite_master",)
POSTGRES = (
    "SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, "
    "numeric_scale, is_nullable, column_default, is_identity, identity_generation, collation_name "
    "FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace",
    "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT sequencename, data_type::text, increment_by FROM pg_sequences WHERE schemaname = 'public'",
)
ROWS = (
    "SELECT app, name FROM django_migrations",
    "SELECT app_label, model FROM django_content_type",
    "SELECT c.app_label, c.model, p.codename, p.name FROM auth_permission p "
    "JOIN django_content_type c ON c.id = p.content_type_id",
)


def made(deployment: Deployment) -> list[list[tuple[Any, ...]]]:
    """Schema, rows that a new database has, and how many rows each table has."""
    schema = POSTGRES if deployment.url else SQLITE
    found = [[tuple(map(unordered, row)) for row in deployment.query(text)] for text in (*schema, *ROWS)]
    counts = [(name, len(rows)) for name, rows in deployment.contents().items() if name != "sqlite_sequence"]
    return [sorted(rows, key=repr) for rows in (*found, counts)]


def unordered(value: Any) -> Any:
    """A statement that makes a table with its columns in the order of the alphabet; anything else as it is."""
    if not (isinstance(value, str) and value.startswith("CREATE TABLE")):
        return value
    head, _bracket, columns = value.partition("(")
    return head, tuple(sorted(re.split(r', (?="|CONSTRAINT)', columns.removesuffix(")"))))


def test_an_empty_database_becomes_what_migrations_make(
    on_each_database: Deployment, postgres_url: str, tmp_path: Path
) -> None:
    script = "from rapport.config.cli import use_django; use_django(); from rapport.config import prepare; "
    on_each_database.python(script + "assert prepare.database()")
    with postgres_database(postgres_url) if on_each_database.url else nullcontext("") as url:
        walked = Deployment(tmp_path / "walked", url)
        walked.must("manage", "migrate", "--steps", "--verbosity=0")
        ours, theirs = made(on_each_database), made(walked)
    for one, other in zip(ours, theirs, strict=True):
        assert set(one) ^ set(other) == set()
    assert ours == theirs
    assert "No planned migration operations" in on_each_database.must("manage", "migrate", "--plan")
    on_each_database.python(script + "assert not prepare.database()")
