"""Files of a record: shown on its page, uploaded to it, downloaded."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from rapport.features.files import storing
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import RecordView
from rapport.registry import catalog
from rapport.surfaces.web import toasts
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.record.objects import record_of
from rapport.surfaces.web.requests import Request


def panel(caller: Caller, view: RecordView) -> dict[str, Any] | None:
    """The files of a record with their older versions, and where to send more; None where there can be none."""
    target = catalog.current()[storing.KEY]
    if view.obj.key == storing.KEY or not caller.may(target, "read"):
        return None
    files = storing.files_of(caller, view.obj.key, view.id)
    for file in files:
        file["url"] = reverse("download", args=[file["id"]])
        for version in file["older"]:
            version["url"] = f"{file['url']}?version={version['revision']}"
    may_add = "edit" in view.may and caller.may(target, "create")
    return {
        "files": [{**file, "page": record_url(storing.KEY, file["id"])} for file in files],
        "upload_url": reverse("upload", args=[view.obj.plural, view.id]) if may_add else None,
    }


@require_POST
def upload(request: Request, plural: str, record_id: int) -> HttpResponse:
    """Keep the files that came; those that can't be kept are told by name."""
    obj, _view = record_of(request.caller, plural, record_id)
    kept = 0
    for sent in request.FILES.getlist("file"):
        try:
            storing.store(request.caller, sent, obj.key, record_id)
            kept += 1
        except Invalid as error:
            text = " ".join(str(t) for texts in error.errors.values() for t in texts)
            toasts.tell(request, f"{sent.name}: {text}", level="error")
    if kept:
        toasts.tell(request, ngettext("%(count)d file added.", "%(count)d files added.", kept) % {"count": kept})
    elif not request.FILES:
        toasts.tell(request, _("Choose a file first."), level="error")
    return see_other(record_url(obj.key, record_id))


@require_http_methods(["GET"])
def download(request: Request, record_id: int) -> HttpResponseBase:
    """The bytes, or those of `?version=`, for whoever may see the record of the file. Raises NotFound."""
    raw = request.GET.get("version", "")
    revision = int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else None
    found = storing.open_file(request.caller, record_id, revision)
    response = FileResponse(found.stream)
    for name, value in found.headers.items():
        response[name] = value
    return response
