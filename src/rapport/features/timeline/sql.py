"""Pieces of SQL that sources share."""

from __future__ import annotations

from rapport.features.timeline.entries import Before
from rapport.lib.sql import TRUE, Sql
from rapport.records import db


def older(at: str, tie: str, before: Before) -> Sql:
    """The condition that (`at`, `tie`) comes after the position in a list that is newest first."""
    if before is None:
        return TRUE
    moment, number = before
    return Sql(f"({at}, {tie}) < (%s, %s)", (db.dialect().moment(moment), number))


def either(alias: str, table: str, *conditions: Sql) -> Sql:
    """The condition that a row meets one of some conditions on columns of its own table, each with an index.

    As plain OR, one with a sub-select keeps PostgreSQL from all the indexes: it reads the whole table.
    """
    found = " UNION ALL ".join(f"SELECT id FROM {table} WHERE {condition.text}" for condition in conditions)
    return Sql(f"{alias}.id IN ({found})", tuple(value for condition in conditions for value in condition.params))
