"""The page of exchange rates."""

from __future__ import annotations

import datetime as dt
import io

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.features.rates import keeping
from rapport.lib.money import currencies as codes
from rapport.records.errors import Invalid
from rapport.surfaces.web import toasts
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.settings.answers import act, crumbs, onward
from rapport.surfaces.web.settings.choices import currency_list
from rapport.surfaces.web.shell import page

LARGEST = 4_000_000
"""Bytes of a file of rates: the European Central Bank's of all days has under one million."""


@require_http_methods(["GET", "POST"])
def currencies(request: Request) -> HttpResponse:
    """The newest rate of each currency; a POST keeps one, reads a file, or removes a currency."""
    if request.method == "POST":
        return _change(request)
    context = {
        "rates": keeping.newest(request.caller),
        "own": request.caller.currency,
        "currencies": [{"value": c, "label": label} for c, label in currency_list() if c != request.caller.currency],
        "today": timezone.localdate().isoformat(),
        "crumbs": crumbs((_("Exchange rates"), "")),
    }
    return page(request, "web/settings/currencies.html", context)


def _change(request: Request) -> HttpResponse:
    caller, posted = request.caller, request.POST
    match posted.get("act"):
        case "keep":
            code, rate = posted.get("currency", ""), posted.get("rate", "")
            act(request, lambda: keeping.keep(caller, code, _day(posted.get("day", "")), rate), _("The rate is kept."))
        case "file":
            act(request, lambda: _read(request), _("The rates of the file are kept."))
        case "remove" if posted.get("currency") in codes():
            act(request, lambda: keeping.forget(caller, posted["currency"]), _("The rates are removed."))
        case _:
            toasts.tell(request, _("Choose what to do."), level="error")
    return onward("settings-currencies")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise Invalid({"day": [_("Give the day from which the rate holds.")]}) from error


def _read(request: Request) -> None:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid({"file": [_("Choose a file.")]})
    if (file.size or 0) > LARGEST:
        raise Invalid({"file": [_("The file is larger than 4 MB.")]})
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid({"file": [_("This is no CSV file. Unpack it first if it is a ZIP file.")]}) from error
    keeping.read_file(request.caller, io.StringIO(text))
