"""Saved views: the menu of a list, and what saves, renames, shares and deletes them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.features.transfer.exporting import writers_of
from rapport.features.views import saving
from rapport.features.views.models import SavedView
from rapport.records.errors import Invalid
from rapport.surfaces.web import toasts
from rapport.surfaces.web.lists import state as states
from rapport.surfaces.web.lists.state import ALL, ListState, address_of

TABS = 6
"""Views shown as tabs; the others stand in a menu."""


def menu(state: ListState) -> dict[str, Any]:
    """Tabs of the views, and what can be done with the one that is open."""
    items = [_all(state), *(_tab(state, v) for v in state.views)]
    active = next((i for i, item in enumerate(items) if item["active"]), 0)
    if active >= TABS:
        items.insert(TABS - 1, items.pop(active))
    view = state.view
    default = saving.default_of(state.caller, state.obj.key) if view else None
    return {
        "tabs": items[:TABS] if len(items) > 1 else [],
        "more": items[TABS:],
        "dirty": state.dirty and not state.fault,
        "create_url": state.url("view_create"),
        "default_url": address_of("view_default", state.obj.plural),
        "is_default": view is not None and default == view.pk,
        "view": view,
        "may_change": view is not None and saving.may_change(state.caller, view),
        "save_url": _view_url(state, "view_save"),
        "edit_url": _view_url(state, "view_update"),
        "delete_url": _view_url(state, "view_delete"),
        "import_url": address_of("import", state.obj.plural) if state.caller.may(state.obj, "create") else "",
        "writers": writers_of(state.obj),
        "export_url": state.url("export") if state.caller.may(state.obj, "export") else "",
        "reset_url": _address(state, str(view.pk) if view else ALL),
    }


def _all(state: ListState) -> dict[str, Any]:
    label = _("All %(objects)s") % {"objects": state.obj.label_plural}
    return {"label": label, "url": _address(state, ALL), "active": state.view is None}


def _tab(state: ListState, view: SavedView) -> dict[str, Any]:
    icon = "world" if view.everyone else "users" if view.team_id else None
    return {"label": view.name, "url": _address(state, str(view.pk)), "active": view is state.view, "icon": icon}


def _address(state: ListState, view: str) -> str:
    return f"{state.path}?view={view}"


def _view_url(state: ListState, name: str) -> str:
    if state.view is None:
        return ""
    query = state.url().partition("?")[2]
    return f"{reverse(name, args=[state.obj.plural, state.view.pk])}?{query}"


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, plural: str) -> HttpResponse:
    """Ask for a name and who sees it; keep the list as a view."""
    state = states.read(request, plural)
    if request.method == "GET":
        return _dialog(request, state, _("Save as view"), state.url("view_create"), {"share": saving.PRIVATE})
    try:
        view = saving.create_view(
            state.caller, state.obj.key, name=request.POST.get("name", ""), definition=state.definition,
            **_sharing(request.POST),
        )  # fmt: skip
    except Invalid as error:
        return _dialog(request, state, _("Save as view"), state.url("view_create"), request.POST, error)
    return _go(request, _address(state, str(view.pk)), _("View “%(name)s” saved.") % {"name": view.name})


@require_http_methods(["GET", "POST"])
def update(request: HttpRequest, plural: str, view_id: int) -> HttpResponse:
    """Rename a view, or change who sees it."""
    state = states.read(request, plural)
    view = saving.view_of(state.caller, state.obj.key, view_id)
    title, url = _("Rename or share the view"), request.get_full_path()
    if request.method == "GET":
        share = saving.EVERYONE if view.everyone else saving.TEAM if view.team_id else saving.PRIVATE
        return _dialog(request, state, title, url, {"name": view.name, "share": share, "team": view.team_id})
    try:
        name = request.POST.get("name", "")
        saving.update_view(state.caller, state.obj.key, view_id, name=name, **_sharing(request.POST))
    except Invalid as error:
        return _dialog(request, state, title, url, request.POST, error)
    return _go(request, _address(state, str(view_id)), _("View saved."))


@require_POST
def save(request: HttpRequest, plural: str, view_id: int) -> HttpResponse:
    """Keep what was changed in the view itself."""
    state = states.read(request, plural)
    view = saving.update_view(state.caller, state.obj.key, view_id, definition=state.definition)
    return _go(request, _address(state, str(view_id)), _("View “%(name)s” saved.") % {"name": view.name})


@require_POST
def delete(request: HttpRequest, plural: str, view_id: int) -> HttpResponse:
    """Remove a view; the records stay."""
    caller, obj = states.object_of(request, plural)
    saving.delete_view(caller, obj.key, view_id)
    return _go(request, f"{reverse('list', args=[plural])}?view={ALL}", _("View deleted. Its records are still there."))


@require_POST
def default(request: HttpRequest, plural: str) -> HttpResponse:
    """Open the list with a view from now on, or with all records."""
    caller, obj = states.object_of(request, plural)
    view_id = states.number(request.POST.get("view"))
    saving.set_default(caller, obj.key, view_id)
    text = _("%(objects)s open with this view from now on.") if view_id else _("%(objects)s open with all records.")
    url = f"{reverse('list', args=[plural])}?view={view_id or ALL}"
    return _go(request, url, text % {"objects": capfirst(str(obj.label_plural))})


def _sharing(data: QueryDict) -> dict[str, Any]:
    return {"share": data.get("share", saving.PRIVATE), "team": states.number(data.get("team"))}


def _dialog(
    request: HttpRequest, state: ListState, title: str, url: str, values: Any, error: Invalid | None = None
) -> HttpResponse:
    shares = [{"value": saving.PRIVATE, "label": _("Only me")}]
    teams = saving.teams_to_share_with(state.caller)
    if teams:
        shares.append({"value": saving.TEAM, "label": _("A team")})
    if state.caller.is_admin or values.get("share") == saving.EVERYONE:
        shares.append({"value": saving.EVERYONE, "label": _("Everyone")})
    errors = error.errors if error else {}
    fields = [
        {"name": "name", "label": _("Name"), "value": values.get("name", ""), "required": True,
         "attrs": {"maxlength": 100, "autofocus": True}, "errors": errors.get("name")},
        {"name": "share", "label": _("Who sees it"), "widget": "select", "required": True, "choices": shares,
         "value": values.get("share", saving.PRIVATE), "errors": errors.get("share")},
    ]  # fmt: skip
    if teams:
        options = [{"value": str(key), "label": name} for key, name in teams]
        fields.append(
            {"name": "team", "label": _("Team"), "widget": "select", "choices": options, "errors": errors.get("team"),
             "value": str(values.get("team") or ""), "help": _("Only for a view that a team sees.")}
        )  # fmt: skip
    context = {"title": title, "url": url, "fields": fields, "submit": _("Save")}
    return render(request, "web/lists/dialog.html", context, status=422 if error else 200)


def _go(request: HttpRequest, url: str, text: str) -> HttpResponse:
    """On to an address, with a toast; from a dialog by a header, as htmx wants it."""
    toasts.tell(request, text)
    if request.headers.get("HX-Request") and "main" not in request.headers.get("HX-Target", ""):
        response = HttpResponse(status=204)
        where = {"path": url, "target": "#main", "swap": "outerHTML show:none"}
        response.headers["HX-Location"] = toasts.ascii_json(where)
        return response
    return HttpResponseRedirect(url, status=303)
