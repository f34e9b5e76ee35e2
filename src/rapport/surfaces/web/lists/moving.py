"""A card moves to another column: written at once, or after a question for what the column asks for."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.records import write
from rapport.records.errors import Conflict, Invalid, NotFound, RecordsError
from rapport.records.read import visible
from rapport.surfaces.web import asking, fields, toasts
from rapport.surfaces.web.lists import boards
from rapport.surfaces.web.lists import state as states
from rapport.surfaces.web.lists.state import ListState


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, plural: str) -> HttpResponse:
    """Move a card (POST from the board, answered in JSON), or ask what is missing (GET and POST of the dialog)."""
    state = states.read(request, plural)
    if request.method == "GET":
        return _ask(request, state, {}, None)
    if "asked" in request.POST:
        return _answered(request, state)
    try:
        return JsonResponse(_moved(request, state))
    except Invalid as error:
        names = _askable(state, error)
        if names:
            query = {"id": request.POST.get("id"), "to": request.POST.get("to"), "ask": ",".join(names)}
            return JsonResponse({"dialog": state.url("move", **query)}, status=422)
        text = " ".join(str(m) for messages in error.errors.values() for m in messages)
        return JsonResponse({"error": text or str(error.message)}, status=422)
    except Conflict:
        text = _("Someone else changed this card in the meantime. Look at it and move it again.")
        return JsonResponse({"error": text}, status=409)
    except RecordsError as error:
        return JsonResponse({"error": str(error.message)}, status=error.status)


def _moved(request: HttpRequest, state: ListState) -> dict[str, Any]:
    """Write the move of the sent card; the answer to the board. Raises what the write door raises."""
    declared, field = boards.board_of(state)
    record_id = states.number(request.POST.get("id"))
    _choices, chosen = boards.within(state)
    column = boards.column_named(state, request.POST.get("to", ""), chosen)
    if record_id is None:
        raise NotFound
    before = visible(state.caller, state.obj).page(columns=(field.name,), ids=[record_id], size=1).rows
    if not before:
        raise NotFound
    old = before[0].values.get(field.name)
    if boards.column_id(old) == column.id:
        return {}
    version = states.number(request.POST.get("version"))
    values = {declared.field: column.value}
    batch = secrets.token_hex(8)
    new = write.update(state.caller.through("page", batch), state.obj.key, record_id, values, version=version)
    totals = boards.totals(state, chosen)
    touched = dict.fromkeys((boards.column_id(old), column.id))
    return {
        "version": new,
        "undo": toasts.undo_of(reverse("undo", args=[state.obj.plural]), batch=batch),
        "columns": [{"id": key, **boards.counted(state, totals.get(key))} for key in touched],
    }


def _askable(state: ListState, error: Invalid) -> list[str]:
    """The fields that the move lacks, with what belongs to them, if the caller may set all; none when more is wrong."""
    declared, _field = boards.board_of(state)
    names = [n for n in error.errors if n in state.fields and n != declared.field]
    if len(names) < len(error.errors):
        return []
    return asking.together(state.caller, state.obj, names)


def _ask(request: HttpRequest, state: ListState, values: dict[str, Any], error: Invalid | None) -> HttpResponse:
    """The dialog that asks for the missing fields."""
    boards.board_of(state)
    record_id = states.number(request.GET.get("id"))
    if record_id is None:
        raise NotFound
    record = visible(state.caller, state.obj).get(record_id)
    names = [n for n in request.GET.get("ask", "").split(",") if n in state.fields]
    errors = dict(error.errors) if error else {}
    controls = asking.controls(
        state.caller, state.obj, names, {**record.values, **values}, labels=record.labels, errors=errors, prefix="m-"
    )
    elsewhere = [str(m) for n, messages in errors.items() if n not in names for m in messages]
    context = {
        "title": _("Before “%(title)s” moves") % {"title": record.title},
        "url": request.get_full_path(),
        "fields": controls,
        "hidden": {"asked": "1", "version": record.version},
        "submit": _("Move"),
        "errors": elsewhere,
    }
    return render(request, "web/lists/dialog.html", context, status=422 if error else 200)


def _answered(request: HttpRequest, state: ListState) -> HttpResponse:
    """Write the move with what was asked for."""
    declared, _field = boards.board_of(state)
    record_id = states.number(request.GET.get("id"))
    names = [n for n in request.GET.get("ask", "").split(",") if n in state.fields]
    values = fields.parse(state.obj, request.POST, names)
    _choices, chosen = boards.within(state)
    column = boards.column_named(state, request.GET.get("to", ""), chosen)
    if record_id is None:
        raise NotFound
    try:
        version = states.number(request.POST.get("version"))
        moved = {**values, declared.field: column.value}
        batch = secrets.token_hex(8)
        write.update(state.caller.through("page", batch), state.obj.key, record_id, moved, version=version)
    except Invalid as error:
        return _ask(request, state, values, error)
    undo = toasts.undo_of(reverse("undo", args=[state.obj.plural]), batch=batch)
    return toasts.done(_("Moved to %(column)s.") % {"column": column.title}, undo=undo)
