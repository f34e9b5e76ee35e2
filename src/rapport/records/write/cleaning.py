"""Input to values: which fields may be set, what each type makes of it, what is required, which references hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.filters.matching import matches
from rapport.records.read import visible
from rapport.records.read.select import PEOPLE
from rapport.records.write.batch import CREATE, Batch, Entry
from rapport.registry.catalog import RegisteredObject
from rapport.registry.env import Env
from rapport.registry.fields import FieldError, FieldSpec

Cleaner = Callable[[FieldSpec, Any, Env], Any]
OWN = {"user": "user_id", "team": "team_id"}
"""Types of fields that mostly refer to the caller, of whom it need not be asked whether they exist."""


def clean(caller: Caller, obj: RegisteredObject, given: Mapping[str, Any], env: Env, entry: Entry) -> None:
    """Clean what was given into `entry.values`; what is refused goes to `entry.errors`."""
    editable, values = editable_fields(caller, obj), entry.values
    for name, raw in given.items():
        setting = editable.get(name)
        if setting is None:
            known = name in obj.fields and caller.sees(obj, obj.fields[name])
            entry.refuse(name, _("You may not change this field.") if known else _("There is no such field."))
            continue
        field, cleaner = setting
        try:
            values[name] = cleaner(field, raw, env)
        except FieldError as error:
            entry.refuse(name, error.message)


def editable_fields(caller: Caller, obj: RegisteredObject) -> dict[str, tuple[FieldSpec, Cleaner]]:
    """The fields that the caller sees and may set, with what cleans each; kept with the caller, for bulk writes."""
    kept = caller.cache.get(("editable", obj.key))
    if kept is None or kept[0] is not obj:
        fields = (f for f in obj.fields.values() if caller.sees(obj, f) and caller.edits(obj, f))
        found: dict[str, tuple[FieldSpec, Cleaner]] = {f.name: (f, f.type.clean) for f in fields}
        caller.cache[("editable", obj.key)] = (obj, found)
        return found
    editable: dict[str, tuple[FieldSpec, Cleaner]] = kept[1]
    return editable


def defaults(caller: Caller, obj: RegisteredObject, entry: Entry) -> None:
    """Fill in what a new record has when nothing was given."""
    fields, values = obj.fields, entry.values
    for name, value in obj.defaults.items():
        if name not in values:
            values[name] = value
    if caller.user_id and "owner" in fields and "owner" not in values:
        values["owner"] = caller.user_id
    if caller.team_id and "team" in fields and "team" not in values:
        values["team"] = caller.team_id


def check_required(batch: Batch) -> None:
    """Refuse entries without a value where one is required, always or under the field's condition."""
    demanding = [f for f in batch.obj.fields.values() if f.required or f.required_if]
    for entry in batch.entries:
        for field in demanding:
            touched = batch.action == CREATE or field.name in entry.values or field.required_if
            if field.name in entry.errors or not touched or not field.type.is_empty(entry.get(field.name)):
                continue
            if field.required or matches(batch.obj, field.required_if or {}, entry.get, batch.env):
                entry.refuse(field.name, _("This is needed."))


def check_references(batch: Batch) -> None:
    """Refuse references to what does not exist or may not be seen by the caller: one statement a target."""
    for field in batch.obj.fields.values():
        if not field.target or field.type.storage == "computed":
            continue
        wanted: dict[int, list[Entry]] = {}
        for entry in batch.entries:
            if entry.values.get(field.name):
                for key in _new_targets(entry, field):
                    wanted.setdefault(key, []).append(entry)
        if field.type.key in OWN:
            wanted.pop(getattr(batch.caller, OWN[field.type.key]), None)
        if not wanted:
            continue
        found = existing(batch.caller, field, wanted)
        for key in wanted.keys() - found:
            for entry in wanted[key]:
                entry.refuse(field.name, _("Choose a record from the list: the chosen one is not there any more."))


def _new_targets(entry: Entry, field: FieldSpec) -> Iterable[int]:
    if not entry.changes(field.name):
        return ()
    value, old = entry.values[field.name], entry.before.get(field.name)
    if field.type.storage == "external":
        return set(value) - set(old or ())
    return () if value is None else (value,)


def existing(caller: Caller, field: FieldSpec, keys: Iterable[int]) -> set[int]:
    """Those of the keys that a field may refer to."""
    keys = sorted(keys)
    if field.type.key in PEOPLE:
        active = " AND is_active" if field.type.key == "user" else ""
        text = f"SELECT id FROM {PEOPLE[field.type.key]} WHERE id IN ({db.marks(keys)}){active}"
        return {r[0] for r in db.rows(Sql(text, tuple(keys)))}
    return visible(caller, field.target).allowed(keys)
