"""The page of a record."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.features.files.storing import KEY
from rapport.records.errors import NotFound
from rapport.records.read import RecordView, visible
from rapport.registry.catalog import RegisteredObject
from rapport.registry.types.dates import DateTimeType
from rapport.surfaces.web.record import composing, details, files, heads, related, stream
from rapport.surfaces.web.record.objects import object_of
from rapport.surfaces.web.record.panels import panels
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page


@require_http_methods(["GET"])
def record(request: Request, plural: str, record_id: int) -> HttpResponse:
    """The record; one in the trash with what brings it back."""
    caller = request.caller
    obj = object_of(caller, plural)
    try:
        view = visible(caller, obj).get(record_id)
    except NotFound:
        return _trashed(request, obj, visible(caller, obj).get(record_id, trashed=True))
    filled, blank = details.rows(caller, obj, view)
    context = {
        **heads.context(caller, obj, view),
        "filled": filled,
        "blank": blank,
        "panels": panels(request, view),
        "related": related.related(caller, obj, view),
        "files": files.panel(caller, view),
        "download_url": reverse("download", args=[view.id]) if obj.key == KEY else None,
        "composer": composing.kinds(caller, view),
        **stream.first(caller, view, request.GET.get("show", "")),
    }
    return page(request, "web/record/page.html", context)


def _trashed(request: Request, obj: RegisteredObject, view: RecordView) -> HttpResponse:
    """A record in the trash is shown to whoever could restore it, and to nobody else."""
    if "delete" not in view.may:
        raise NotFound
    filled, _blank = details.rows(request.caller, obj, view)
    rows = [{**row, "edit_url": None} for row in filled]
    context = {"obj": obj, "record": view, "head": heads.head(request.caller, obj, view), "rows": rows}
    context["deleted_at"] = DateTimeType().from_json(view.deleted_at)
    return page(request, "web/record/trashed.html", {**context, "title": _("In the trash")})
