"""The history of life-cycle stages."""

from __future__ import annotations

from rapport.records import db
from rapport.records.write import Batch


def effects(batch: Batch) -> None:
    """Note when a person or a company reached a stage."""
    dialect, actor = batch.env.dialect, batch.caller.user_id
    rows = [
        (e.id, dialect.moment(batch.moment(e)), e.values["lifecycle"], e.before.get("lifecycle") or "", actor)
        for e in batch.entries
        if e.changes("lifecycle")
    ]
    columns = (f"{batch.obj.key}_id", "at", "stage", "before", "actor_id")
    db.insert_many("customers_lifecyclechange", columns, rows)
