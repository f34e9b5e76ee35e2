"""Error pages: short, with what to do, and nothing of the inside."""

from __future__ import annotations

import logging
import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from rapport.lib.requests import request_id
from rapport.records.away import RETRY_SECONDS, is_away

logger = logging.getLogger(__name__)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {"status": status, "title": title, "text": text, "request_id": request_id.get()}
    try:
        return HttpResponse(render_to_string("web/error.html", context, request=request), status=status)
    except Exception:
        # The page itself may need what is broken; plain text needs nothing.
        logger.debug("error page failed", exc_info=True)
        lines = [title, text, request_id.get()]
        return HttpResponse(
            "\n\n".join(filter(None, lines)) + "\n", status=status, content_type="text/plain; charset=utf-8"
        )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(request, 400, _("This request can't be understood"), _("Go back, reload the page and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _page(request, 403, _("You may not do this"), _("Ask an administrator for the right to do it."))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token: an old page, or a browser without cookies."""
    text = _("The page was open for too long, or your browser refuses cookies. Reload the page and try again.")
    return _page(request, 403, _("This form is out of date"), text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, also for what the caller may not see."""
    text = _("It may have been deleted, or you may not see it. Check the address, or search for it.")
    return _page(request, 404, _("There is nothing here"), text)


def failed(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After while the database or the disk is away."""
    error = sys.exc_info()[1]
    if is_away(error):
        text = _("The database can't be reached right now. Nothing was lost; try again in a moment.")
        response = _page(request, 503, _("Rapport is away for a moment"), text)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    text = _("The error has been logged. Try again; if it stays, tell an administrator the number below.")
    return _page(request, 500, _("Something went wrong"), text)
