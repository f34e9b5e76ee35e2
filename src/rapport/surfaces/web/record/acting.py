"""Acts on one record: the object's own, a step along its way, to the trash and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.bulk import changing
from rapport.records.errors import Conflict, Forbidden, Invalid, NotFound
from rapport.records.read import RecordView, visible
from rapport.registry.catalog import RegisteredObject
from rapport.registry.objects import Action, Made
from rapport.surfaces.web import asking, fields, toasts
from rapport.surfaces.web.cells import list_url, record_url
from rapport.surfaces.web.record import forms, heads
from rapport.surfaces.web.record.answers import dialog_of, go_to, see_other
from rapport.surfaces.web.record.objects import next_of, object_of, record_of
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page


@require_http_methods(["GET", "POST"])
def act(request: Request, plural: str, record_id: int, action: str) -> HttpResponse:
    """GET: the question whether to do it, with what it asks for. POST: do it. Raises NotFound for one not offered."""
    obj, view = record_of(request.caller, plural, record_id)
    chosen = next((a for a in heads.offered(request.caller, obj, view) if a.key == action), None)
    if chosen is None:
        raise NotFound
    if request.method == "GET":
        return _question(request, obj, view, chosen, view.values)
    form = changing.entered(obj, chosen)
    names = asking.together(request.caller, form, chosen.wants)
    values, level, said = fields.parse(form, request.POST, names), "success", None
    try:
        said = changing.run(request.caller, chosen, [record_id], values)
        text = str(said)
    except (Invalid, Conflict) as error:
        if isinstance(error, Invalid) and error.errors.keys() & set(chosen.wants):
            return _question(request, obj, view, chosen, values, error)
        level, text = "error", _why(obj, error)
    made = made_url(request.caller, said)
    if dialog_of(request) and not made:
        return toasts.done(text, level=level)
    toasts.tell(request, text, level=level)
    if made and dialog_of(request):
        return go_to(made)
    return see_other(made or next_of(request, record_url(obj.key, record_id)))


def made_url(caller: Caller, said: object) -> str:
    """The page of the record that an act made; empty where it made none, or none that the caller may see."""
    if not isinstance(said, Made) or not visible(caller, said.key).allowed([said.id]):
        return ""
    return record_url(said.key, said.id)


def _question(
    request: Request, obj: RegisteredObject, view: RecordView, action: Action, values: Mapping[str, Any],
    error: Invalid | None = None,
) -> HttpResponse:  # fmt: skip
    context = {
        "obj": obj,
        "record": view,
        "action": action,
        "controls": asking.controls(
            request.caller,
            changing.entered(obj, action),
            action.wants,
            values,
            errors=error.errors if error else None,
            prefix="a-",
        ),
        "post_url": request.path,
    }
    status = error.status if error else 200
    if dialog_of(request):
        return render(request, "web/record/act_dialog.html", context, status=status)
    return page(request, "web/record/act.html", {**context, "cancel_url": record_url(obj.key, view.id)}, status)


def _why(obj: RegisteredObject, error: Invalid | Conflict) -> str:
    if isinstance(error, Conflict):
        return str(error.message)
    path = heads.path_field(obj)
    said = []
    for name, texts in error.errors.items():
        text = " ".join(str(t) for t in texts)
        field = obj.fields.get(name)
        said.append(text if field is None or field is path else f"{capfirst(str(field.label))}: {text}")
    return " ".join(said)


@require_POST
def step(request: Request, plural: str, record_id: int) -> HttpResponse:
    """Go to another value of the field that the path shows; what that asks for is asked on a page of its own."""
    caller = request.caller
    obj, view = record_of(caller, plural, record_id)
    field = heads.path_field(obj)
    if field is None:
        raise NotFound
    if "edit" not in view.may or not caller.edits(obj, field):
        raise Forbidden
    to = request.POST.get("to", "")
    version = int(text) if (text := request.POST.get("version", "")).isdecimal() else view.version
    raw = {**(fields.parse(obj, request.POST) if fields.SENT in request.POST else {}), field.name: to}
    try:
        write.update(caller, obj.key, record_id, raw, version=version)
    except Invalid as error:
        return _needed(request, obj, view, raw, error)
    except Conflict as error:
        toasts.tell(request, error.message, level="error")
        return see_other(record_url(obj.key, record_id))
    undo = toasts.undo_of(reverse("step", args=[plural, record_id]), to=_raw(view, field.name))
    toasts.tell(request, _("Moved: %(title)s") % {"title": view.title}, undo=undo)
    return see_other(next_of(request, record_url(obj.key, record_id)))


def _raw(view: RecordView, name: str) -> str:
    value = view.values.get(name)
    return "" if value is None else str(value)


def _needed(
    request: Request, obj: RegisteredObject, view: RecordView, raw: dict[str, object], error: Invalid
) -> HttpResponse:
    """The fields that the step asks for; without any that can be entered, the page again with the reason."""
    caller = request.caller
    path = heads.path_field(obj)
    names = asking.together(caller, obj, [n for n in error.errors if n in obj.fields and obj.fields[n] is not path])
    if not names:
        toasts.tell(request, _why(obj, error), level="error")
        return see_other(record_url(obj.key, view.id))
    again = error if fields.SENT in request.POST else None
    values = {**view.values, **raw}
    made = forms.form(caller, obj, names, values, labels=view.labels, error=again, version=view.version)
    for control in made["controls"]:
        control["required"] = control["name"] in error.errors
    context = {
        **made,
        "to": request.POST.get("to", ""),
        "title": view.title,
        "post_url": request.path,
        "cancel_url": record_url(obj.key, view.id),
    }
    return page(request, "web/record/needed.html", context, status=422)


@require_POST
def delete(request: Request, plural: str, record_id: int) -> HttpResponse:
    """To the trash, with a way back."""
    obj, view = record_of(request.caller, plural, record_id)
    try:
        write.delete(request.caller, obj.key, [record_id])
    except Invalid as error:
        toasts.tell(request, _why(obj, error), level="error")
        return see_other(record_url(obj.key, record_id))
    undo = toasts.undo_of(reverse("restore", args=[plural, record_id]), next=next_of(request, ""))
    toasts.tell(request, _("Moved to the trash: %(title)s") % {"title": view.title}, undo=undo)
    return see_other(next_of(request, list_url(obj.key)))


@require_POST
def restore(request: Request, plural: str, record_id: int) -> HttpResponse:
    """Out of the trash. Raises NotFound, Invalid."""
    obj = object_of(request.caller, plural)
    write.restore(request.caller, obj.key, [record_id])
    toasts.tell(request, _("Back from the trash."))
    return see_other(next_of(request, record_url(obj.key, record_id)))
