"""The indexes of custom fields that are switched to indexed: expression indexes over the JSON column.

On PostgreSQL each has statistics of its own beside it. Those that the server keeps for an index are not used for one
of live records only: it then takes every value for one of two hundred, and walks the index of the default sort to find
the fifty of ten thousand records that it expects where there is one.
"""

from __future__ import annotations

from django.db import connection

from rapport.lib.sql import Sql, quoted
from rapport.records import db
from rapport.records.customising import sync
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.text import TextType

_ROW = "indexed_row"
REFERENCES = ("reference", "user")
_THERE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisvalid "
    "UNION ALL SELECT stxname FROM pg_statistic_ext",
}
"""Names of the indexes and statistics that the database has, whole ones only."""


def can_index(field: FieldSpec) -> bool:
    """Whether an index on a custom field can serve a sort or a filter."""
    return field.type.storage == "column" and (field.type.sortable or field.type.key in REFERENCES)


def name_of(object_key: str, field_key: str) -> str:
    """The name that lists look for (`records.read.paging`)."""
    return f"custom_{object_key}_{field_key}"


def create(obj: RegisteredObject, field: FieldSpec) -> None:
    """Make the indexes of a field; without blocking writers where the database can and no transaction is open."""
    for name, expressions in _wanted(obj, field).items():
        _create(obj, name, expressions)
    if connection.vendor == "postgresql":
        _learn(obj, field)


def _wanted(obj: RegisteredObject, field: FieldSpec) -> dict[str, list[str]]:
    """The indexes of a field by name: for sorting, and on PostgreSQL another one for the equality of texts."""
    dialect, name = db.dialect(), name_of(obj.key, field.name)
    found = {name: [field.type.sort_expression(field, _ROW, dialect), f"{_ROW}.id"]}
    if isinstance(field.type, TextType) and dialect.vendor == "postgresql":
        found[f"{name}_is"] = [dialect.text_index(field.type.expression(field, _ROW, dialect))]
    return found


def repair() -> list[str]:
    """Make the indexes that definitions ask for and that the database lacks, or holds half made; their names.

    A list that is told to use an index fails without it, and a restored database may come from anywhere.
    """
    there = {name for (name,) in db.rows(Sql(_THERE[connection.vendor]))}
    made = []
    for obj in sync.build(0).objects.values():
        for field in obj.customs:
            wanted = set(_wanted(obj, field))
            if connection.vendor == "postgresql":
                wanted.add(_statistics_of(obj.key, field.name))
            if field.indexed and not wanted <= there:
                create(obj, field)
                made.append(name_of(obj.key, field.name))
    return made


def drop(object_key: str, field_key: str) -> None:
    """Drop the indexes of a field, where they are."""
    name = name_of(object_key, field_key)
    for each in (name, f"{name}_is"):
        db.execute(Sql(f"DROP INDEX {_concurrently()} IF EXISTS {quoted(each)}"))
    if connection.vendor == "postgresql":
        db.execute(Sql(f"DROP STATISTICS IF EXISTS {quoted(_statistics_of(object_key, field_key))}"))


def _create(obj: RegisteredObject, name: str, expressions: list[str]) -> None:
    fixed = [quoted(column) for column in obj.spec.fixed]
    parts = ", ".join((*fixed, *(f"({e})" if "(" in e else e for e in expressions)))
    parts = parts.replace(f"{_ROW}.", "")
    if connection.vendor == "postgresql":
        # One that was interrupted stands there as invalid.
        db.execute(Sql(f"DROP INDEX {_concurrently()} IF EXISTS {quoted(name)}"))
    text = (
        f"CREATE INDEX {_concurrently()} IF NOT EXISTS {quoted(name)} ON {quoted(obj.table)} ({parts}) "
        "WHERE deleted_at IS NULL"
    )
    db.execute(Sql(text))


def _learn(obj: RegisteredObject, field: FieldSpec) -> None:
    """Tell the planner of PostgreSQL what values there are of what filters compare, now and at each later look."""
    name, expression = quoted(_statistics_of(obj.key, field.name)), field.type.expression(field, _ROW, db.dialect())
    if isinstance(field.type, TextType):
        expression = db.dialect().text_index(expression)
    expression = expression.replace(f"{_ROW}.", "")
    db.execute(Sql(f"CREATE STATISTICS IF NOT EXISTS {name} ON ({expression}) FROM {quoted(obj.table)}"))
    db.execute(Sql(f"ANALYZE {quoted(obj.table)} (custom)"))


def _statistics_of(object_key: str, field_key: str) -> str:
    return f"{name_of(object_key, field_key)}_values"


def _concurrently() -> str:
    return "CONCURRENTLY" if connection.vendor == "postgresql" and not connection.in_atomic_block else ""
