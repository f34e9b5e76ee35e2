"""The beginning of an import: choose a file."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.features.transfer import drafts
from rapport.features.transfer.formats import FORMATS
from rapport.features.transfer.models import ImportDraft
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.registry import catalog
from rapport.surfaces.web.importing.reach import runs_of
from rapport.surfaces.web.importing.running import listed
from rapport.surfaces.web.importing.texts import sentences
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page


@require_http_methods(["GET", "POST"])
def upload(request: Request, plural: str) -> HttpResponse:
    """Ask for a file (GET); keep it, and show how it was understood (POST)."""
    caller, obj = request.caller, catalog.current().by_plural.get(plural)
    if obj is None:
        raise NotFound
    if not caller.may(obj, "create"):
        raise Forbidden
    errors: list[str] = []
    if request.method == "POST":
        sent = request.FILES.get("file")
        if sent is None:
            errors = [_("Choose a file first.")]
        else:
            try:
                draft = drafts.make(caller, obj.key, sent)
            except Invalid as error:
                errors = sentences(error)
            else:
                return redirect("import-draft", draft.pk)
    label = capfirst(str(obj.label_plural))
    begun = ImportDraft.objects.filter(user_id=caller.user_id, object_key=obj.key).order_by("-id")[:5]
    context = {
        "title": _("Import %(objects)s") % {"objects": obj.label_plural},
        "crumbs": [{"label": label, "url": reverse("list", args=[plural])}, {"label": _("Import")}],
        "formats": [str(known.label) for known in FORMATS.values()],
        "address": request.path,
        "errors": errors,
        "drafts": [{"name": d.name, "at": d.created_at, "url": reverse("import-draft", args=[d.pk])} for d in begun],
        "runs": listed(runs_of(caller).filter(object_key=obj.key)[:5]),
    }
    return page(request, "web/importing/upload.html", context, status=422 if errors else 200)
