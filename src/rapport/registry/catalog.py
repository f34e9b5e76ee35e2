"""The catalog: every registered object with all of its fields, standard and custom, as one immutable value.

Apps register `ObjectSpec`s when they start. A source of definitions (rows of custom fields and objects) adds to them.
`current()` is the catalog of this moment; `records.customising.sync` replaces it when the generation number rises.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.text import slugify

from rapport.lib import formula
from rapport.registry.fields import Choice, FieldSpec
from rapport.registry.modelfields import CurrencyField, field_spec
from rapport.registry.objects import ObjectSpec
from rapport.registry.types.base import FieldType
from rapport.registry.types.computed import KINDS

SYSTEM = ("created_at", "created_by", "updated_at", "updated_by")
"""Columns of every record that the user reads and never writes."""
RESERVED = frozenset(
    (
        "me",
        "docs",
        "openapi",
        "changes",
        "search",
        "batches",
        "users",
        "teams",
        "roles",
        "objects",
        "fields",
        "webhooks",
        "imports",
        "duplicates",
        "v1",
        "beacon",
    )
)
"""Plurals that no object may have: addresses for programs use them for something else."""
UNLISTED = frozenset({"id", "version", "custom", "deleted_at", *SYSTEM})


@dataclass(frozen=True, slots=True)
class Relation:
    """Records of `target` whose reference `field` points here. `many`: through the table of links."""

    name: str
    target: str
    field: str
    many: bool


@dataclass(frozen=True)
class RegisteredObject:
    """An `ObjectSpec` with its fields derived. `fields` holds them in order, system fields last."""

    spec: ObjectSpec
    key: str
    plural: str
    fields: Mapping[str, FieldSpec]
    custom_object: bool = False

    @cached_property
    def table(self) -> str:
        """Name of the table."""
        return str(self.spec.model._meta.db_table)

    @property
    def label(self) -> Any:
        """Singular name for people."""
        return self.spec.label or self.spec.model._meta.verbose_name

    @property
    def label_plural(self) -> Any:
        """Plural name for people."""
        return self.spec.label_plural or self.spec.model._meta.verbose_name_plural

    @cached_property
    def stored(self) -> tuple[FieldSpec, ...]:
        """Fields with columns of their own."""
        return tuple(f for f in self.fields.values() if f.column)

    @cached_property
    def customs(self) -> tuple[FieldSpec, ...]:
        """Custom fields that are kept in the JSON column."""
        return tuple(f for f in self.fields.values() if f.custom and f.type.storage == "column")

    @cached_property
    def externals(self) -> tuple[FieldSpec, ...]:
        """Fields that are kept in rows of another table."""
        return tuple(f for f in self.fields.values() if f.type.storage == "external")

    @cached_property
    def encoded(self) -> Mapping[str, Callable[[Any], Any] | None]:
        """What makes JSON of a field's value; None where the value is its own JSON."""
        plain = FieldType.to_json
        return {n: None if type(f.type).to_json is plain else f.type.to_json for n, f in self.fields.items()}

    @cached_property
    def matching(self) -> Mapping[str, str]:
        """Fields by which two records are known to be one, with what each is; none where records never merge."""
        if not self.spec.merges:
            return {}
        marked = {f.name: f.type.matching for f in self.customs if f.type.matching and f.options.get("matching")}
        return {**self.spec.matching, **marked}

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """What a new record has where nothing is given."""
        return {
            n: f.default.value if isinstance(f.default, Enum) else f.default
            for n, f in self.fields.items()
            if not f.derived and f.type.storage != "computed" and f.default is not None and f.default != ""
        }

    @cached_property
    def form_fields(self) -> tuple[FieldSpec, ...]:
        """Fields of the form in order; custom ones follow."""
        names = self.spec.form or tuple(n for n, f in self.fields.items() if f.editable and not f.custom)
        chosen = [self.fields[n] for n in names]
        return (
            *chosen,
            *(f for f in self.fields.values() if f.custom and f.editable and f.name not in names),
        )

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Default columns of the list."""
        return (
            self.spec.columns
            or tuple(dict.fromkeys((self.spec.title, *(f.name for f in self.fields.values() if f.editable))))[:6]
        )


@dataclass(frozen=True)
class Catalog:
    """All objects, by key. `generation` counts the changes of definitions."""

    generation: int
    objects: Mapping[str, RegisteredObject]

    @cached_property
    def by_plural(self) -> Mapping[str, RegisteredObject]:
        """Objects by the name that addresses use."""
        return {o.plural: o for o in self.objects.values()}

    @cached_property
    def relations(self) -> Mapping[str, Mapping[str, Relation]]:
        """For each object, what points at it, by name: the plural of the pointing object, then `plural_field`.

        What is defined or removed later shifts no name: those of code depend on code alone, those of custom fields
        stand in their definitions.
        """
        found: dict[str, dict[str, Relation]] = {key: {} for key in self.objects}
        pointing = [
            (obj, field)
            for obj in self.objects.values()
            for field in obj.fields.values()
            if field.target in found and field.name not in SYSTEM
        ]
        for obj, field in sorted(pointing, key=lambda pair: pair[1].custom):
            plural, there = obj.plural.replace("-", "_"), self.objects[field.target]
            name = (field.back or f"{plural}_{field.name}") if field.custom else plural
            standard = not field.custom and name in there.fields and not there.fields[name].custom
            if name in found[there.key] or standard:
                name = f"{plural}_{field.name}"
            found[there.key][name] = Relation(name, obj.key, field.name, field.type.storage == "external")
        return found

    def __getitem__(self, key: str) -> RegisteredObject:
        """Raises KeyError for an object that is not registered."""
        return self.objects[key]


_specs: dict[str, ObjectSpec] = {}
_lock = threading.Lock()
_current: Catalog | None = None


def register(*specs: ObjectSpec) -> None:
    """Register objects; called by an app's `ready`. Raises ValueError when a key is taken."""
    global _current
    for spec in specs:
        key = key_of(spec)
        if key in _specs:
            raise ValueError(f"an object {key!r} is registered; give one of them another `key`")
        _specs[key] = spec
    _current = None


