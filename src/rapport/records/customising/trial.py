"""A catalog as it would be after a change of definitions, and what in it would no longer make sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from rapport.lib import formula as formulas
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.filters import FilterCompiler
from rapport.records.filters.matching import OPERATORS
from rapport.registry import catalog
from rapport.registry.catalog import Catalog, RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.computed import KIND_LABELS, MEASURES, complaint


def check(caller: Caller, after: Catalog) -> None:
    """Raises Invalid when a definition refers to what is not there, with the field that it is about."""
    for obj in after.objects.values():
        for field in obj.fields.values():
            if field.custom:
                for name, message in faults(caller, after, obj, field):
                    place = f"{obj.label}: {field.label}"
                    raise Invalid({name: [message]}, f"{place}: {message}")


def faults(caller: Caller, after: Catalog, obj: RegisteredObject, field: FieldSpec) -> Iterator[tuple[str, Any]]:
    """What is wrong with one custom field: the part of its definition, and what to do."""
    if field.target and field.target not in after.objects:
        yield "target", _("The object %(name)s is not there.") % {"name": field.target}
    if field.type.key == "formula":
        yield from _formula(obj, field)
    elif field.type.key == "rollup":
        yield from _rollup(caller, after, obj, field)
    if field.required_if is not None:
        yield from _condition(caller, after, obj, field)


def _formula(obj: RegisteredObject, field: FieldSpec) -> Iterator[tuple[str, Any]]:
    try:
        found = formulas.parse(field.options["formula"], field.options["kinds"])
    except formulas.FormulaError as error:
        yield "formula", complaint(error)
        return
    hidden = sorted(n for n in found.names if not obj.fields[n].column and not obj.fields[n].custom)
    if hidden:
        yield "formula", _("A formula can't read %(names)s.") % {"names": ", ".join(hidden)}
    if found.kind != field.options["result"]:
        kinds = {"before": KIND_LABELS[field.options["result"]], "after": KIND_LABELS[found.kind]}
        yield "formula", _("The result was of the kind “%(before)s”; it can't become “%(after)s”.") % kinds


def _rollup(caller: Caller, after: Catalog, obj: RegisteredObject, field: FieldSpec) -> Iterator[tuple[str, Any]]:
    options = field.options
    relation = after.relations[obj.key].get(options["relation"])
    if relation is None:
        yield "relation", _("Nothing called %(name)s refers to this object.") % {"name": options["relation"]}
        return
    now = catalog.current().objects.get(obj.key)
    if now is not None and field.name in now.fields:
        before = catalog.current().relations[obj.key].get(options["relation"])
        if before != relation:
            yield "relation", _("The name %(name)s would mean another field.") % {"name": options["relation"]}
    target = after[relation.target]
    if options["measure"] not in MEASURES:
        yield "measure", _("Choose what to compute.")
    elif options["measure"] != "count":
        of = target.fields.get(options.get("of", ""))
        if of is None or not of.type.numeric or of.type.storage != "column":
            yield "of", _("Choose a field with numbers.")
    yield from _compiles(caller, after, target, options.get("where") or {}, "where")


def _condition(caller: Caller, after: Catalog, obj: RegisteredObject, field: FieldSpec) -> Iterator[tuple[str, Any]]:
    condition = field.required_if
    assert condition is not None
    unusable = [c for c in conditions(condition) if c.get("op") not in OPERATORS or c.get("field") == field.name]
    if unusable:
        yield "required_if", _("Choose another field, and one of is, is not, is empty, is not empty.")
    else:
        yield from _compiles(caller, after, obj, condition, "required_if")


def conditions(filter_: Any) -> Iterator[dict[str, Any]]:
    """The conditions of a filter, whatever joins them."""
    if isinstance(filter_, dict) and "field" in filter_:
        yield filter_
    elif isinstance(filter_, dict):
        for inner in filter_.values():
            yield from conditions(inner)
    elif isinstance(filter_, list):
        for inner in filter_:
            yield from conditions(inner)


def _compiles(
    caller: Caller, after: Catalog, obj: RegisteredObject, filter_: Any, name: str
) -> Iterator[tuple[str, Any]]:
    compiler = FilterCompiler(caller)
    compiler.catalog = after
    try:
        compiler.where(obj, filter_)
    except Invalid as error:
        yield name, " ".join(str(m) for messages in error.errors.values() for m in messages)
