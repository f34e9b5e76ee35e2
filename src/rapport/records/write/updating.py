"""`update`, `update_many` (the same values on many) and `update_each` (values of their own)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from rapport.lib import json
from rapport.lib.sql import Sql, all_of, one_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import live
from rapport.records.errors import Conflict, Forbidden, Invalid, NotFound
from rapport.records.write import storing
from rapport.records.write.batch import UPDATE, Batch, Entry
from rapport.records.write.cleaning import check_references, check_required, clean
from rapport.records.write.creating import finish, registered, settle
from rapport.registry.catalog import RegisteredObject


def update(caller: Caller, key: str, record_id: int, values: Mapping[str, Any], *, version: int | None = None) -> int:
    """Change fields of a record; its new version. `version` is the one that the caller read.

    Raises NotFound, Forbidden, Invalid, and Conflict when one of these fields was changed since that version.
    """
    obj = registered(key)
    with transaction.atomic():
        entries = load(caller, obj, [record_id])
        if version is not None and version < entries[0].version:
            _check_conflict(caller, obj, entries[0], values, version)
        errors = _apply(caller, obj, entries, [values])
        if errors:
            raise Invalid(errors[record_id])
    return entries[0].version


def update_many(
    caller: Caller, key: str, ids: Sequence[int], values: Mapping[str, Any]
) -> dict[int, dict[str, list[Any]]]:
    """The same values on many records, in sets; errors by key of those that were left as they are.

    Raises NotFound or Forbidden when one of the records may not be seen or edited; then none is changed.
    """
    return update_each(caller, key, [(record_id, values) for record_id in dict.fromkeys(ids)])


def update_each(
    caller: Caller, key: str, items: Sequence[tuple[int, Mapping[str, Any]]], *,
    at: Mapping[int, dt.datetime] | None = None,
) -> dict[int, dict[str, list[Any]]]:  # fmt: skip
    """Values of their own on many records, in one transaction; errors by key of those that were left as they are.

    `at` dates changes back, by key, for what happened elsewhere earlier.
    """
    obj = registered(key)
    given = dict(items)
    errors: dict[int, dict[str, list[Any]]] = {}
    with transaction.atomic():
        for part in db.chunks(sorted(given)):
            entries = load(caller, obj, part)
            for entry in entries:
                entry.at = at.get(entry.id) if at else None
            errors |= _apply(caller, obj, entries, [given[e.id] for e in entries])
    return errors


def load(caller: Caller, obj: RegisteredObject, ids: Sequence[int], action: str = "edit") -> list[Entry]:
    """Whole records that the caller may edit (or delete), locked. Raises NotFound, Forbidden."""
    where = all_of([one_of("t.id", ids), live(caller, obj, action, "t")])
    entries = storing.full_rows(obj, where)
    if len(entries) < len(set(ids)):
        missing = set(ids) - {e.id for e in entries}
        seen = all_of([one_of("t.id", sorted(missing)), live(caller, obj, "read", "t")])
        visible = db.rows(Sql(f'SELECT t.id FROM "{obj.table}" t WHERE {seen.text}', seen.params))
        raise Forbidden if len(visible) == len(missing) else NotFound
    return entries


def _check_conflict(
    caller: Caller, obj: RegisteredObject, entry: Entry, values: Mapping[str, Any], version: int
) -> None:
    rows = db.rows(
        Sql(
            "SELECT diff FROM records_change WHERE object_key = %s AND record_id = %s AND version > %s",
            (obj.key, entry.id, version),
        )
    )
    since = {name for (diff,) in rows for name in json.column(diff)}
    clashing, env = {}, caller.env()
    for name in since & set(values):
        field = obj.fields.get(name)
        if field is None or not caller.sees(obj, field):
            continue
        cleaned = Entry()
        clean(caller, obj, {name: values[name]}, env, cleaned)
        if cleaned.values.get(name) != entry.before.get(name):
            clashing[name] = (entry.before.get(name), values[name])
    if clashing:
        raise Conflict(clashing, entry.version)


def _apply(
    caller: Caller, obj: RegisteredObject, entries: list[Entry], given: Sequence[Mapping[str, Any]]
) -> dict[int, dict[str, list[Any]]]:
    """Write the values; errors by key of the entries that were refused."""
    env = caller.env()
    batch = Batch(caller, obj, UPDATE, entries, env)
    for entry, values in zip(entries, given, strict=True):
        clean(caller, obj, values, env, entry)
    if obj.spec.prepare:
        obj.spec.prepare(batch)
    check_required(batch)
    check_references(batch)
    storing.check_unique(batch)
    errors = {e.id: e.errors for e in entries if e.errors}
    for entry in entries:
        entry.values = {n: v for n, v in entry.values.items() if v != entry.before.get(n)}
    batch.entries = [e for e in entries if not e.errors and e.values]
    if batch.entries:
        settle(batch)
        write_updates(batch)
    return errors


def write_updates(batch: Batch) -> None:
    """Write the values of checked entries, and what every write ends with."""
    obj, dialect = batch.obj, batch.env.dialect
    actor = batch.caller.user_id
    statements: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    custom_names = {f.name for f in obj.customs}
    for entry in batch.entries:
        entry.version += 1
        names: list[str] = []
        values: list[Any] = []
        for name, value in entry.values.items():
            field = obj.fields[name]
            if field.column:
                names += field.type.columns(field)
                values += field.type.to_columns(field, value, dialect)
        if custom_names & entry.values.keys():
            entry.custom = storing.custom_json(obj, entry.custom, entry.values)
            names.append("custom")
            values.append(json.dumps(entry.custom))
        statements.setdefault(tuple(names), []).append(
            (*values, dialect.moment(batch.moment(entry)), actor, entry.version, entry.id)
        )
    for columns, rows in statements.items():
        sets = "".join(f'"{c}" = %s, ' for c in columns)
        db.execute_many(
            f'UPDATE "{obj.table}" SET {sets}updated_at = %s, updated_by_id = %s, version = %s WHERE id = %s', rows
        )
    finish(batch)
