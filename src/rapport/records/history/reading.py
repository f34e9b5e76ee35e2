"""The change log of a record, as far as the caller may see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rapport.lib import json
from rapport.lib.sql import TRUE, Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Merged, NotFound
from rapport.records.read import RecordView, visible
from rapport.records.read.select import labels_of, people
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What one field was and became: values as read, and their labels where they are references."""

    field: FieldSpec
    before: Any
    after: Any
    before_label: Any = None
    after_label: Any = None


@dataclass(frozen=True, slots=True)
class Act:
    """One act on a record: who, when, through which door, and the fields that the reader may see."""

    id: int
    at: dt.datetime
    actor_id: int | None
    actor: str
    door: str
    action: str
    version: int
    batch: str
    fields: tuple[FieldChange, ...]


def since(obj: RegisteredObject, record_id: int, version: int) -> dict[str, Any]:
    """The fields that were changed after `version`, with what they were at that version, in JSON form."""
    rows = db.rows(
        Sql(
            "SELECT diff FROM records_change WHERE object_key = %s AND record_id = %s AND version > %s "
            "ORDER BY id DESC",
            (obj.key, record_id, version),
        )
    )
    return {name: pair[0] for (diff,) in rows for name, pair in json.column(diff).items()}


def record_or_trashed(caller: Caller, key: str, record_id: int) -> RecordView:
    """The record, in the trash or not, or merged into another one. Raises NotFound."""
    found = visible(caller, key)
    try:
        return found.get(record_id)
    except Merged:
        return found.get(record_id, merged=True)
    except NotFound:
        return found.get(record_id, trashed=True)


def acts(
    caller: Caller, key: str, record_id: int, *, before: int | None = None, limit: int = 50
) -> tuple[list[Act], int | None]:
    """The acts on a record, newest first, older than act `before`; and where to go on, or None. Raises NotFound."""
    record_or_trashed(caller, key, record_id)
    where = all_of(
        [
            Sql("c.object_key = %s AND c.record_id = %s", (key, record_id)),
            Sql("c.id < %s", (before,)) if before else TRUE,
        ]
    )
    found = select(caller, key, where, "c.id DESC", limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def select(caller: Caller, key: str, where: Sql, order: str, limit: int) -> list[Act]:
    """Acts on records of an object under a condition on the row `c`; the caller has checked that they are seen."""
    rows = db.rows(
        Sql(
            "SELECT c.id, c.at, c.actor_id, c.door, c.action, c.version, c.batch, c.diff FROM records_change c "
            f"WHERE {where.text} ORDER BY {order} LIMIT {int(limit)}",
            where.params,
        )
    )
    seen = caller.visible_fields(catalog.current()[key])
    diffs = [{n: p for n, p in json.column(row[-1]).items() if n in seen} for row in rows]
    labels = _labels(caller, seen, diffs)
    actors = {row[2] for row in rows if row[2]}
    names = people("records_user", actors)
    made = []
    for (change, at, actor, door, action, version, batch, _diff), diff in zip(rows, diffs, strict=True):
        moment = _DATETIME.from_json(at)
        assert moment is not None
        fields = tuple(_field_change(seen[n], pair, labels.get(n, {})) for n, pair in diff.items())
        made.append(Act(change, moment, actor, names.get(actor or 0, ""), door, action, version, batch, fields))
    return made


def _labels(caller: Caller, seen: dict[str, FieldSpec], diffs: Iterable[dict[str, Any]]) -> dict[str, dict[int, str]]:
    """Titles of all that the references among the values point at, one statement a field."""
    wanted: dict[str, set[int]] = {}
    for diff in diffs:
        for name, pair in diff.items():
            if seen[name].target:
                wanted.setdefault(name, set()).update(key for raw in pair for key in _keys(seen[name], raw))
    return {name: labels_of(caller, seen[name], keys) for name, keys in wanted.items() if keys}


def _keys(field: FieldSpec, raw: Any) -> tuple[int, ...]:
    value = field.type.from_json(raw)
    if field.type.is_empty(value):
        return ()
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _field_change(field: FieldSpec, pair: list[Any], labels: dict[int, str]) -> FieldChange:
    before, after = (field.type.from_json(raw) for raw in pair)
    if not field.target:
        return FieldChange(field, before, after)
    return FieldChange(field, before, after, *(_label(field, raw, labels) for raw in pair))


def _label(field: FieldSpec, raw: Any, labels: dict[int, str]) -> Any:
    keys = _keys(field, raw)
    if field.type.storage == "external":
        return [(key, labels[key]) for key in keys if key in labels]
    return labels.get(keys[0], "") if keys else None
