"""`create` and `create_many`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import rights
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.write import inserting, storing
from rapport.records.write.batch import CREATE, Batch, Entry
from rapport.records.write.cleaning import check_references, check_required, clean, defaults
from rapport.registry import catalog, extensions
from rapport.registry.catalog import RegisteredObject
from rapport.registry.objects import ALL, NONE, OWN


@dataclass(slots=True)
class Created:
    """What `create_many` did: `ids` in the order given, None for a row that was refused; `errors` by position."""

    ids: list[int | None]
    errors: dict[int, dict[str, list[Any]]] = field(default_factory=dict)


def create(caller: Caller, key: str, values: Mapping[str, Any], *, submission: str = "") -> int:
    """A new record; its key. The same `submission` again gives the record that it made.

    Raises Forbidden, Invalid.
    """
    obj = registered(key)
    with transaction.atomic():
        if submission and (made := sent_before(caller, obj, submission)) is not None:
            return made
        created = insert(cleaned(caller, key, [values]))
        if created.errors:
            raise Invalid(created.errors[0])
        record_id = created.ids[0]
        assert record_id is not None
        if submission:
            moment = db.dialect().moment(caller.env().now)
            db.insert_many(
                "records_submission",
                ("token", "actor_id", "object_key", "record_id", "at"),
                [(submission[:64], caller.user_id, obj.key, record_id, moment)],
            )
    return record_id


def create_many(
    caller: Caller, key: str, rows: Sequence[Mapping[str, Any]], *, at: Sequence[dt.datetime] | None = None
) -> Created:
    """New records in one transaction; refused rows are left out and told. Raises Forbidden when none may be made.

    `at` dates each row back, for records that were made elsewhere earlier.
    """
    batch = cleaned(caller, key, rows, at)
    with transaction.atomic():
        return insert(batch)


def cleaned(
    caller: Caller, key: str, rows: Sequence[Mapping[str, Any]], at: Sequence[dt.datetime] | None = None
) -> Batch:
    """The rows as they will be written, to be given to `insert`: all that needs no lock is done here.

    Raises Forbidden.
    """
    obj = registered(key)
    if not caller.may(obj, "create"):
        raise Forbidden
    env = caller.env()
    batch = Batch(caller, obj, CREATE, [], env)
    for position, given in enumerate(rows):
        entry = Entry(position=position, version=1, at=at[position] if at else None)
        clean(caller, obj, given, env, entry)
        defaults(caller, obj, entry)
        batch.entries.append(entry)
    if obj.spec.prepare:
        obj.spec.prepare(batch)
    check_required(batch)
    check_references(batch)
    for entry in batch.sound():
        entry.custom = storing.custom_json(obj, {}, entry.values)
        storing.tell(batch, entry)
    get_ready(batch)
    return batch


def get_ready(batch: Batch) -> None:
    """Make all that needs neither the keys of the records nor the database: half of the work of a bulk write.

    What changes values afterwards calls `forget_ready`.
    """
    inserting.get_ready(batch)
    for name, make in batch.obj.spec.ready.items():
        batch.ready[name] = make(batch)
    for part in extensions.all_of(extensions.Within):
        if part.prepare is not None:
            batch.ready[part.name] = part.prepare(batch)


def forget_ready(batch: Batch) -> None:
    """Let everything be made anew from the values."""
    batch.ready.clear()
    for entry in batch.entries:
        entry.told, entry.tail = "", ()


def insert(batch: Batch) -> Created:
    """Write what `cleaned` gave, in the transaction at hand, which is to be rolled back when this raises.

    Without the savepoint of `create_many`: a tenth of a bulk write's time.
    """
    every = batch.entries
    _check_rights(batch)
    storing.check_unique(batch)
    batch.entries = [e for e in every if not e.errors]
    if batch.entries:
        settle(batch)
        inserting.insert(batch)
        finish(batch)
    return Created([None if e.errors else e.id for e in every], {e.position: e.errors for e in every if e.errors})


def settle(batch: Batch) -> None:
    """Let the object set what only records that are written may use up."""
    if batch.obj.spec.settle:
        batch.obj.spec.settle(batch)
        forget_ready(batch)


def registered(key: str) -> RegisteredObject:
    """The object with this key. Raises NotFound."""
    try:
        return catalog.current()[key]
    except KeyError as error:
        raise NotFound from error


def sent_before(caller: Caller, obj: RegisteredObject, token: str) -> int | None:
    """The record that the same submission has made already."""
    found = db.row(
        Sql(
            "SELECT record_id FROM records_submission WHERE token = %s AND object_key = %s "
            "AND (actor_id = %s OR actor_id IS NULL)",
            (token[:64], obj.key, caller.user_id),
        )
    )
    return int(found[0]) if found else None


def _check_rights(batch: Batch) -> None:
    """New records must be ones that the caller may create: own ones, the team's, or any; below a parent, editable."""
    caller, obj = batch.caller, batch.obj
    if obj.spec.parent:
        _check_parents(batch, obj.spec.parent)
    level = caller.level(obj, "create")
    if level in {ALL, NONE} or obj.spec.parent:
        return
    for entry in batch.sound():
        own = entry.get("owner") == caller.user_id
        if not own and (level == OWN or entry.get("team") not in caller.teams):
            entry.refuse("owner", _("You may create records for yourself only."))


def _check_parents(batch: Batch, name: str) -> None:
    parent = catalog.current()[batch.obj.fields[name].target]
    keys = {e.get(name) for e in batch.sound()} - {None}
    allowed = rights(batch.caller, parent, "edit", "t")
    found: set[int] = set()
    for part in db.chunks(sorted(keys)):
        text = f'SELECT t.id FROM "{parent.table}" t WHERE t.id IN ({db.marks(part)}) AND {allowed.text}'
        found.update(r[0] for r in db.rows(Sql(text, (*part, *allowed.params))))
    for entry in batch.sound():
        if entry.get(name) is not None and entry.get(name) not in found:
            entry.refuse(name, _("You may not add to this record."))


def finish(batch: Batch) -> None:
    """What every write ends with: links, unique values, the log, the object's and the features' own parts."""
    storing.store_externals(batch)
    storing.store_unique(batch)
    storing.log(batch)
    for effect in batch.obj.spec.effects:
        effect(batch)
    for part in extensions.all_of(extensions.Within):
        part.run(batch)
