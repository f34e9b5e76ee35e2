"""Every place in the database that can point at a record of an object, found in models and declarations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models

from rapport.lib.sql import TRUE, Sql, all_of, one_of
from rapport.records import db
from rapport.records.accounts.scope import fixed
from rapport.records.history.models import Link
from rapport.registry import catalog, extensions
from rapport.registry.catalog import RegisteredObject

STAYS = frozenset(
    ("records_change", "records_uniquevalue", "records_submission", "records_mergedrecord", "records_link")
)
"""Tables whose rows name a record for good: they tell what happened to it, or are its own values."""
Constraint = tuple[tuple[str, ...], models.Q]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A column (or a key of the custom values) whose rows may point at a record.

    `where` narrows the table to rows that point at this object; `obj` is the object that the rows are records of, if
    any, and `field` its field. `own`: rows and targets are records of the same object.
    """

    name: str
    model: type[models.Model]
    column: str
    attribute: str
    where: Sql = TRUE
    obj: RegisteredObject | None = None
    field: str = ""
    custom: bool = False
    cascade: bool = False
    own: bool = False

    @property
    def table(self) -> str:
        """Name of the table."""
        return str(self.model._meta.db_table)

    @property
    def holder(self) -> str:
        """The column with the key of the record that a row belongs to, where that may be one of the merged ones."""
        return "record_id" if self.model is Link else key_column(self)

    @property
    def expression(self) -> str:
        """What holds the key of the target, in a row `t`."""
        if self.custom:
            return db.dialect().json_value("t.custom", self.column, "number")
        return f't."{self.column}"'

    def pointing(self, ids: list[int]) -> Sql:
        """The condition on the row `t` that it points at one of the records."""
        return all_of([one_of(self.expression, ids), self.where])

    def constraints(self) -> Iterator[Constraint]:
        """The fields of each rule by which this pointer must be unique together with others, and its condition."""
        meta = self.model._meta
        for field in meta.concrete_fields:
            if field.attname == self.attribute and field.unique and not field.primary_key:
                yield (field.attname,), models.Q()
        attnames = {f.name: f.attname for f in meta.concrete_fields}
        sets = [(tuple(names), models.Q()) for names in meta.unique_together]
        sets += [
            (tuple(constraint.fields), constraint.condition or models.Q())
            for constraint in meta.constraints
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields
        ]
        for names, condition in sets:
            found = tuple(attnames[name] for name in names)
            if self.attribute in found and not self.custom:
                yield found, condition


def places(obj: RegisteredObject) -> list[Place]:
    """All places that can point at records of an object."""
    stays = STAYS | {table for rule in extensions.all_of(extensions.MergeRule) for table in rule.stays}
    found = [*_columns(obj), *_attached(obj)]
    return [*(p for p in found if p.table not in stays), *_links(obj), *_customs(obj)]


def _objects() -> dict[type[models.Model], RegisteredObject]:
    """The object of each model that has one alone; custom objects share a table and have no columns of their own."""
    found = catalog.current().objects.values()
    return {obj.spec.model: obj for obj in found if not obj.spec.fixed}


def _columns(obj: RegisteredObject) -> Iterator[Place]:
    """Foreign keys to the model."""
    by_model = _objects()
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if not isinstance(field, models.ForeignKey) or field.related_model is not obj.spec.model:
                continue
            yield Place(
                name=f"{model._meta.db_table}.{field.column}", model=model, column=str(field.column),
                attribute=field.attname, obj=by_model.get(model), field=field.name, own=model is obj.spec.model,
                cascade=field.remote_field.on_delete is models.CASCADE,
            )  # fmt: skip


def _attached(obj: RegisteredObject) -> Iterator[Place]:
    """Rows that name a record by `object_key` and `record_id`."""
    by_model = _objects()
    for model in apps.get_models():
        names = {f.name: str(f.column) for f in model._meta.local_concrete_fields}
        if {"object_key", "record_id"} <= names.keys():
            yield Place(
                name=f"{model._meta.db_table}.record_id", model=model, column=names["record_id"],
                attribute="record_id", where=Sql("t.object_key = %s", (obj.key,)), obj=by_model.get(model),
                field="record_id",
            )  # fmt: skip


def _links(obj: RegisteredObject) -> Iterator[Place]:
    """Fields of many references, of code and custom ones."""
    for other in catalog.current().objects.values():
        for field in other.externals:
            if field.target == obj.key and field.type.key == "references":
                where = Sql("t.object_key = %s AND t.field = %s", (other.key, field.name))
                name = f"link:{other.key}.{field.name}"
                yield Place(
                    name=name, model=Link, column="target_id", attribute="target_id", where=where,
                    own=other.key == obj.key,
                )  # fmt: skip


def _customs(obj: RegisteredObject) -> Iterator[Place]:
    """Custom references, in the JSON column."""
    for other in catalog.current().objects.values():
        for field in other.customs:
            if field.target == obj.key and field.type.storage == "column":
                yield Place(
                    name=f"custom:{other.key}.{field.name}", model=other.spec.model, column=field.name, attribute="",
                    where=fixed(other, "t"), obj=other, field=field.name, custom=True, own=other.key == obj.key,
                )  # fmt: skip


def assignment(place: Place, target: str) -> str:
    """`SET` of the pointer, `target` being an expression of the new key."""
    if not place.custom:
        return f'"{place.column}" = {target}'
    if connection.vendor == "postgresql":
        return f"custom = jsonb_set(custom, '{{{place.column}}}', to_jsonb({target}))"
    return f"custom = json_set(custom, '$.{place.column}', {target})"


def versioned(place: Place) -> bool:
    """Whether a moved row is a record whose reader must be told, since the pointer is a field of it."""
    return place.obj is not None and place.field in place.obj.fields


def key_column(place: Place) -> str:
    """The column of the primary key."""
    key: Any = place.model._meta.pk
    return str(key.column)
