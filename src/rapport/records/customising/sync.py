"""Reads the definitions of custom fields and objects into the catalog, when their generation has risen."""

from __future__ import annotations

from django.db import DatabaseError

from rapport.records.accounts import epochs
from rapport.records.customising.models import CustomField, CustomObject, CustomRecord
from rapport.registry import catalog
from rapport.registry.extensions import Choices, all_of
from rapport.registry.fields import Choice, FieldSpec
from rapport.registry.objects import Access, Board, ObjectSpec
from rapport.registry.types import TYPES


def refresh(generation: int | None = None) -> catalog.Catalog:
    """The catalog of this moment; rebuilt when `generation` (read from the database if not given) is another."""
    if generation is None:
        try:
            generation = epochs.read()[epochs.REGISTRY]
        except DatabaseError:
            return catalog.current()
    current = catalog.current()
    if current.generation != generation:
        current = build(generation)
        catalog.install(current)
    return current


def build(generation: int) -> catalog.Catalog:
    """A catalog with all custom objects and fields that are not removed, and the options that are kept in rows."""
    fields: dict[str, list[FieldSpec]] = {}
    for row in CustomField.objects.filter(removed_at=None):
        fields.setdefault(row.object_key, []).append(field_of(row))
    objects = [object_of(row) for row in CustomObject.objects.filter(removed_at=None).order_by("id")]
    choices = {(c.object_key, c.field): c.of() for c in all_of(Choices)}
    return catalog.build(generation, fields, objects, choices)


def field_of(row: CustomField) -> FieldSpec:
    """The declaration that a row makes."""
    return FieldSpec(
        name=row.key,
        type=TYPES[row.type],
        label=row.label,
        help=row.help,
        custom=True,
        required=row.required,
        required_if=row.required_if,
        unique=row.unique,
        indexed=row.indexed,
        editable=TYPES[row.type].storage != "computed",
        target=row.target,
        back=row.back,
        choices=tuple(Choice(c["value"], c["label"], c.get("tone", "neutral")) for c in row.choices),
        options=row.options,
    )


def object_of(row: CustomObject) -> ObjectSpec:
    """The declaration that a row makes."""
    return ObjectSpec(
        model=CustomRecord,
        key=row.key,
        plural=row.plural,
        label=row.label,
        label_plural=row.label_plural,
        icon=row.icon,
        title="name",
        columns=tuple(row.settings.get("columns", ())),
        search=("name", *row.settings.get("search", ())),
        access=Access(**row.settings.get("access", {})),
        board=Board(field=row.settings["board"]) if row.settings.get("board") else None,
        calendar=row.settings.get("calendar", ""),
        navigation=800 + row.pk,
        fixed={"object_id": row.pk},
        hidden=("object",),
    )
