"""Pages of custom fields: choosing a type, adding, changing, ordering, removing, restoring."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.records.customising import actions, definitions, preview
from rapport.records.customising.models import CustomField
from rapport.records.errors import Invalid, NotFound
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject, Relation
from rapport.registry.types import TYPES
from rapport.registry.types.base import FieldType
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, form_page, onward
from rapport.surfaces.web.settings.fieldforms import FieldForm, definition, parts
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.settings.objects import registered, steps
from rapport.surfaces.web.shell import page


@administrators
@require_http_methods(["GET", "POST"])
def add(request: Request, key: str) -> HttpResponse:
    """A new field: first its type (and for a roll-up what it counts), then the rest."""
    obj = registered(key)
    type_ = definitions.custom_types().get(request.GET.get("type", ""))
    if type_ is None:
        return _types(request, obj)
    relation = catalog.current().relations[key].get(request.GET.get("relation", ""))
    if type_.key == "rollup" and relation is None:
        return _relations(request, obj)
    form = FieldForm(request.POST or None, obj=obj, type_=type_, relation=relation, new=True)

    def make(**values: Any) -> CustomField:
        named = {"key": values.get("key", ""), "target": values.get("target", "")}
        return actions.add_field(request.caller, key, type_.key, definition(form, request.POST), **named)

    if form.carried_out(make):
        toasts.tell(request, _("The field %(name)s can be used now.") % {"name": form.result.label})
        return onward("settings-object", key)
    title = _("New field: %(type)s") % {"type": type_.label}
    return _form(request, obj, type_, form, title, None)


def _types(request: Request, obj: RegisteredObject) -> HttpResponse:
    types = [
        {"key": t.key, "label": t.label, "icon": ICONS.get(t.key, "forms")} for t in definitions.custom_types().values()
    ]
    context = {"object": obj, "types": types, "crumbs": [*steps(obj), {"label": _("New field"), "url": ""}]}
    return page(request, "web/settings/field_types.html", context)


def _relations(request: Request, obj: RegisteredObject) -> HttpResponse:
    found = [{"relation": r, "label": _relation_label(r)} for r in catalog.current().relations[obj.key].values()]
    context = {"object": obj, "relations": found, "crumbs": [*steps(obj), {"label": _("New roll-up"), "url": ""}]}
    return page(request, "web/settings/field_relations.html", context)


def _relation_label(relation: Relation) -> str:
    target = catalog.current()[relation.target]
    return f"{capfirst(str(target.label_plural))} ({target.fields[relation.field].label})"


@administrators
@require_http_methods(["GET", "POST"])
def change(request: Request, field_id: int) -> HttpResponse:
    """Change a field; its key and type stay."""
    row = _row(field_id)
    obj, type_ = registered(row.object_key), TYPES[row.type]
    relation = catalog.current().relations[obj.key].get(row.options.get("relation", ""))
    initial = {n: getattr(row, n) for n in ("label", "help", "required", "unique", "indexed")} | row.options
    form = FieldForm(request.POST or None, initial=initial, obj=obj, type_=type_, relation=relation, new=False)
    if form.carried_out(
        lambda **_values: actions.update_field(request.caller, field_id, definition(form, request.POST))
    ):
        toasts.tell(request, _("The field %(name)s is saved.") % {"name": form.result.label})
        return onward("settings-object", obj.key)
    return _form(request, obj, type_, form, row.label, row)


def _form(
    request: Request, obj: RegisteredObject, type_: FieldType, form: FieldForm, title: str, row: CustomField | None
) -> HttpResponse:
    context = {"object": obj, "type": type_, "row": row, "parts": parts(request, form, row), "submit": _("Save")}
    if row is not None:
        context["subtitle"] = _("%(type)s, key %(key)s") % {"type": type_.label, "key": row.key}
        context["remove"] = {
            "url": reverse("settings-field-remove", args=[row.pk]),
            "label": _("Remove field"),
            "confirm": _("Remove this field? Its values stay until it is deleted for good."),
        }
    return form_page(request, form, title, steps(obj), template="web/settings/field.html", **context)


@administrators
@require_POST
def try_formula(request: Request, key: str) -> HttpResponse:
    """What a formula gives for some records, or what is wrong with it."""
    context: dict[str, Any] = {"object": registered(key)}
    try:
        context["rows"] = preview.formula(request.caller, key, request.POST.get("formula", ""))
    except Invalid as error:
        context["problem"] = " ".join(str(m) for messages in error.errors.values() for m in messages)
    return render(request, "web/settings/formula_preview.html", context)


@administrators
@require_POST
def reorder(request: Request, key: str) -> HttpResponse:
    """The order of the custom fields: `field` once for each, or one with `up` or `down`."""
    ids = [int(i) for i in request.POST.getlist("field") if i.isascii() and i.isdigit()]
    act(request, lambda: actions.reorder_fields(request.caller, key, ids), _("The order is saved."))
    return onward("settings-object", key)


@administrators
@require_POST
def remove(request: Request, field_id: int) -> HttpResponse:
    """Take a field out of use; its values stay."""
    row = _row(field_id)
    act(
        request, lambda: actions.remove_field(request.caller, field_id), _("The field is removed; its values are kept.")
    )
    return onward("settings-object", row.object_key)


@administrators
@require_POST
def restore(request: Request, field_id: int) -> HttpResponse:
    """Bring a removed field back."""
    row = _row(field_id)
    act(request, lambda: actions.restore_field(request.caller, field_id), _("The field is back, with its values."))
    return onward("settings-object", row.object_key)


@administrators
@require_POST
def delete(request: Request, field_id: int) -> HttpResponse:
    """Delete a removed field and its values."""
    row = _row(field_id)
    act(request, lambda: actions.delete_field(request.caller, field_id), _("The field is deleted for good."))
    return onward("settings-object", row.object_key)


def _row(field_id: int) -> CustomField:
    row = CustomField.objects.filter(pk=field_id).first()
    if row is None:
        raise NotFound
    return row


ICONS = {
    "text": "forms", "longtext": "align-left", "number": "hash", "decimal": "percentage", "money": "coin",
    "date": "calendar", "datetime": "clock", "boolean": "checkbox", "choice": "select", "multichoice": "list-check",
    "email": "at", "phone": "phone", "url": "world", "reference": "link", "references": "circles-relation",
    "user": "user", "file": "paperclip", "address": "map-pin", "json": "braces", "formula": "calculator",
    "rollup": "chart-bar",
}  # fmt: skip
"""Icons of the field types."""
