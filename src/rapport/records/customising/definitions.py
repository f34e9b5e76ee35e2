"""What a custom field or object is told to be, and the checks that need nothing but that and the catalog."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import Resolver404, resolve
from django.utils.text import slugify
from django.utils.translation import gettext as _

from rapport.lib import formula as formulas
from rapport.lib import json
from rapport.lib.sql import KEY
from rapport.records.customising import indexes, uniqueness
from rapport.records.customising.models import CustomField, CustomObject
from rapport.records.errors import Invalid
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import ACTIONS, LEVELS
from rapport.registry.types import TYPES
from rapport.registry.types.base import FieldType
from rapport.registry.types.computed import KINDS, complaint
from rapport.registry.types.text import plain_text

TONES = ("neutral", "blue", "green", "orange", "red", "purple", "teal", "pink", "yellow")
TAKEN = frozenset(
    ("id", "version", "custom", "deleted_at", "object", "csrfmiddlewaretoken", "submission", "next", "ids", "all", "q")
) | frozenset(("sort", "cursor", "filter", "columns", "view", "layout", "group", "size", "fields", *keyword.kwlist))
"""Names that forms, addresses and formulas use for something else."""
MOST_CHOICES = 200
MOST_PLACES = 8
LONGEST_FIELD_KEY, LONGEST_OBJECT_KEY = 30, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDefinition:
    """What may change in the life of a custom field; key, type and target are fixed once it is made.

    `choices`: `{"value", "label", "tone"}` each; an empty value is made from the label. `options` as its type takes.
    """

    label: str
    help: str = ""
    required: bool = False
    required_if: Mapping[str, Any] | None = None
    unique: bool = False
    indexed: bool = False
    choices: Sequence[Mapping[str, str]] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDefinition:
    """What may change in the life of a custom object. `columns`, `search`, `board` and `calendar` name fields."""

    label: str
    label_plural: str
    icon: str = "box"
    columns: Sequence[str] = ()
    search: Sequence[str] = ()
    board: str = ""
    calendar: str = ""
    access: Mapping[str, str] = field(default_factory=dict)


def custom_types() -> dict[str, FieldType]:
    """The types that a custom field may have."""
    return {key: type_ for key, type_ in TYPES.items() if type_.for_custom}


def apply(row: CustomField, obj: RegisteredObject, wanted: FieldDefinition) -> None:
    """Put a definition into a row. Raises Invalid with messages by part."""
    type_ = TYPES[row.type]
    errors: dict[str, list[Any]] = {}
    row.label, row.help = line(wanted.label, 80), line(wanted.help, 300)
    if any("\\u0000" in json.dumps(part) for part in (wanted.required_if, wanted.options.get("where"))):
        errors["required_if"] = [_("Take the control characters out of the condition.")]
    if not row.label:
        errors["label"] = [_("This is needed.")]
    elif _named_alike(row, obj):
        errors["label"] = [_("Another field of this object has this name.")]
    computed = type_.storage == "computed"
    row.required, row.required_if = wanted.required and not computed, None
    if wanted.required_if and not computed and not row.required:
        row.required_if = dict(wanted.required_if)
    spec = FieldSpec(name=row.key, type=type_, label=row.label, custom=True)
    row.unique, row.indexed = wanted.unique, wanted.indexed
    if row.unique and not uniqueness.can_be_unique(spec):
        errors["unique"] = [_("Fields of this type can't be unique.")]
    if row.indexed and not indexes.can_index(spec):
        errors["indexed"] = [_("Fields of this type can't be indexed.")]
    if type_.key in {"choice", "multichoice"}:
        row.choices = _choices(row.choices, wanted.choices, errors)
    row.options = _options(row, obj, wanted.options, errors)
    if wanted.options.get("matching"):
        row.options["matching"] = True
        if not type_.matching:
            errors["matching"] = [_("Fields of this type can't tell which records are the same.")]
    if errors:
        raise Invalid(errors)


def _named_alike(row: CustomField, obj: RegisteredObject) -> bool:
    return any(str(f.label).lower() == row.label.lower() for n, f in obj.fields.items() if n != row.key)


def _choices(
    before: Iterable[Mapping[str, str]], wanted: Sequence[Mapping[str, str]], errors: dict[str, list[Any]]
) -> list[dict[str, str]]:
    """Options with an id each: that of before, or one made of its first label, which it keeps."""
    known, taken = {c["value"] for c in before}, {c["value"] for c in before}
    labels: set[str] = set()
    made = []
    for item in wanted:
        label = line(str(item.get("label", "")), 80)
        value = str(item.get("value", ""))
        if not label or label.lower() in labels or (value and value not in known):
            errors["choices"] = [_("Give each option a name of its own.")]
            return []
        labels.add(label.lower())
        value = value or free_key(label, taken, 40, "option")
        taken.add(value)
        tone = item.get("tone", "neutral")
        made.append({"value": value, "label": label, "tone": tone if tone in TONES else "neutral"})
    if not 0 < len(made) <= MOST_CHOICES:
        errors["choices"] = [_("Give between 1 and %(max)d options.") % {"max": MOST_CHOICES}]
    return made


def _options(
    row: CustomField, obj: RegisteredObject, wanted: Mapping[str, Any], errors: dict[str, list[Any]]
) -> dict[str, Any]:
    if row.type == "formula":
        text = str(wanted.get("formula", "")).strip()
        kinds = {n: KINDS[f.type.key] for n, f in obj.fields.items() if f.type.key in KINDS and n != row.key}
        try:
            kind = formulas.parse(text, kinds).kind
        except formulas.FormulaError as error:
            errors["formula"] = [complaint(error)]
            return {}
        return {"formula": text, "result": row.options.get("result", kind)}
    if row.type == "rollup":
        measure = str(wanted.get("measure") or "count")
        parts = {"relation": str(wanted.get("relation", "")), "measure": measure, "where": wanted.get("where") or {}}
        return {**parts, "of": str(wanted.get("of", ""))} if measure != "count" else parts
    if row.type == "decimal":
        places = wanted.get("places", 2)
        if isinstance(places, bool) or not isinstance(places, int) or not 0 <= places <= MOST_PLACES:
            errors["places"] = [_("Give a number between 0 and %(max)d.") % {"max": MOST_PLACES}]
            return {}
        return {"places": places}
    return {}


def line(text: str, most: int) -> str:
    """One line of at most `most` characters, without control characters, which PostgreSQL partly refuses."""
    return plain_text(" ".join(text.split())[:most], most)


def free_key(label: str, taken: Iterable[str], longest: int, otherwise: str) -> str:
    """A key made of a label: the label in small Latin letters, numbered when that is taken."""
    taken = set(taken)
    base = slugify(label).replace("-", "_").strip("_")[: longest - 3].strip("_")
    base = base if base and KEY.fullmatch(base) else f"{otherwise}_{base}"[: longest - 3].strip("_")
    found, number = base, 2
    while found in taken:
        found, number = f"{base}_{number}", number + 1
    return found


def field_key(obj: RegisteredObject, label: str, wanted: str = "") -> str:
    """The key of a new field: the one wanted, or one made of the label. Raises Invalid when it is taken or no key."""
    removed = CustomField.objects.filter(object_key=obj.key).values_list("key", flat=True)
    columns = {n for f in obj.spec.model._meta.concrete_fields for n in (f.name, f.attname)}
    related = catalog.current().relations.get(obj.key, {})
    taken = {*TAKEN, *obj.fields, *columns, *related, *removed}
    if not wanted:
        return free_key(label, taken, LONGEST_FIELD_KEY, "field")
    if not KEY.fullmatch(wanted) or len(wanted) > LONGEST_FIELD_KEY:
        raise Invalid({"key": [_("Use small letters, digits and _, with a letter first; at most 30.")]})
    if wanted in taken:
        raise Invalid({"key": [_("This key is taken. A removed field keeps its key until it is deleted for good.")]})
    return wanted


def way_back(obj: RegisteredObject, key: str, target: RegisteredObject) -> str:
    """The name under which filters of the target know a new reference; it is kept for as long as the field is."""
    kept = CustomField.objects.filter(target=target.key).values_list("back", flat=True)
    removed = CustomField.objects.filter(object_key=target.key).values_list("key", flat=True)
    taken = {*target.fields, *removed, *catalog.current().relations[target.key], *kept}
    plural = obj.plural.replace("-", "_")
    return plural if plural not in taken else free_key(f"{plural}_{key}", taken, 100, "way")


def object_key(label: str, wanted: str = "") -> str:
    """The key of a new object. Raises Invalid when it is taken or no key."""
    taken = {*catalog.current().objects, *CustomObject.objects.values_list("key", flat=True), *keyword.kwlist}
    if not wanted:
        return free_key(label, taken, LONGEST_OBJECT_KEY, "object")
    if not KEY.fullmatch(wanted) or len(wanted) > LONGEST_OBJECT_KEY:
        raise Invalid({"key": [_("Use small letters, digits and _, with a letter first; at most 20.")]})
    if wanted in taken:
        raise Invalid({"key": [_("Another object has this key.")]})
    return wanted


def object_plural(label_plural: str) -> str:
    """The part of addresses for a new object: free, and none of a page."""
    taken = {*catalog.RESERVED, *catalog.current().by_plural, *CustomObject.objects.values_list("plural", flat=True)}
    found = free_key(label_plural, taken, 60, "objects").replace("_", "-")
    while found in taken or _is_page(found):
        found = f"{found}-list"
    return found


def _is_page(name: str) -> bool:
    """Whether a page of Rapport has this address, so that no object's list may."""
    try:
        return name not in resolve(f"/{name}/").kwargs.values()
    except Resolver404:
        return False


