"""The records of an object as the pass reads them: raw rows in sets, only what is compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.scope import fixed
from rapport.registry.catalog import RegisteredObject

SET = 5_000
JSON = frozenset({"emails", "phones", "handles", "domains", "addresses", "address"})
"""Types of fields that are kept as JSON."""


def kinds(obj: RegisteredObject) -> dict[str, str]:
    """As what each field is compared; those without a column of their own or a custom value are left out."""
    return {n: kind for n, kind in obj.matching.items() if obj.fields[n].column or obj.fields[n].custom}


def rows(obj: RegisteredObject) -> Iterator[list[list[Any]]]:
    """Live records, ascending, in sets: the id, then the JSON of each field of `kinds`."""
    fields = [obj.fields[name] for name in kinds(obj)]
    held, last = fixed(obj, "t"), 0
    columns = ", ".join(f't."{f.column}"' for f in fields if not f.custom)
    text = (
        f'SELECT t.id, t.custom{", " if columns else ""}{columns} FROM "{obj.table}" t '
        f"WHERE t.id > %s AND t.deleted_at IS NULL AND {held.text} ORDER BY t.id LIMIT {SET}"
    )
    customs = any(f.custom for f in fields)
    while found := db.rows(Sql(text, (last, *held.params))):
        part = []
        for record_id, raw, *values in found:
            custom = json.column(raw) or {} if customs else {}
            taken = iter(values)
            record = [record_id]
            for field in fields:
                value = custom.get(field.name) if field.custom else next(taken)
                record.append(json.column(value) if field.type.key in JSON else _plain(value))
            part.append(record)
        yield part
        last = found[-1][0]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int)) else str(value)


def count(obj: RegisteredObject) -> int:
    """How many live records there are."""
    held = fixed(obj, "t")
    row = db.row(Sql(f'SELECT COUNT(*) FROM "{obj.table}" t WHERE t.deleted_at IS NULL AND {held.text}', held.params))
    return int(row[0]) if row else 0
