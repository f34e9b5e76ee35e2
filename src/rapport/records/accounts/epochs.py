"""Counters that tell every process, with one read a request, that rights or definitions have changed."""

from __future__ import annotations

from rapport.lib.sql import Sql
from rapport.records import db

RIGHTS, REGISTRY = "rights", "registry"


def read() -> dict[str, int]:
    """The counters; one that was never raised is 0."""
    found = dict(db.rows(Sql("SELECT name, value FROM records_epoch")))
    return {RIGHTS: int(found.get(RIGHTS, 0)), REGISTRY: int(found.get(REGISTRY, 0))}


def raise_(name: str) -> None:
    """Raise a counter, in the transaction of the change that it announces."""
    db.execute(
        Sql(
            "INSERT INTO records_epoch (name, value) VALUES (%s, 1) "
            "ON CONFLICT (name) DO UPDATE SET value = records_epoch.value + 1",
            (name,),
        )
    )
