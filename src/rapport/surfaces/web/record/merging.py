"""Records side by side: which one stays, whose value wins in each field, what follows; and a merge taken back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from rapport.records import write
from rapport.records.errors import Invalid, NotFound
from rapport.records.merging.choosing import ALL, UNITED, Choice
from rapport.records.merging.finding import merges_of
from rapport.records.merging.models import Merge
from rapport.records.read import RecordView, RowView, visible
from rapport.records.write import Preview
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.web import cells, toasts
from rapport.surfaces.web.record.answers import dialog_of, go_to, see_other
from rapport.surfaces.web.record.objects import object_of
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

MOST = 10
"""Records that fit side by side."""


@require_http_methods(["GET", "POST"])
def merge(request: Request, plural: str) -> HttpResponse:
    """Show the records that `ids` names side by side (GET), or make them one (POST)."""
    obj = object_of(request.caller, plural)
    data = request.POST if request.method == "POST" else request.GET
    ids = _ids(data.getlist("ids"))
    if dialog_of(request):  # the list asks as for a dialog; this is too wide for one
        _check(ids, everything=bool(data.get("all")))
        return go_to(f"{reverse('merge', args=[plural])}?{urlencode({'ids': ','.join(map(str, ids))})}")
    _check(ids)
    given = data.get("survivor", "")
    survivor = int(given) if given in map(str, ids) else ids[0]
    others = [i for i in ids if i != survivor]
    if request.method == "GET":
        return _page(request, obj, write.preview_merge(request.caller, obj.key, survivor, others))
    chosen = _chosen(data)
    try:
        made = write.merge(request.caller, obj.key, survivor, others, chosen)
    except Invalid as error:
        found = write.preview_merge(request.caller, obj.key, survivor, others)
        return _page(request, obj, found, chosen, error)
    undo = toasts.undo_of(reverse("unmerge", args=[plural, survivor, made.pk]))
    toasts.tell(request, merged_text(len(others)), undo=undo)
    return see_other(cells.record_url(obj.key, survivor))


def _ids(given: list[str]) -> list[int]:
    """The records that are named, each once."""
    parts = [part for value in given for part in value.split(",")]
    numbers = (int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19)
    return list(dict.fromkeys(number for number in numbers if number))


def _check(ids: list[int], *, everything: bool = False) -> None:
    """Raises Invalid for too few or too many to look at side by side."""
    message = ""
    if len(ids) < 2 and not everything:
        message = _("Choose at least two different records.")
    elif len(ids) > MOST or everything:
        message = _("Merge at most %(most)d records at once.") % {"most": MOST}
    if message:
        raise Invalid({"": [message]}, message)


def _chosen(data: Any) -> dict[str, Any]:
    """Whose value wins, by field."""
    made: dict[str, Any] = {}
    for name in data:
        if name.startswith("f-"):
            value = data[name]
            made[name[2:]] = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else value
    return made


def merged_text(count: int) -> str:
    """How many records were merged."""
    return ngettext("%(count)d record merged into this one.", "%(count)d records merged into this one.", count) % {
        "count": count
    }


# -- the page --------------------------------------------------------------------------------------------------------


def _page(
    request: Request, obj: RegisteredObject, found: Preview, chosen: dict[str, Any] | None = None,
    error: Invalid | None = None,
) -> HttpResponse:  # fmt: skip
    names = tuple(choice.field.name for choice in found.choices)
    rows = {r.id: r for r in visible(request.caller, obj).page(columns=names, ids=found.ids, size=len(found.ids)).rows}
    differing = [c for c in found.choices if c.differs]
    errors = error.errors if error else {}
    context = {
        "obj": obj,
        "title": _("Merge %(objects)s") % {"objects": obj.label_plural},
        "ids": ",".join(map(str, found.ids)),
        "survivor": found.ids[0],
        "records": [_head(obj, found.ids, rows[i]) for i in found.ids],
        "rows": [_row(request, obj, c, rows, (chosen or {}).get(c.field.name), errors) for c in differing],
        "same": sum(not c.differs and not c.field.type.is_empty(c.result) for c in found.choices),
        "moving": [
            {"icon": m.obj.spec.icon, "count": m.count, "label": m.obj.label if m.count == 1 else m.obj.label_plural}
            for m in found.moving
        ],
        "errors": [str(m) for n, messages in errors.items() if n not in names for m in messages],
        "list_url": cells.list_url(obj.key),
    }
    return page(request, "web/record/merge.html", context, status=422 if error else 200)


def _head(obj: RegisteredObject, ids: tuple[int, ...], row: RowView) -> dict[str, Any]:
    query = urlencode({"ids": ",".join(map(str, ids)), "survivor": row.id})
    return {
        "id": row.id, "title": row.title or _("(no name)"), "url": cells.record_url(obj.key, row.id),
        "keep_url": f"{reverse('merge', args=[obj.plural])}?{query}",
    }  # fmt: skip


def _row(
    request: Request, obj: RegisteredObject, choice: Choice, rows: dict[int, RowView], chosen: Any, errors: Any
) -> dict[str, Any]:
    """One field: the value of each record, and which one is chosen."""
    field, wins = choice.field, choice.chosen if chosen is None else chosen
    return {
        "name": field.name,
        "label": capfirst(str(field.label)),
        "free": request.caller.edits(obj, field) and not (field.unique and not field.custom),
        "cells": [{"id": i, "text": cells.text_of(field, rows[i]), "chosen": wins == i} for i in choice.values],
        "lists": field.type.key in UNITED,
        "all": wins == ALL,
        "errors": [str(m) for m in errors.get(field.name, ())],
    }


# -- back ------------------------------------------------------------------------------------------------------------


@require_POST
def unmerge(request: Request, plural: str, record_id: int, merge_id: int) -> HttpResponse:
    """Take a merge into this record back."""
    obj = object_of(request.caller, plural)
    if merge_id not in {row.pk for row in merges_of(obj.key, record_id).values()}:
        raise NotFound
    done = write.unmerge(request.caller, obj.key, merge_id)
    text, level = unmerged_text(obj, len(done.ids), list(done.kept))
    if request.headers.get("HX-Request"):
        return toasts.done(text, level=level)
    toasts.tell(request, text, level=level)
    return see_other(cells.record_url(obj.key, record_id))


def unmerged_text(obj: RegisteredObject, count: int, kept: list[str]) -> tuple[str, str]:
    """What became of it, and how loud to say it."""
    text = ngettext("%(count)d record is back.", "%(count)d records are back.", count) % {"count": count}
    if not kept:
        return text, "success"
    names = ", ".join(str(obj.fields[n].label) if n in obj.fields else n for n in kept)
    return f"{text} " + _("Changed again since then, and left as it is: %(fields)s.") % {"fields": names}, "warning"


def open_merges(view: RecordView) -> dict[int, Merge]:
    """The merges into a record that stand, by the version right after each."""
    found = merges_of(view.obj.key, view.id)
    return {version: row for version, row in found.items() if row.undone_at is None and not row.emptied}


def names_of(request: HttpRequest, view: RecordView, row: Merge) -> str:
    """What the merged records are called, as far as the reader may see."""
    seen = visible(request.caller, view.obj)  # type: ignore[attr-defined]
    names = []
    for key in row.others[:MOST]:
        try:
            names.append(seen.get(key, merged=True).title)
        except NotFound:
            continue
    return ", ".join(names)
