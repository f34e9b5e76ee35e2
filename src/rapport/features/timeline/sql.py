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
