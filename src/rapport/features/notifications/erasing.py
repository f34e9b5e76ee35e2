"""What notifications hold of records that are erased: titles stand nowhere, texts go with the notification."""

from __future__ import annotations

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.registry.catalog import RegisteredObject


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Remove what was told of these records."""
    for part in db.chunks(ids):
        where = f"object_key = %s AND record_id IN ({db.marks(part)})"
        db.execute(Sql(f"DELETE FROM notifications_notification WHERE {where}", (obj.key, *part)))
