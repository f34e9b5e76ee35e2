"""Pages of roles: a matrix of objects and actions, and the fields of each object."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rapport.records.accounts import roles as actions
from rapport.records.accounts.caller import EDIT, HIDDEN, READ
from rapport.records.errors import Invalid, NotFound
from rapport.records.models import Role
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.objects import ACTIONS, ALL, NONE, OWN, TEAM
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings import forms
from rapport.surfaces.web.settings.answers import act, crumbs, form_page, onward
from rapport.surfaces.web.settings.guard import administrators
from rapport.surfaces.web.shell import page

LEVEL_LABELS = {
    NONE: gettext_lazy("None"),
    OWN: gettext_lazy("Own"),
    TEAM: gettext_lazy("Team"),
    ALL: gettext_lazy("All"),
}
ACTION_LABELS = {
    "create": gettext_lazy("Create"),
    "read": gettext_lazy("Read"),
    "edit": gettext_lazy("Edit"),
    "delete": gettext_lazy("Delete"),
    "export": gettext_lazy("Export"),
}
FIELD_LABELS = {EDIT: gettext_lazy("Edit"), READ: gettext_lazy("Read"), HIDDEN: gettext_lazy("Hidden")}


class RoleForm(forms.Form):
    """What a role is called."""

    name = forms.text(gettext_lazy("Name"), most=100)
    description = forms.text(gettext_lazy("Description"), required=False, most=300)


def _steps() -> list[dict[str, str]]:
    return crumbs((_("Roles"), reverse("settings-roles")))


@require_safe
def roles(request: Request) -> HttpResponse:
    """All roles."""
    found = Role.objects.annotate(size=Count("holders"))
    return page(request, "web/settings/roles.html", {"roles": found, "crumbs": crumbs((_("Roles"), ""))})


@administrators
@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """A new role."""
    form = RoleForm(request.POST or None)
    if form.carried_out(lambda **values: actions.create(request.caller, **values)):
        toasts.tell(request, _("The role is made. Say now what it allows."))
        return onward("settings-role", form.result.pk)
    return form_page(request, form, _("New role"), _steps(), submit=_("Create"))


@administrators
@require_http_methods(["GET", "POST"])
def role(request: Request, role_id: int) -> HttpResponse:
    """What a role allows on each object."""
    found = actions.get(role_id)
    form = RoleForm(request.POST or None, initial={"name": found.name, "description": found.description})
    rights = _posted(request) if request.method == "POST" else found.rights
    if form.carried_out(lambda **values: actions.update(request.caller, role_id, rights=rights, **values)):
        toasts.tell(request, _("The role is saved."))
        return onward("settings-role", role_id)
    context = {
        "role": found,
        "form": form,
        "matrix": _matrix(found, rights),
        "actions": ACTION_LABELS,
        "levels": LEVEL_LABELS,
        "crumbs": [*_steps(), {"label": found.name, "url": ""}],
    }
    return page(request, "web/settings/role.html", context, status=422 if form.is_bound else 200)


def _posted(request: Request) -> dict[str, dict[str, str]]:
    """`right-<object>-<action>` of the matrix."""
    keys = [actions.EVERY_OBJECT, *catalog.current().objects]
    return {key: {a: request.POST.get(f"right-{key}-{a}", "") for a in ACTIONS} for key in keys}


def _matrix(found: Role, rights: Any) -> list[dict[str, Any]]:
    every = rights.get(actions.EVERY_OBJECT, {})
    rows = [{"key": actions.EVERY_OBJECT, "label": _("Every object"), "said": every, "declared": {}, "fields": None}]
    for obj in catalog.current().objects.values():
        if obj.spec.scope is not None or obj.spec.parent:
            continue  # their rights are those of another record
        declared = {a: every.get(a) or getattr(obj.spec.access, a) for a in ACTIONS}
        rows.append(
            {
                "key": obj.key,
                "label": capfirst(str(obj.label_plural)),
                "icon": obj.spec.icon,
                "said": rights.get(obj.key, {}),
                "declared": {a: LEVEL_LABELS[level] for a, level in declared.items()},
                "fields": len(found.fields.get(obj.key, {})),
            }
        )
    return rows


@administrators
@require_http_methods(["GET", "POST"])
def fields(request: Request, role_id: int, key: str) -> HttpResponse:
    """Which fields of an object a role hides, or shows without letting them be changed."""
    found, obj = actions.get(role_id), _object(key)
    said, problem = found.fields.get(key, {}), ""
    if request.method == "POST":
        said = {n: request.POST[f"field-{n}"] for n in obj.fields if f"field-{n}" in request.POST}
        try:
            actions.set_field_rights(request.caller, role_id, key, said)
        except Invalid as error:
            problem = str(next(iter(error.errors.values()))[0])
        else:
            toasts.tell(request, _("The field rights are saved."))
            return onward("settings-role", role_id)
    rows = [{"field": f, "right": said.get(n, EDIT)} for n, f in obj.fields.items()]
    steps = [*_steps(), {"label": found.name, "url": reverse("settings-role", args=[role_id])}]
    context = {
        "role": found,
        "object": obj,
        "rows": rows,
        "rights": FIELD_LABELS,
        "problem": problem,
        "crumbs": [*steps, {"label": capfirst(str(obj.label_plural)), "url": ""}],
    }
    return page(request, "web/settings/role_fields.html", context, status=422 if problem else 200)


def _object(key: str) -> RegisteredObject:
    try:
        return catalog.current()[key]
    except KeyError as error:
        raise NotFound from error


@administrators
@require_POST
def delete(request: Request, role_id: int) -> HttpResponse:
    """Remove a role from all who hold it."""
    act(request, lambda: actions.delete(request.caller, role_id), _("The role is deleted."))
    return onward("settings-roles")
