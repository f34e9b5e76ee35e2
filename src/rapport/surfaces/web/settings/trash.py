"""The trash: what was deleted, to restore it or to delete it for good."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from rapport.records import write
from rapport.records.accounts import audit
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, NotFound
from rapport.records.jobs.queue import enqueue
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act
from rapport.surfaces.web.shell import page

SIZE, MOST = 100, 1000


@require_safe
def trash(request: Request) -> HttpResponse:
    """Deleted records that the caller could delete, object by object."""
    caller: Caller = request.caller
    present = [(o, rows) for o in _objects(caller) if (rows := visible(caller, o).trash(size=1))]
    chosen = request.GET.get("object", "")
    obj = next((o for o, _rows in present if o.key == chosen), present[0][0] if present else None)
    size = min(MOST, SIZE * max(1, _number(request.GET.get("part", "1"))))
    rows = visible(caller, obj).trash(size=size + 1) if obj else []
    context = {
        "admin": caller.is_admin,
        "tabs": [
            {"label": capfirst(str(o.label_plural)), "url": f"?object={o.key}", "icon": o.spec.icon, "active": o is obj}
            for o, _rows in present
        ],
        "object": obj,
        "rows": [{"id": r[0], "title": r[1], "at": r[2]} for r in rows[:size]],
        "next_url": f"?object={obj.key}&part={size // SIZE + 1}" if obj and size < len(rows) and size < MOST else "",
    }
    return page(request, "web/settings/trash.html", context)


def _objects(caller: Caller) -> list[RegisteredObject]:
    return [o for o in catalog.current().objects.values() if caller.may(o, "delete") or o.spec.parent or o.spec.scope]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1


def _chosen(request: Request) -> tuple[str, list[int]]:
    """The object's key and the records ticked."""
    key = request.POST.get("object", "")
    if key not in catalog.current().objects:
        raise NotFound
    return key, [int(i) for i in request.POST.getlist("ids") if i.isascii() and i.isdigit() and len(i) < 19]


def _back(key: str) -> HttpResponseRedirect:
    response = HttpResponseRedirect(f"{reverse('trash')}?object={key}")
    response.status_code = 303
    return response


@require_POST
def restore(request: Request) -> HttpResponse:
    """Bring the ticked records back."""
    key, ids = _chosen(request)
    text = ngettext("%(count)d record is back.", "%(count)d records are back.", len(ids)) % {"count": len(ids)}
    act(request, lambda: write.restore(request.caller, key, ids), text if ids else _("Tick records first."))
    return _back(key)


@require_POST
def delete(request: Request) -> HttpResponse:
    """Delete the ticked records for good; for administrators."""
    key, ids = _chosen(request)
    if not request.caller.is_admin:
        raise Forbidden
    gone = write.purge(key, ids=ids, limit=len(ids)) if ids else 0
    audit.record("deleted for good", caller=request.caller, subject=key, detail={"records": gone})
    text = ngettext("%(count)d record is deleted for good.", "%(count)d records are deleted for good.", gone)
    toasts.tell(request, text % {"count": gone})
    return _back(key)


@require_POST
def empty(request: Request) -> HttpResponse:
    """Delete everything in the trash for good, in the background; for administrators."""
    if not request.caller.is_admin:
        raise Forbidden
    audit.record("trash emptied", caller=request.caller)
    enqueue("empty-trash", key="empty-trash", user_id=request.caller.user_id)
    toasts.tell(request, _("The trash is being emptied."))
    return HttpResponseRedirect(reverse("jobs"))
