"""The form of a custom field, by its type, and what it sends as a definition."""

from __future__ import annotations

import json
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.lib.formula import FUNCTIONS
from rapport.records.accounts.caller import Caller
from rapport.records.customising import indexes, uniqueness
from rapport.records.customising.definitions import MOST_PLACES, TONES, FieldDefinition
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject, Relation
from rapport.registry.fields import FieldSpec
from rapport.registry.types.base import FieldType
from rapport.registry.types.computed import KINDS
from rapport.surfaces.web.lists import filtering
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms

MEASURES = {
    "count": gettext_lazy("Number of records"),
    "sum": gettext_lazy("Sum"),
    "average": gettext_lazy("Average"),
    "minimum": gettext_lazy("Smallest"),
    "maximum": gettext_lazy("Largest"),
}
TONE_LABELS = {
    "neutral": gettext_lazy("Grey"),
    "blue": gettext_lazy("Blue"),
    "green": gettext_lazy("Green"),
    "orange": gettext_lazy("Orange"),
    "red": gettext_lazy("Red"),
    "purple": gettext_lazy("Purple"),
    "teal": gettext_lazy("Teal"),
    "pink": gettext_lazy("Pink"),
    "yellow": gettext_lazy("Yellow"),
}
EMPTY_ROWS = 3


class FieldForm(forms.Form):
    """The parts of a definition that a type has. Options of a choice and conditions are read beside the form."""

    label = forms.text(gettext_lazy("Name"), most=80)
    help = forms.text(gettext_lazy("Help text"), required=False, most=300, help=gettext_lazy("Shown below the input."))

    def __init__(
        self, *args: Any, obj: RegisteredObject, type_: FieldType, relation: Relation | None = None, new: bool,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.obj, self.type, self.relation = obj, type_, relation
        if new:
            help_ = _("For programs, formulas and import files; it never changes. Empty: made of the name.")
            self.fields["key"] = forms.text(_("Key"), required=False, most=30, help=help_)
        if new and type_.key in {"reference", "references"}:
            targets = [(o.key, capfirst(str(o.label_plural))) for o in catalog.current().objects.values()]
            self.fields["target"] = forms.choice(_("Refers to"), [("", "–"), *targets])
        if type_.key == "decimal":
            self.fields["places"] = forms.whole(_("Digits after the point"), 0, MOST_PLACES, initial=2)
        if type_.key == "formula":
            self.fields["formula"] = forms.long(_("Formula"), required=True, help=_("For example: amount * 0.19"))
        if relation is not None:
            target = catalog.current()[relation.target]
            numbers = [(n, capfirst(str(f.label))) for n, f in target.fields.items() if _sums(f)]
            self.fields["measure"] = forms.choice(_("Compute"), list(MEASURES.items()))
            self.fields["of"] = forms.choice(_("Of the field"), [("", "–"), *numbers], required=False)
        self._switches(type_)

    def _switches(self, type_: FieldType) -> None:
        spec = FieldSpec(name="x", type=type_, label="", custom=True)
        if type_.storage != "computed":
            self.fields["required"] = forms.switch(_("Required"), _("Records can't be saved without it."))
        if uniqueness.can_be_unique(spec):
            self.fields["unique"] = forms.switch(_("Unique"), _("No two records may have the same value."))
        if indexes.can_index(spec):
            text = _("Sorts and filters stay fast on very many records; saving takes a little longer.")
            self.fields["indexed"] = forms.switch(_("Indexed"), text)
        if type_.matching and self.obj.spec.merges:
            text = _("Records with the same value count as duplicates, as for a customer number.")
            self.fields["matching"] = forms.switch(_("Tells duplicates"), text)


def _sums(field: FieldSpec) -> bool:
    return field.type.numeric and field.type.storage == "column"


def definition(form: FieldForm, posted: QueryDict) -> FieldDefinition:
    """What the form and the parts beside it say."""
    values = form.cleaned_data
    options: dict[str, Any] = {}
    if "places" in values:
        options["places"] = values["places"]
    if "formula" in values:
        options["formula"] = values["formula"]
    if values.get("matching"):
        options["matching"] = True
    if form.relation is not None:
        options = {"relation": form.relation.name, "measure": values["measure"], "of": values["of"]}
        options["where"] = filter_of(posted, "where")
    return FieldDefinition(
        label=values["label"],
        help=values["help"],
        required=values.get("required", False),
        required_if=filter_of(posted, "required_if") or None,
        unique=values.get("unique", False),
        indexed=values.get("indexed", False),
        choices=choice_rows(posted),
        options=options,
    )


def filter_of(posted: QueryDict, name: str) -> dict[str, Any]:
    """A filter that the builder has sent; an unreadable one counts as none."""
    try:
        found = json.loads(posted.get(name) or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def choice_rows(posted: QueryDict) -> list[dict[str, str]]:
    """Options in the order of the page; those without a name are left out."""
    columns = (posted.getlist(n) for n in ("choice_value", "choice_label", "choice_tone"))
    rows = [dict(zip(("value", "label", "tone"), row, strict=False)) for row in zip(*columns, strict=False)]
    return [row for row in rows if row["label"].strip()]


def parts(request: Request, form: FieldForm, row: Any = None) -> dict[str, Any]:
    """What the page shows beside the form: options, the conditions' builders, what a formula may name."""
    caller: Caller = request.caller
    found: dict[str, Any] = {"tones": {t: TONE_LABELS[t] for t in TONES}}
    if form.type.key in {"choice", "multichoice"}:
        given = choice_rows(request.POST) if request.method == "POST" else list(row.choices if row else [])
        found["choices"] = [*given, *({"value": "", "label": "", "tone": "neutral"} for _i in range(EMPTY_ROWS))]
    if form.type.storage != "computed":
        value = filter_of(request.POST, "required_if") if request.method == "POST" else (row and row.required_if)
        found["required_if"] = {"spec": condition_spec(caller, form.obj, row and row.key), "value": value or None}
    if form.relation is not None:
        target = catalog.current()[form.relation.target]
        value = filter_of(request.POST, "where") if request.method == "POST" else (row and row.options.get("where"))
        found["where"] = {"spec": filtering.spec(caller, target, value or {}), "value": value or None}
    if form.type.key == "formula":
        names = [(n, f) for n, f in form.obj.fields.items() if f.type.key in KINDS and (row is None or n != row.key)]
        found["names"] = [{"name": n, "label": f.label, "kind": KINDS[f.type.key]} for n, f in names]
        found["functions"] = sorted([*FUNCTIONS, "concat", "coalesce", "if_else", "today"])
    return found


def condition_spec(caller: Caller, obj: RegisteredObject, but: str | None) -> dict[str, Any]:
    """What "required if" may ask: own fields, and equality and emptiness only, since it is asked of unsaved input."""
    kept = {"is", "is_not", "in", "not_in", "empty", "not_empty"}
    fields = []
    for entry in filtering.spec(caller, obj)["fields"]:
        operators = [o for o in entry["operators"] if o["key"] in kept]
        own = entry["name"] in obj.fields and obj.fields[entry["name"]].type.storage == "column"
        if operators and own and entry["name"] != but:
            fields.append({**entry, "operators": operators})
    return {"fields": fields}