def key_of(spec: ObjectSpec) -> str:
    """The key of an object: its own, or the name of its model."""
    return spec.key or str(spec.model._meta.model_name)


def registered() -> Mapping[str, ObjectSpec]:
    """The declarations of code, by key."""
    return dict(_specs)


def current() -> Catalog:
    """The catalog of this moment."""
    global _current
    if (catalog := _current) is None:
        with _lock:
            catalog = _current = build(0)
    return catalog


def install(catalog: Catalog | None) -> None:
    """Make `catalog` the current one; None: the one of code alone, built when it is asked for."""
    global _current
    _current = catalog


def build(
    generation: int,
    custom_fields: Mapping[str, Sequence[FieldSpec]] | None = None,
    custom_objects: Sequence[ObjectSpec] = (),
    choices: Mapping[tuple[str, str], Sequence[Choice]] | None = None,
) -> Catalog:
    """A catalog of the registered objects, of `custom_objects`, and of the custom fields of each by its key.

    `choices` are the options of fields, by object and field, that take the place of those in code.
    """
    custom_fields = custom_fields or {}
    by_model = {spec.model._meta.label: key for key, spec in _specs.items()}
    objects = {}
    for spec in (*_specs.values(), *custom_objects):
        key = key_of(spec)
        own = {**standard_fields(spec), **{f.name: f for f in custom_fields.get(key, ())}}
        own |= {n: replace(own[n], choices=tuple(c)) for (k, n), c in (choices or {}).items() if k == key}
        own = {**{n: f for n, f in own.items() if n not in SYSTEM}, **{n: own[n] for n in SYSTEM if n in own}}
        fields = {n: replace(f, target=by_model.get(f.target, f.target)) if f.target else f for n, f in own.items()}
        fields = {n: _bound(key, f, fields) for n, f in fields.items()}
        objects[key] = RegisteredObject(spec, key, plural_of(spec), fields, bool(spec.fixed))
    return Catalog(generation, objects)


def plural_of(spec: ObjectSpec) -> str:
    """The name that addresses use: given, or the English plural of the model."""
    if spec.plural:
        return spec.plural
    with translation.override("en"):
        return slugify(str(spec.model._meta.verbose_name_plural))


def standard_fields(spec: ObjectSpec) -> dict[str, FieldSpec]:
    """Fields that the model's columns and `spec.extra` imply, by name, in the order of the model."""
    fields: dict[str, FieldSpec] = {}
    for column in spec.model._meta.get_fields():
        if not isinstance(column, models.Field) or isinstance(column, (CurrencyField, models.ManyToManyField)):
            continue
        if (column.name in UNLISTED and column.name not in SYSTEM) or column.name in (
            *spec.hidden,
            *spec.fixed,
        ):
            continue
        fields[column.name] = field_spec(
            column,
            editable=column.name not in (*SYSTEM, *spec.derived, *spec.readonly),
            derived=column.name in spec.derived,
            required_if=spec.required_if.get(column.name),
        )
    ordered = {n: f for n, f in fields.items() if n not in {"owner", "team", *SYSTEM}}
    ordered |= {f.name: f for f in spec.extra}
    return ordered | {n: f for n, f in fields.items() if n not in ordered}


def _bound(key: str, field: FieldSpec, siblings: Mapping[str, FieldSpec]) -> FieldSpec:
    """A computed field learns its object; a formula also the kinds of the fields that it may name."""
    if field.type.storage != "computed":
        return field
    kinds = {n: KINDS[f.type.key] for n, f in siblings.items() if f.type.key in KINDS}
    options = {**field.options, "object": key, "kinds": kinds}
    if "formula" in options:
        try:
            options["inputs"] = tuple(sorted(formula.parse(str(options["formula"]), kinds).names))
        except formula.FormulaError:
            options["inputs"] = tuple(kinds)
    return replace(field, options=options)
