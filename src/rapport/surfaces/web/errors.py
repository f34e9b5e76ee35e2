"""What the doors refuse, as an answer: a page, or for htmx a short text that becomes a toast."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.records.accounts import audit
from rapport.records.errors import Forbidden, Invalid, Merged, NotFound, RecordsError
from rapport.registry import catalog
from rapport.surfaces.web.toasts import ascii_json

TITLES = {
    403: gettext_lazy("You may not do this"),
    404: gettext_lazy("There is nothing here"),
    409: gettext_lazy("Someone else was faster"),
}

TOLD_BY_SCRIPTS = frozenset({401, 403, 404, 405, 410, 429})
"""Statuses for which `requests.js` shows a toast of its own."""


def refused(request: HttpRequest, error: RecordsError) -> HttpResponse:
    """The answer to a refusal, with its status. A refusal for lack of rights is in the audit log."""
    if isinstance(error, Forbidden):
        caller = getattr(request, "caller", None)
        audit.record("refusal", caller=caller, subject=f"{request.method} {request.path}")
    if isinstance(error, Merged) and request.method == "GET":
        return redirect("record", catalog.current()[error.object_key].plural, error.survivor)
    text = str(error) if isinstance(error, Invalid) else str(error.message)
    if request.headers.get("HX-Request") and not isinstance(error, NotFound):
        response = render(request, "web/refused.html", {"text": text, "error": error}, status=error.status)
        # What was to be replaced stays; the scripts tell of 401, 403 and the like by themselves.
        response.headers["HX-Reswap"] = "none"
        if error.status not in TOLD_BY_SCRIPTS:
            response.headers["HX-Trigger"] = ascii_json({"toast": {"text": text, "level": "error"}})
        return response
    title = TITLES.get(error.status, _("That did not work"))
    return render(
        request, "web/error.html", {"status": error.status, "title": title, "text": text}, status=error.status
    )
