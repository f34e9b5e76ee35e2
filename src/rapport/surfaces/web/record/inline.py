"""One field of a record, edited in its place."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.records import write
from rapport.records.errors import Conflict, Forbidden, Invalid, NotFound
from rapport.records.read import RecordView, visible
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.ties import tie_of
from rapport.surfaces.web import cells, fields, narrowing
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record import details, heads
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.record.objects import record_of
from rapport.surfaces.web.requests import Request


@require_http_methods(["GET", "POST"])
def inline(request: Request, plural: str, record_id: int, name: str) -> HttpResponse:
    """GET: the control (`?cancel=1`: the value again). POST: the new value, or the control with what is wrong."""
    caller = request.caller
    obj, view = record_of(caller, plural, record_id)
    field = obj.fields.get(name)
    if field is None or not caller.sees(obj, field):
        raise NotFound
    if "edit" not in view.may or not caller.edits(obj, field):
        raise Forbidden
    if request.method == "GET":
        return _row(request, obj, field, view) if "cancel" in request.GET else _form(request, obj, field, view)
    version = int(text) if (text := request.POST.get("version", "")).isdecimal() else view.version
    raw = fields.parse(obj, request.POST, [name])
    try:
        raw = {**raw, **fields.received(request, obj, [name])}
        write.update(caller, obj.key, record_id, raw, version=version)
    except Invalid as error:
        texts = [text for texts in error.errors.values() for text in texts]
        return _form(request, obj, field, view, raw.get(name), texts, 422)
    except Conflict as error:
        theirs = cells.flat(field, view.values.get(name), view.labels.get(name)) or "–"
        text = _("Someone else has just changed this to “%(value)s”. Save again to replace it by yours.")
        return _form(request, obj, field, view, raw.get(name), [text % {"value": theirs}], error.status)
    if not request.headers.get("HX-Request"):
        return see_other(record_url(obj.key, record_id))
    return _saved(request, obj, field, view, visible(caller, obj).get(record_id))


def _saved(
    request: Request, obj: RegisteredObject, field: FieldSpec, was: RecordView, view: RecordView
) -> HttpResponse:
    """The row, the head of the page, and the rows of other fields that followed."""
    caller = request.caller
    followed = (f for n, f in obj.fields.items() if f is not field and n in view.values and _differs(was, view, n))
    context = {
        "row": details.row(caller, obj, field, view),
        "editing": False,
        "others": [details.row(caller, obj, f, view) for f in followed],
        **heads.context(caller, obj, view),
    }
    return render(request, "web/record/inline.html", context)


def _differs(was: RecordView, view: RecordView, name: str) -> bool:
    return bool(was.values.get(name) != view.values[name])


def _row(request: Request, obj: RegisteredObject, field: FieldSpec, view: RecordView) -> HttpResponse:
    row = details.row(request.caller, obj, field, view)
    return render(request, "web/record/inline.html", {"row": row, "editing": False})


def _form(
    request: Request, obj: RegisteredObject, field: FieldSpec, view: RecordView, raw: Any = None,
    errors: list[Any] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    value = view.values.get(field.name) if errors is None else raw
    label = view.labels.get(field.name) if errors is None else None
    control = fields.control(request.caller, obj, field, value, label, prefix="i-")
    control["errors"] = [str(text) for text in errors or ()]
    tie = tie_of(obj)
    narrowing.narrow(obj, [control], view.values.get(tie.by) if tie else None)
    url = reverse("inline", args=[obj.plural, view.id, field.name])
    context = {
        "row": details.row(request.caller, obj, field, view),
        "editing": True,
        "control": control,
        "post_url": url,
        "cancel_url": f"{url}?cancel=1",
        "version": view.version,
    }
    return render(request, "web/record/inline.html", context, status=status)
