"""Values to columns: the statements of an object, built once, and what is kept beside its table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db, links
from rapport.records.accounts import epochs
from rapport.records.customising import sync
from rapport.records.errors import Invalid, Outdated
from rapport.records.history import following
from rapport.records.history.models import Change
from rapport.records.write.batch import Batch, Entry
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec


def custom_json(obj: RegisteredObject, kept: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON column: what it held (fields that were removed too) with the given values in it; no nulls."""
    found = dict(kept)
    for field in obj.customs:
        if field.name in values:
            raw = field.type.to_json(values[field.name])
            if raw in (None, ""):
                found.pop(field.name, None)
            else:
                found[field.name] = raw
    return found


def store_externals(batch: Batch) -> None:
    """Write many-references fields to the table of links."""
    for field in batch.obj.externals:
        changes = {
            e.id: (e.before.get(field.name) or (), e.values[field.name]) for e in batch.entries if e.changes(field.name)
        }
        if changes:
            links.store(batch.obj.key, field, changes)


def check_unique(batch: Batch) -> None:
    """Refuse entries whose value of a unique field another record has, or an earlier entry of the batch."""
    for field in batch.obj.fields.values():
        if not field.unique or field.name == "id":
            continue
        wanted = [(e, unique_text(field, e.values[field.name])) for e in batch.sound() if e.changes(field.name)]
        taken = holders(batch.obj, field, {text for _entry, text in wanted if text})
        for entry, text in wanted:
            if text and taken.setdefault(text, entry.id or -1 - entry.position) not in (entry.id, -1 - entry.position):
                entry.refuse(field.name, _("Another record has this value already."))


def unique_text(field: FieldSpec, value: Any) -> str:
    """The form in which values of a unique field are compared; empty for none."""
    return "" if field.type.is_empty(value) else field.type.to_text(field, value).lower()[:300]


def holders(obj: RegisteredObject, field: FieldSpec, texts: Collection[str]) -> dict[str, int]:
    """Which records have these values of a unique field, in the form of `unique_text`; trashed ones too."""
    found: dict[str, int] = {}
    for part in db.chunks(sorted(texts)):
        if field.custom:
            where = f"object_key = %s AND field = %s AND value IN ({db.marks(part)})"
            text = f"SELECT value, record_id FROM records_uniquevalue WHERE {where}"
            found.update(db.rows(Sql(text, (obj.key, field.name, *part))))
        else:
            folded = db.dialect().fold(f'CAST("{field.column}" AS text)')
            text = f'SELECT {folded}, id FROM "{obj.table}" WHERE {folded} IN ({db.marks(part)})'
            found.update(db.rows(Sql(text, tuple(part))))
    return found


def store_unique(batch: Batch) -> None:
    """Claim the values of unique custom fields. Raises Invalid when another writer was faster: roll back then.

    Without a savepoint, at each of which SQLite's full-text index would write down what it has gathered.
    """
    for field in batch.obj.customs:
        changed = [e for e in batch.entries if field.unique and e.changes(field.name)]
        if not changed:
            continue
        key = (batch.obj.key, field.name)
        old = [(*key, e.id) for e in changed if e.before]
        if old:
            where = "object_key = %s AND field = %s AND record_id = %s"
            db.execute_many(f"DELETE FROM records_uniquevalue WHERE {where}", old)
        texts = [(e.id, unique_text(field, e.values[field.name])) for e in changed]
        rows = [(*key, text, record_id) for record_id, text in texts if text]
        try:
            db.insert_many("records_uniquevalue", ("object_key", "field", "value", "record_id"), rows)
        except IntegrityError as error:
            raise Invalid({field.name: [_("Another record has this value already.")]}) from error


def tell(batch: Batch, entry: Entry) -> None:
    """Put into words for the log what the write changes of a record."""
    diff = batch.diff(entry)
    entry.told = json.dumps(diff)
    batch.changed.update(diff)


def log(batch: Batch) -> None:
    """A change row for each record, and one event for the set."""
    caller, key, moment = batch.caller, batch.obj.key, batch.env.dialect.moment
    action = batch.told_as or batch.action
    actor, now = caller.user_id, moment(batch.at)
    for entry in batch.entries:
        if not entry.told:
            tell(batch, entry)
    names = ["record_id", "version", "diff"]
    rows: list[tuple[Any, ...]] = [(e.id, e.version, e.told) for e in batch.entries]
    same = {"actor_id": actor, "door": caller.door, "object_key": key, "action": action, "batch": caller.batch}
    if any(entry.at for entry in batch.entries):
        names.append("at")
        rows = [(*row, moment(batch.moment(e))) for row, e in zip(rows, batch.entries, strict=True)]
    else:
        same["at"] = now
    fields, generation, announced = json.dumps(sorted(batch.changed)), None, following.announcement()
    for part in db.chunks(batch.ids, 1000):
        event = (f"{key}.{action}", json.dumps(part), fields, actor, now)
        generation = (db.row(Sql(_EVENT + announced, (*event, epochs.REGISTRY))) or (None,))[0]
    # Behind the event, which announces them to readers of the feed.
    db.insert_many(Change._meta.db_table, names, rows, same=same)
    _check_definition(batch, generation or 0)


_EVENT = (
    "INSERT INTO records_outboxentry (event, ids, fields, actor_id, at) VALUES (%s, %s, %s, %s, %s) "
    "RETURNING (SELECT value FROM records_epoch WHERE name = %s)"
)


def _check_definition(batch: Batch, generation: int) -> None:
    """Refuse to write without claims to a field that has been made unique meanwhile.

    Asked for after the rows are written: who makes a field unique waits for them, or has been waited for. Raises
    Outdated.
    """
    current = sync.refresh(generation).objects.get(batch.obj.key)
    if current is not None and current is not batch.obj:
        known = {f.name for f in batch.obj.customs if f.unique}
        if any(f.unique and f.name not in known for f in current.customs):
            raise Outdated


def full_rows(obj: RegisteredObject, where: Sql, *, lock: bool = True) -> list[Entry]:
    """Whole records as entries: `before` decoded, `custom` as it stands. Locked against other writers."""
    stored = obj.stored
    columns = [c for f in stored for c in f.type.columns(f)]
    names = ", ".join(f't."{c}"' for c in columns)
    suffix = " FOR UPDATE" if lock and connection.vendor == "postgresql" else ""
    text = f'SELECT t.id, t.version, t.custom, {names} FROM "{obj.table}" t WHERE {where.text} ORDER BY t.id{suffix}'
    entries = []
    for row in db.rows(Sql(text, where.params)):
        entry = Entry(id=row[0], version=row[1], custom=json.column(row[2]) or {})
        at = 3
        for field in stored:
            width = len(field.type.columns(field))
            entry.before[field.name] = field.type.from_columns(field, row[at : at + width])
            at += width
        for field in obj.customs:
            entry.before[field.name] = field.type.from_json(entry.custom.get(field.name))
        entries.append(entry)
    for field in obj.externals:
        found = links.load(obj.key, field, [e.id for e in entries])
        for entry in entries:
            entry.before[field.name] = found.get(entry.id, ())
    return entries
