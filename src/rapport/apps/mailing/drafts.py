"""Drafts: mail that waits to be read, edited and sent by a person. The page of one, the tile of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from rapport.apps.mailing.models import State
from rapport.lib import json
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Conflict, Forbidden, Invalid
from rapport.records.read import RecordView, RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import Page, Tile
from rapport.surfaces.web import toasts
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record import forms
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.record.objects import next_of
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

KEY = "outgoing_mail"
FIELDS = ("address", "copies", "subject", "body")
SHOWN, ROWS = 8, 14
"""Drafts of the tile; lines of the text in the editor."""
MINE: Mapping[str, Any] = {
    "all": [
        {"field": "owner", "op": "is", "value": "me"},
        {"field": "state", "op": "is", "value": State.DRAFT.value},
    ]
}
MORE = urlencode({"view": "all", "filter": json.dumps(MINE), "sort": "created_at"})


@require_http_methods(["GET", "POST"])
def draft(request: Request, record_id: int) -> HttpResponse:
    """Read and edit a draft; a POST saves, sends or discards it. Raises NotFound, Forbidden."""
    view = visible(request.caller, KEY).get(record_id)
    if view.values["state"] != State.DRAFT:
        return see_other(record_url(KEY, record_id))
    if "edit" not in view.may:
        raise Forbidden
    if request.method == "GET":
        return _form(request, view, view.values, version=view.version)
    if request.POST.get("act") == "discard":
        return _discard(request, view)
    version = int(text) if (text := request.POST.get("version", "")).isdecimal() else view.version
    raw = forms.changed(request.caller, view.obj, view, request.POST, version)
    raw = {name: value for name, value in raw.items() if name in FIELDS}
    going = request.POST.get("act") == "send"
    try:
        write.update(request.caller, KEY, record_id, raw | ({"draft": False} if going else {}), version=version)
    except (Invalid, Conflict) as error:
        return _form(request, view, {**view.values, **raw}, version=version, error=error)
    toasts.tell(request, _("The mail is on its way.") if going else _("Saved"))
    back = record_url("person", view.values["person"]) if going else reverse("mail-draft", args=[record_id])
    return see_other(next_of(request, back) if going else back)


def _discard(request: Request, view: RecordView) -> HttpResponse:
    write.delete(request.caller, KEY, [view.id])
    undo = toasts.undo_of(reverse("restore", args=[view.obj.plural, view.id]))
    toasts.tell(request, _("Moved to the trash: %(title)s") % {"title": view.title}, undo=undo)
    return see_other(next_of(request, reverse("home")))


def _form(request: Request, view: RecordView, values: Mapping[str, Any], **more: Any) -> HttpResponse:
    made = forms.form(request.caller, view.obj, FIELDS, values, **more)
    for control in made["controls"]:
        if control["name"] == "body":
            control.setdefault("attrs", {})["rows"] = ROWS
    person = view.labels.get("person")
    context = {
        **made,
        "title": view.title,
        "next": request.GET.get("next") or request.POST.get("next"),
        "to": {"title": person, "url": record_url("person", view.values["person"])} if person else None,
        "crumbs": [
            {"label": _("Drafts to send"), "url": listed()},
            {"label": view.title, "url": ""},
        ],
    }
    error = more.get("error")
    return page(request, "mailing/draft.html", context, error.status if error else 200)


def listed() -> str:
    """The address of the list of the reader's drafts."""
    return f"{reverse('list', args=[catalog.current()[KEY].plural])}?{MORE}"


def my_drafts(caller: Caller) -> Mapping[str, Any] | None:
    """The caller's drafts, the oldest first; None when there are none."""
    mail = catalog.current()[KEY]
    if not caller.may(mail, "read"):
        return None
    found = visible(caller, mail)
    rows = found.page(columns=("person", "deal"), filter=MINE, sort="created_at", size=SHOWN).rows
    if not rows:
        return None
    return {
        "items": [_item(row) for row in rows],
        "count": found.count(MINE, cap=100) if len(rows) == SHOWN else len(rows),
        "more_url": listed(),
        "empty": None,
    }


def _item(row: RowView) -> dict[str, Any]:
    about = [str(row.labels[name]) for name in ("person", "deal") if row.labels.get(name)]
    url = f"{reverse('mail-draft', args=[row.id])}?{urlencode({'next': '/'})}"
    return {"title": row.title, "url": url, "detail": " · ".join(about)}


PAGE = Page(name="mail-draft", path="outgoing-mail/<int:record_id>/draft/", view=draft)
TILE = Tile(
    name="mail-drafts", title=gettext_lazy("Drafts to send"), template="web/home/list.html", context=my_drafts, order=12
)