def check_object(wanted: ObjectDefinition, obj: RegisteredObject | None) -> dict[str, Any]:
    """The settings of a custom object. Raises Invalid with messages by part."""
    errors: dict[str, list[Any]] = {}
    for name in ("label", "label_plural"):
        if not getattr(wanted, name).strip():
            errors[name] = [_("This is needed.")]
    fields = obj.fields if obj else {}
    if [n for n in (*wanted.columns, *wanted.search) if n not in fields and n != "name"]:
        errors["columns"] = [_("Choose fields of this object.")]
    if wanted.board and (wanted.board not in fields or not fields[wanted.board].type.groupable):
        errors["board"] = [_("Choose a field with options or a reference.")]
    dates = {n for n, f in fields.items() if f.type.key in {"date", "datetime"}}
    if wanted.calendar and wanted.calendar not in dates:
        errors["calendar"] = [_("Choose a field with a date.")]
    if any(a not in ACTIONS or level not in LEVELS for a, level in wanted.access.items()):
        errors["access"] = [_("Choose none, own, team or all for each action.")]
    if errors:
        raise Invalid(errors)
    return {
        "columns": list(wanted.columns),
        "search": [n for n in wanted.search if n != "name"],
        "board": wanted.board,
        "calendar": wanted.calendar,
        "access": dict(wanted.access),
    }
