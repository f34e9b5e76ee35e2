"""The history of a record, and taking back what stands in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from rapport.records.errors import Invalid
from rapport.records.history import reverting
from rapport.records.history.reading import Act, FieldChange, acts, record_or_trashed
from rapport.records.merging.models import Merge
from rapport.records.read import RecordView
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.web import cells, toasts
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record import merging
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.record.objects import object_of
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

NOTES = {
    "create": gettext_lazy("added this"),
    "update": gettext_lazy("changed this"),
    "delete": gettext_lazy("moved this to the trash"),
    "restore": gettext_lazy("brought this back from the trash"),
    "erase": gettext_lazy("erased personal data"),
    "merge": gettext_lazy("merged others into this"),
    "merged": gettext_lazy("merged this into another one"),
    "unmerge": gettext_lazy("took a merge back"),
    "unmerged": gettext_lazy("took the merge of this back"),
    "move": gettext_lazy("merged what this refers to"),
}
DOORS = {
    "page": "",
    "rest": gettext_lazy("API"),
    "mcp": gettext_lazy("Agent"),
    "import": gettext_lazy("Import"),
    "system": gettext_lazy("System"),
    "demo": gettext_lazy("Demo data"),
}


@require_http_methods(["GET"])
def history(request: Request, plural: str, record_id: int) -> HttpResponse:
    """All acts on the record, newest first, those after `?before=` when the page goes on."""
    caller = request.caller
    obj = object_of(caller, plural)
    view = record_or_trashed(caller, obj.key, record_id)
    before = int(text) if (text := request.GET.get("before", "")).isdecimal() and len(text) < 19 else None
    standing = merging.open_merges(view)
    found, following = acts(caller, obj.key, record_id, before=before)
    url = reverse("history", args=[plural, record_id])
    context = {
        "obj": obj,
        "record": view,
        "record_url": record_url(obj.key, record_id),
        "moments": [_moment(request, obj, view, act, standing) for act in found],
        "next_url": f"{url}?before={following}" if following else None,
    }
    if before and request.headers.get("HX-Request"):
        return render(request, "web/record/history_more.html", context)
    return page(request, "web/record/history.html", context)


def _moment(
    request: Request, obj: RegisteredObject, view: RecordView, act: Act, standing: dict[int, Merge]
) -> dict[str, Any]:
    """What the macro `history` takes: an act with its fields, each with the button that takes it back."""
    url = reverse("revert", args=[obj.plural, view.id, act.id])
    changes = [_change(change) for change in act.fields]
    if act.action == "update" and "edit" in view.may and view.deleted_at is None:
        for made, change in zip(changes, act.fields, strict=True):
            if request.caller.edits(obj, change.field):
                made |= {"revert_url": url, "fields": {"field": change.field.name}}
    door = _import(act.batch) or DOORS.get(act.door, act.door)
    made = _whole(act, view, url, sum("revert_url" in c for c in changes))
    note = NOTES.get(act.action, act.action)
    if act.action == "merge" and (row := standing.get(act.version)):
        names = merging.names_of(request, view, row)
        note = _("merged %(names)s into this") % {"names": names} if names else note
        if {"edit", "delete"} <= view.may:
            made = {"revert_url": reverse("unmerge", args=[obj.plural, view.id, row.pk]), "revert_label": _("Un-merge")}
    return {
        "who": act.actor or str(door) or "Rapport",
        "icon": None if act.actor else "robot",
        "note": note,
        "door": str(door) if act.actor and door else None,
        "when": act.at,
        "changes": changes,
        **made,
    }


def _import(batch: str) -> str:
    """Which import it was, where it was one."""
    kind, _colon, number = batch.removeprefix("undo-").partition(":")
    if kind != "import" or not number.isdecimal():
        return ""
    said = _("Import %(number)s") if batch.startswith("import:") else _("Import %(number)s undone")
    return said % {"number": number}


def _whole(act: Act, view: RecordView, url: str, fields: int) -> dict[str, Any]:
    """The button that takes back a whole act, where one is fitting."""
    if fields > 1:
        return {"revert_url": url}
    if act.action == "create" and "delete" in view.may and view.deleted_at is None:
        question = _("Move this to the trash?")
        return {"revert_url": url, "revert_label": _("Undo creation"), "confirm": question}
    if act.action == "delete" and "delete" in view.may and view.deleted_at is not None:
        return {"revert_url": url, "revert_label": _("Restore")}
    return {}


def _change(change: FieldChange) -> dict[str, Any]:
    return {
        "label": capfirst(str(change.field.label)),
        "before": cells.flat(change.field, change.before, change.before_label),
        "after": cells.flat(change.field, change.after, change.after_label),
    }


@require_POST
def revert(request: Request, plural: str, record_id: int, change_id: int) -> HttpResponse:
    """Take back an act, or the one field that the post names."""
    obj = object_of(request.caller, plural)
    only = [name] if (name := request.POST.get("field", "")) else None
    back = reverse("history", args=[plural, record_id])
    try:
        done = reverting.revert(request.caller, obj.key, record_id, change_id, only=only)
    except Invalid as error:
        toasts.tell(request, " ".join(str(t) for texts in error.errors.values() for t in texts), level="error")
        return see_other(back)
    if done.kept:
        names = ", ".join(str(obj.fields[n].label) if n in obj.fields else n for n in done.kept)
        text = _("Changed again since then, and left as it is: %(fields)s.") % {"fields": names}
        toasts.tell(request, text, level="warning")
    else:
        toasts.tell(request, _("Taken back."))
    return see_other(back)
