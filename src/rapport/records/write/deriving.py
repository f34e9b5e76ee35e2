"""`derive`: values that the system keeps up outside the change log. No new version, no change row; told in sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from rapport.lib import json
from rapport.records import db
from rapport.records.write.creating import registered


def derive(key: str, field: str, values: Mapping[int, Any]) -> None:
    """Set a derived field of many records. Raises ValueError for a field that is not declared as derived."""
    obj = registered(key)
    spec = obj.fields[field]
    if not spec.derived:
        raise ValueError(f"{key}.{field} is not derived; write it with update()")
    dialect = db.dialect()
    columns = spec.type.columns(spec)
    sets = ", ".join(f'"{c}" = %s' for c in columns)
    rows = [(*spec.type.to_columns(spec, value, dialect), record) for record, value in sorted(values.items())]
    if not rows:
        return
    with transaction.atomic():
        db.execute_many(f'UPDATE "{obj.table}" SET {sets} WHERE id = %s', rows)
        moment = dialect.moment(timezone.now())
        db.insert_many(
            "records_outboxentry",
            ("event", "ids", "fields", "actor_id", "at"),
            [
                (f"{key}.derive", json.dumps(list(part)), json.dumps([field]), None, moment)
                for part in db.chunks(sorted(values), 1000)
            ],
        )
