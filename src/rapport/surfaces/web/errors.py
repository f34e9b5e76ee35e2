"""What the doors refuse, as an answer: a page, or for htmx a short text that becomes a toast."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.records.errors import Invalid, NotFound, RecordsError

TITLES = {
    403: gettext_lazy("You may not do this"),
    404: gettext_lazy("There is nothing here"),
    409: gettext_lazy("Someone else was faster"),
}


def refused(request: HttpRequest, error: RecordsError) -> HttpResponse:
    """The answer to a refusal, with its status."""
    text = str(error) if isinstance(error, Invalid) else str(error.message)
    if request.headers.get("HX-Request") and not isinstance(error, NotFound):
        return render(request, "web/refused.html", {"text": text, "error": error}, status=error.status)
    title = TITLES.get(error.status, _("That did not work"))
    return render(
        request, "web/error.html", {"status": error.status, "title": title, "text": text}, status=error.status
    )
