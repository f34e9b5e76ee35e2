"""Making, changing, removing and restoring custom fields and objects.

Each action is one transaction by an administrator: rows, check of the whole catalog as it would be, audit, registry
epoch. Only the index of a field is made and dropped beside it, so that PostgreSQL need not block writers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.records.accounts import epochs
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.changing import administering
from rapport.records.customising import definitions, indexes, sync, trial, uniqueness, usage
from rapport.records.customising.definitions import FieldDefinition, ObjectDefinition
from rapport.records.customising.models import CustomField, CustomObject
from rapport.records.errors import Invalid, NotFound
from rapport.registry import catalog
from rapport.registry.catalog import Catalog, RegisteredObject
from rapport.registry.fields import FieldSpec

MOST_FIELDS = 200


@contextmanager
def _defining(caller: Caller, act: str) -> Iterator[dict[str, Any]]:
    """A change of definitions; what it leaves must make sense. Raises Forbidden, Invalid."""
    with administering(caller, act) as noted:
        sync.refresh()
        yield noted
        trial.check(caller, sync.build(0))
        epochs.raise_(epochs.REGISTRY)
        transaction.on_commit(sync.refresh)


def _object(key: str) -> RegisteredObject:
    try:
        return catalog.current()[key]
    except KeyError as error:
        raise NotFound from error


def _field(field_id: int, *, removed: bool = False) -> CustomField:
    row = CustomField.objects.filter(pk=field_id, removed_at__isnull=not removed).first()
    if row is None:
        raise NotFound
    return row


def _spec_of(row: CustomField) -> tuple[RegisteredObject, FieldSpec]:
    """The object and the field as the definitions of this moment have them."""
    obj = _built()[row.object_key]
    return obj, obj.fields[row.key]


def _built() -> Catalog:
    return sync.build(0)


# -- fields --------------------------------------------------------------------------------------------------------


def add_field(
    caller: Caller, object_key: str, type_key: str, wanted: FieldDefinition, *, key: str = "", target: str = ""
) -> CustomField:
    """A new custom field of an object, usable at once. Raises Forbidden, NotFound, Invalid."""
    with _defining(caller, "field added") as noted:
        obj = _object(object_key)
        if type_key not in definitions.custom_types():
            raise Invalid({"type": [_("Choose a type of the list.")]})
        last = CustomField.objects.filter(object_key=obj.key).aggregate(last=Max("position"))["last"]
        if CustomField.objects.filter(object_key=obj.key, removed_at=None).count() >= MOST_FIELDS:
            raise Invalid({"": [_("An object has at most %(max)d custom fields.") % {"max": MOST_FIELDS}]})
        key = definitions.field_key(obj, wanted.label, key)
        row = CustomField(object_key=obj.key, key=key, type=type_key, position=(last or 0) + 1)
        if type_key in {"reference", "references"}:
            if target not in catalog.current().objects:
                raise Invalid({"target": [_("Choose the object that it refers to.")]})
            row.target = target
            row.back = definitions.way_back(obj, key, catalog.current()[target])
        definitions.apply(row, obj, wanted)
        indexed, row.indexed = row.indexed, False
        row.save()
        noted |= {"object": obj.key, "field": row.key, "type": row.type}
        if row.unique:
            uniqueness.claim(*_spec_of(row))
    if indexed:
        _switch_index(caller, row, on=True)
    return row


def update_field(caller: Caller, field_id: int, wanted: FieldDefinition) -> CustomField:
    """Change what may change of a field. Raises Forbidden, NotFound, Invalid (duplicates, options in use)."""
    with _defining(caller, "field changed") as noted:
        row = _field(field_id)
        obj = _object(row.object_key)
        before_choices = row.choices
        was_unique, was_indexed = row.unique, row.indexed
        definitions.apply(row, obj, wanted)
        indexed, row.indexed = row.indexed, was_indexed
        gone = {c["value"] for c in before_choices} - {c["value"] for c in row.choices}
        if used := [c["label"] for c in before_choices if c["value"] in gone and usage.holds(obj, row.key, c["value"])]:
            names = ", ".join(used)
            raise Invalid({"choices": [_("Records still have the options %(names)s.") % {"names": names}]})
        row.save()
        noted |= {"object": obj.key, "field": row.key}
        if row.unique and not was_unique:
            uniqueness.claim(*_spec_of(row))
        elif was_unique and not row.unique:
            uniqueness.release(obj.key, row.key)
    if indexed != was_indexed:
        _switch_index(caller, row, on=indexed)
    return row


def _switch_index(caller: Caller, row: CustomField, *, on: bool) -> None:
    """SQLite is told to use an index by name, so the index must be there whenever the definition says so."""
    obj, field = _spec_of(row)
    if on:
        indexes.create(obj, field)
    with _defining(caller, "field indexed" if on else "field no longer indexed") as noted:
        noted |= {"object": row.object_key, "field": row.key}
        CustomField.objects.filter(pk=row.pk).update(indexed=on)
    if not on:
        indexes.drop(row.object_key, row.key)
    row.indexed = on


def reorder_fields(caller: Caller, object_key: str, ids: Sequence[int]) -> None:
    """Put the custom fields of an object in this order; those not named follow. Raises Forbidden, NotFound."""
    with _defining(caller, "fields reordered") as noted:
        noted["object"] = _object(object_key).key
        rows = {row.pk: row for row in CustomField.objects.filter(object_key=object_key)}
        order = [rows.pop(pk) for pk in dict.fromkeys(ids) if pk in rows]
        for position, row in enumerate([*order, *rows.values()], start=1):
            row.position = position
            row.save(update_fields=["position"])


def remove_field(caller: Caller, field_id: int) -> None:
    """Take a field out of every surface; its values stay until it is deleted for good.

    Raises Forbidden, NotFound, and Invalid when a formula, a roll-up or a condition needs it.
    """
    with _defining(caller, "field removed") as noted:
        row = _field(field_id)
        noted |= {"object": row.object_key, "field": row.key}
        uniqueness.release(row.object_key, row.key)
        row.removed_at = timezone.now()
        row.save(update_fields=["removed_at"])
        usage.forget_in_settings(row.object_key, row.key)
    if row.indexed:
        indexes.drop(row.object_key, row.key)


def restore_field(caller: Caller, field_id: int) -> None:
    """Bring a removed field back with its values. Raises Forbidden, NotFound, Invalid (values that occur twice)."""
    row = _field(field_id, removed=True)
    indexed = row.indexed
    with _defining(caller, "field restored") as noted:
        noted |= {"object": row.object_key, "field": row.key}
        row.removed_at, row.indexed = None, False
        row.save(update_fields=["removed_at", "indexed"])
        if row.unique:
            uniqueness.claim(*_spec_of(row))
    if indexed:
        _switch_index(caller, row, on=True)


def delete_field(caller: Caller, field_id: int) -> None:
    """Delete a removed field and its values for good. Raises Forbidden, NotFound."""
    with administering(caller, "field deleted") as noted:
        row = _field(field_id, removed=True)
        noted |= {"object": row.object_key, "field": row.key}
    usage.purge_field(row)


# -- objects -------------------------------------------------------------------------------------------------------


def add_object(caller: Caller, wanted: ObjectDefinition, *, key: str = "") -> CustomObject:
    """A new custom object, at once in the navigation. Raises Forbidden, Invalid."""
    with _defining(caller, "object added") as noted:
        settings = definitions.check_object(wanted, None)
        row = CustomObject.objects.create(
            key=definitions.object_key(wanted.label, key),
            plural=definitions.object_plural(wanted.label_plural),
            label=definitions.line(wanted.label, 60),
            label_plural=definitions.line(wanted.label_plural, 60),
            icon=wanted.icon[:40] or "box",
            settings=settings,
        )
        noted["object"] = row.key
    return row


def update_object(caller: Caller, key: str, wanted: ObjectDefinition) -> None:
    """Rename a custom object or change its layouts and access; key and address stay.

    Raises Forbidden, NotFound, Invalid.
    """
    with _defining(caller, "object changed") as noted:
        row = _custom_object(key)
        noted |= {"object": row.key, "access": wanted.access}
        row.settings = definitions.check_object(wanted, _object(key))
        row.label, row.label_plural = definitions.line(wanted.label, 60), definitions.line(wanted.label_plural, 60)
        row.icon = wanted.icon[:40] or "box"
        row.save()


def remove_object(caller: Caller, key: str) -> None:
    """Take a custom object out of every surface; its records stay until it is deleted for good.

    Raises Forbidden, NotFound, and Invalid while fields of other objects refer to it.
    """
    with _defining(caller, "object removed") as noted:
        row = _custom_object(key)
        noted["object"] = row.key
        row.removed_at = timezone.now()
        row.save(update_fields=["removed_at"])


def restore_object(caller: Caller, key: str) -> None:
    """Bring a removed object back with its records. Raises Forbidden, NotFound."""
    with _defining(caller, "object restored") as noted:
        row = _custom_object(key, removed=True)
        noted["object"] = row.key
        row.removed_at = None
        row.save(update_fields=["removed_at"])


def delete_object(caller: Caller, key: str) -> None:
    """Delete a removed object, its fields and its records for good. Raises Forbidden, NotFound."""
    with administering(caller, "object deleted") as noted:
        row = _custom_object(key, removed=True)
        noted["object"] = row.key
    usage.purge_object(row)


def _custom_object(key: str, *, removed: bool = False) -> CustomObject:
    row = CustomObject.objects.filter(key=key, removed_at__isnull=not removed).first()
    if row is None:
        raise NotFound
    return row
