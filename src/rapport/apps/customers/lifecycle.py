"""The history of life-cycle stages."""

from __future__ import annotations

from rapport.records import db
from rapport.records.write import Batch


def effects(batch: Batch) -> None:
    """Note when a person reached a stage."""
    moment = batch.env.dialect.moment(batch.at)
    rows = [
        (e.id, moment, e.values["lifecycle"], e.before.get("lifecycle") or "", batch.caller.user_id)
        for e in batch.entries
        if e.changes("lifecycle")
    ]
    db.insert_many("customers_lifecyclechange", ("person_id", "at", "stage", "before", "actor_id"), rows)
