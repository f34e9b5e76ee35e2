"""Pages of objects: all of them, one with its fields, and the making of custom ones."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.records.customising import actions, usage
from rapport.records.customising.definitions import ObjectDefinition
from rapport.records.customising.models import CustomField, CustomObject
from rapport.records.errors import NotFound
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.objects import ACTIONS
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import choices, forms
from rapport.surfaces.web.settings.answers import act, crumbs, form_page, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.settings.roles import ACTION_LABELS, LEVEL_LABELS
from rapport.surfaces.web.shell import page


class NewObject(forms.Form):
    """What a custom object is called."""

    label = forms.text(gettext_lazy("Name"), most=60, help=gettext_lazy("One of them, such as Project."))
    label_plural = forms.text(gettext_lazy("Plural name"), most=60, help=gettext_lazy("Several, such as Projects."))
    key = forms.text(
        gettext_lazy("Key"), required=False, most=20,
        help=gettext_lazy("For programs and import files; it never changes. Empty: made of the name."),
    )  # fmt: skip
    icon = forms.choice(gettext_lazy("Icon"), choices.icons, required=False)


class ObjectForm(forms.Form):
    """What may change of a custom object: names, icon, layouts, access."""

    label = forms.text(gettext_lazy("Name"), most=60)
    label_plural = forms.text(gettext_lazy("Plural name"), most=60)
    icon = forms.choice(gettext_lazy("Icon"), choices.icons)

    def __init__(self, *args: Any, obj: RegisteredObject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(n, capfirst(str(f.label))) for n, f in obj.fields.items()]
        texts = [p for p in named if obj.fields[p[0]].type.json_kind == "text" and obj.fields[p[0]].editable]
        groups = [p for p in named if obj.fields[p[0]].type.groupable]
        dates = [p for p in named if obj.fields[p[0]].type.key in {"date", "datetime"}]
        self.fields["columns"] = forms.words(_("Columns of the list"), named)
        self.fields["search"] = forms.words(_("Found by"), texts)
        self.fields["board"] = forms.choice(_("Board by"), [("", "–"), *groups], required=False)
        self.fields["calendar"] = forms.choice(_("Calendar by"), [("", "–"), *dates], required=False)
        for action in ACTIONS:
            label = _("%(action)s, for whom no role says otherwise") % {"action": ACTION_LABELS[action]}
            self.fields[f"may_{action}"] = forms.choice(label, list(LEVEL_LABELS.items()))

    @property
    def sections(self) -> list[dict[str, Any]]:
        """Names, layouts, access."""
        rows = {row["name"]: row for row in self.rows}
        layouts = ("columns", "search", "board", "calendar")
        return [
            {"label": _("Names"), "fields": [rows[n] for n in ("label", "label_plural", "icon")]},
            {"label": _("Layouts"), "fields": [rows[n] for n in layouts]},
            {"label": _("Access"), "fields": [rows[f"may_{a}"] for a in ACTIONS]},
        ]


def steps(obj: RegisteredObject | None = None) -> list[dict[str, str]]:
    """The way to an object's page."""
    found = [(_("Objects and fields"), reverse("settings-objects"))]
    if obj is not None:
        found.append((capfirst(str(obj.label_plural)), reverse("settings-object", args=[obj.key])))
    return crumbs(*found)


def registered(key: str) -> RegisteredObject:
    """Raises NotFound."""
    try:
        return catalog.current()[key]
    except KeyError as error:
        raise NotFound from error


@require_safe
def objects(request: Request) -> HttpResponse:
    """All objects, and the removed ones."""
    rows = [
        {"object": o, "own": sum(1 for f in o.fields.values() if f.custom), "fields": len(o.fields)}
        for o in catalog.current().objects.values()
    ]
    removed = CustomObject.objects.exclude(removed_at=None).order_by("-removed_at")
    context = {"rows": rows, "removed": removed, "crumbs": crumbs((_("Objects and fields"), ""))}
    return page(request, "web/settings/objects.html", context)


@administrators
@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """A new custom object."""
    form = NewObject(request.POST or None, initial={"icon": "box"})

    def add(key: str, icon: str, label: str, label_plural: str) -> CustomObject:
        wanted = ObjectDefinition(icon=icon or "box", label=label, label_plural=label_plural)
        return actions.add_object(request.caller, wanted, key=key)

    if form.carried_out(add):
        toasts.tell(request, _("%(name)s can be used now. Add its fields.") % {"name": form.result.label_plural})
        return onward("settings-object", form.result.key)
    return form_page(request, form, _("New object"), steps(), submit=_("Create"))


@administrators
@require_safe
def one(request: Request, key: str) -> HttpResponse:
    """An object's fields: the standard ones, the custom ones, the removed ones."""
    obj = registered(key)
    rows = CustomField.objects.filter(object_key=key)
    customs = [{"row": r, "field": obj.fields[r.key]} for r in rows if r.removed_at is None and r.key in obj.fields]
    removed = [{"row": r, "count": usage.count(obj, r.key)} for r in rows if r.removed_at is not None]
    context = {
        "object": obj,
        "standard": [f for f in obj.fields.values() if not f.custom],
        "customs": customs,
        "removed": removed,
        "crumbs": [*steps(), {"label": capfirst(str(obj.label_plural)), "url": ""}],
    }
    return page(request, "web/settings/object.html", context)


@administrators
@require_http_methods(["GET", "POST"])
def edit(request: Request, key: str) -> HttpResponse:
    """Names, layouts and access of a custom object."""
    obj, row = registered(key), CustomObject.objects.filter(key=key, removed_at=None).first()
    if row is None:
        raise NotFound
    access = {f"may_{a}": getattr(obj.spec.access, a) for a in ACTIONS}
    initial = {"label": row.label, "label_plural": row.label_plural, "icon": row.icon, **row.settings, **access}
    form = ObjectForm(request.POST or None, initial=initial, obj=obj)

    def save(**values: Any) -> None:
        may = {a: values.pop(f"may_{a}") for a in ACTIONS}
        actions.update_object(request.caller, key, ObjectDefinition(access=may, **values))

    if form.carried_out(save):
        toasts.tell(request, _("The object is saved."))
        return onward("settings-object", key)
    remove = {
        "url": reverse("settings-object-remove", args=[key]),
        "label": _("Remove object"),
        "confirm": _("Remove this object? Its records stay until it is deleted for good."),
    }
    more = {"sections": form.sections, "remove": remove}
    return form_page(request, form, _("Names, layouts, access"), steps(obj), submit=_("Save"), **more)


@administrators
@require_POST
def remove(request: Request, key: str) -> HttpResponse:
    """Take an object out of use."""
    done = act(request, lambda: actions.remove_object(request.caller, key), _("The object is removed."))
    return onward("settings-objects") if done else onward("settings-object", key)


@administrators
@require_POST
def restore(request: Request, key: str) -> HttpResponse:
    """Bring a removed object back."""
    act(request, lambda: actions.restore_object(request.caller, key), _("The object is back, with its records."))
    return onward("settings-objects")


@administrators
@require_POST
def delete(request: Request, key: str) -> HttpResponse:
    """Delete a removed object with its records."""
    act(request, lambda: actions.delete_object(request.caller, key), _("The object is deleted for good."))
    return onward("settings-objects")
