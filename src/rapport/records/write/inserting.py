"""New rows of an object's table: the statement for what a batch sets, built once for each set of fields."""

from __future__ import annotations

from typing import Any

from django.db import connection

from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.write.batch import Batch, Entry
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.base import FieldType

FIELDS = "fields"
"""What the fields that a batch sets are called among what is ready."""
MOST_SHAPES = 200
_AT, _BY = ("created_at", "updated_at"), ("created_by_id", "updated_by_id")


class InsertPlan:
    """Where the fields of an object are stored, and what stands in columns that nobody sets."""

    def __init__(self, obj: RegisteredObject) -> None:
        self.table, self.dialect = obj.table, db.dialect()
        fields = [f for f in obj.stored if f.name not in {"created_at", "created_by", "updated_at", "updated_by"}]
        self.fields = {f.name: f for f in fields}
        self.blank: dict[str, Any] = {}
        for field in fields:
            empty = field.type.to_columns(field, field.type.empty, self.dialect)
            self.blank |= zip(field.type.columns(field), empty, strict=True)
        for column in obj.spec.model._meta.concrete_fields:
            name = str(column.column)
            if name not in {*self.blank, *_AT, *_BY, "id", "version", "custom"}:
                value = obj.spec.fixed.get(name, column.get_default())
                self.blank[name] = column.get_db_prep_save(value, connection)
        self._shapes: dict[frozenset[str], Shape] = {}

    def shape(self, names: frozenset[str]) -> Shape:
        """How rows are written in which these fields are set."""
        if (found := self._shapes.get(names)) is None:
            if len(self._shapes) >= MOST_SHAPES:  # programs may send any set of fields
                self._shapes.clear()
            found = self._shapes[names] = Shape(self, [f for name, f in self.fields.items() if name in names])
        return found


class Shape:
    """Rows in which some fields are set. `columns` differ from row to row, what is in `rest` is the same in all."""

    def __init__(self, plan: InsertPlan, fields: list[FieldSpec]) -> None:
        self.table, self.dialect = plan.table, plan.dialect
        # Where a field stands, and its type's conversion; None where the value goes in as it is.
        self.slots: dict[str, tuple[FieldSpec, int, int, Any]] = {}
        columns, self.blank = ["custom"], list[Any]([None])
        for field in fields:
            own = list(field.type.columns(field))
            plain = type(field.type).to_columns is FieldType.to_columns
            convert = None if plain else field.type.to_columns
            self.slots[field.name] = (field, len(columns), len(columns) + len(own), convert)
            columns += own
            self.blank += [plan.blank[column] for column in own]
        self.columns = tuple(columns)
        self.rest = {"version": 1, **{name: value for name, value in plan.blank.items() if name not in columns}}
        names = (*self.rest, *_BY, *_AT, *columns)
        listed = ", ".join(f'"{name}"' for name in names)
        self.one = f'INSERT INTO "{self.table}" ({listed}) VALUES ({db.marks(names)}) RETURNING id'

    def tail(self, entry: Entry) -> tuple[Any, ...]:
        """The values of `columns`, in which neither the key nor the moment of writing has a part."""
        row = self.blank.copy()
        row[0] = json.dumps(entry.custom)
        for name, value in entry.values.items():
            if (slot := self.slots.get(name)) is not None:
                field, start, stop, convert = slot
                if convert is None:
                    row[start] = value
                else:
                    row[start:stop] = convert(field, value, self.dialect)
        return tuple(row)

    def write(self, batch: Batch) -> None:
        """Insert the entries, whose tails are ready; they get their keys."""
        moment, actor = self.dialect.moment, batch.caller.user_id
        same = {**self.rest, "created_by_id": actor, "updated_by_id": actor}
        if len(batch.entries) == 1:
            entry = batch.entries[0]
            at = moment(batch.moment(entry))
            found = db.row(Sql(self.one, (*same.values(), at, at, *entry.tail)))
            assert found is not None
            entry.id = found[0]
            return
        for entry, key in zip(batch.entries, db.reserve_ids(self.table, len(batch.entries)), strict=True):
            entry.id = key
        if any(entry.at for entry in batch.entries):
            dated = [(e, moment(batch.moment(e))) for e in batch.entries]
            rows = [(e.id, at, at, *e.tail) for e, at in dated]
            db.insert_many(self.table, ("id", *_AT, *self.columns), rows, same=same)
        else:
            rows = [(e.id, *e.tail) for e in batch.entries]
            same |= dict.fromkeys(_AT, moment(batch.at))
            db.insert_many(self.table, ("id", *self.columns), rows, same=same)


def insert_plan(obj: RegisteredObject) -> InsertPlan:
    """The plan of an object; built once for each definition of it."""
    kept = obj.__dict__.get("_insert_plan")
    if kept is None or kept.dialect is not db.dialect():
        kept = obj.__dict__["_insert_plan"] = InsertPlan(obj)
    plan: InsertPlan = kept
    return plan


def get_ready(batch: Batch) -> None:
    """Make what needs neither the keys of the records nor the database."""
    entries = list(batch.sound())
    plan = insert_plan(batch.obj)
    batch.ready[FIELDS] = frozenset(set[str]().union(*(e.values for e in entries)) & plan.fields.keys())
    shape = plan.shape(batch.ready[FIELDS])
    for entry in entries:
        entry.tail = shape.tail(entry)


def insert(batch: Batch) -> None:
    """Write the rows of a batch; its entries get their keys."""
    if FIELDS not in batch.ready:
        get_ready(batch)
    insert_plan(batch.obj).shape(batch.ready[FIELDS]).write(batch)
