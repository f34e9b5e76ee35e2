"""The page on which a customer accepts or declines a quote: by a secret address, without signing in.

What is kept as proof is the name, the moment, the choice of optional lines, and a digest of what was shown; no address
of the sender.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from rapport.apps.commerce import letterhead, lines, pdf, sheets
from rapport.apps.commerce.filling import filling
from rapport.apps.commerce.models import QuoteStatus
from rapport.features.notifications.telling import Note, tell
from rapport.lib import json, sums
from rapport.lib.format import format_date, format_number
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.read import RecordView, RowView, visible
from rapport.registry.extensions import Notice, Page
from rapport.surfaces.web.shell import shell

DOOR = "link"
TRIES, WINDOW = 30, 600
"""Answers that one address takes within so many seconds."""
ANSWERED = Notice(
    name="quote-answered", label=gettext_lazy("A customer answers a quote"),
    text=gettext_lazy("{record} was answered by its customer"), icon="file-text", tone="green", mail="now",
)  # fmt: skip
_COLUMNS = ("description", "quantity", "unit", "price", "discount", "tax_rate", "optional", "chosen")


@dataclass(frozen=True, slots=True)
class Offer:
    """A quote as its customer sees it."""

    caller: Caller
    view: RecordView
    lines: list[RowView]

    @property
    def expired(self) -> bool:
        """Whether its end has passed."""
        until = self.view.values.get("valid_until")
        over = until is not None and until < self.caller.env().today
        return self.view.values["status"] == QuoteStatus.EXPIRED or (over and self.waits)

    @property
    def waits(self) -> bool:
        """Whether no answer was given yet."""
        return bool(self.view.values["status"] == QuoteStatus.SENT)

    def reckoned(self, chosen: set[int]) -> list[sums.Line]:
        """The lines as they are summed when these optional ones are chosen."""
        found = []
        for row in self.lines:
            line = lines.reckoned(row.values.get)
            found.append(line._replace(counts=not row.values.get("optional") or row.id in chosen))
        return found

    @property
    def chosen(self) -> set[int]:
        """The optional lines that are chosen as it stands."""
        return {row.id for row in self.lines if row.values.get("optional") and row.values.get("chosen")}


def find(token: str) -> Offer:
    """The quote with this secret address. Raises NotFound, also for one that is being worked on again."""
    found = db.row(Sql("SELECT quote_id FROM commerce_quotelink WHERE token = %s", (token[:64],)))
    if found is None:
        raise NotFound
    caller = callers.system(DOOR)
    view = visible(caller, "quote").get(int(found[0]))
    if view.values["status"] == QuoteStatus.DRAFT:
        raise NotFound
    where = {"field": "quote", "op": "is", "value": view.id}
    rows = visible(caller, "quoteline").page(columns=_COLUMNS, filter=where, sort="position", size=500).rows
    return Offer(caller, view, rows)


def answer(token: str, *, name: str, accepted: bool, chosen: set[int]) -> None:
    """Write the customer's answer, once. Raises NotFound, and Invalid without a name, too late or answered before."""
    name = " ".join(name.split())[:150]
    if not name:
        raise Invalid({"name": [_("Give your name.")]})
    with transaction.atomic():
        offer = _locked(token)
        if not offer.waits or offer.expired:
            raise Invalid({"": [_("This quote can't be answered any more.")]})
        picked = {row.id for row in offer.lines if row.values.get("optional")} & chosen if accepted else offer.chosen
        evidence = _evidence(offer, name, picked, accepted)
        turned = picked ^ offer.chosen
        errors = write.update_each(offer.caller, "quoteline", [(key, {"chosen": key in picked}) for key in turned])
        status = QuoteStatus.ACCEPTED if accepted else QuoteStatus.DECLINED
        with filling("quote", answered_by=name, evidence=evidence):
            write.update(offer.caller, "quote", offer.view.id, {"status": status.value})
        _tell_owner(offer, name, accepted)
    if errors:
        raise Invalid(next(iter(errors.values())))


def _tell_owner(offer: Offer, name: str, accepted: bool) -> None:
    owner = callers.of_user(offer.view.values.get("owner") or 0)
    if owner is None or owner.user_id is None:
        return
    with translation.override(owner.language):
        text = (_("Accepted by %(name)s") if accepted else _("Declined by %(name)s")) % {"name": name}
    key = f"{ANSWERED.name}:{offer.view.id}:{offer.view.version}"
    tell([Note(user_id=owner.user_id, kind=ANSWERED.name, key=key, object_key="quote", record_id=offer.view.id,
               detail={"text": text})])  # fmt: skip


def _locked(token: str) -> Offer:
    offer = find(token)
    if connection.vendor == "postgresql":
        db.row(Sql("SELECT id FROM commerce_quote WHERE id = %s FOR UPDATE", (offer.view.id,)))
        offer = find(token)
    return offer


def _evidence(offer: Offer, name: str, chosen: set[int], accepted: bool) -> dict[str, Any]:
    made = sums.sums(offer.reckoned(chosen))
    shown = [[row.id, *(str(row.values.get(n)) for n in _COLUMNS[:7])] for row in offer.lines]
    content = json.dumps([offer.view.title, offer.view.values["currency"], offer.view.values.get("note"), shown])
    return {
        "accepted": accepted,
        "name": name,
        "at": offer.caller.env().now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "chosen": sorted(chosen),
        "total": made.total,
        "currency": offer.view.values["currency"],
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
    }


# -- pages -------------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The quote; a POST answers it. A GET changes nothing."""
    offer = find(token)
    with translation.override(pdf.language_of(offer.caller, offer.view)):
        if request.method == "GET":
            return _page(request, token, offer, offer.chosen)
        chosen = _chosen(request.POST.getlist("chosen"))
        if not _within_limit(token):
            return _page(request, token, offer, chosen, {"": [_("Too many tries. Wait ten minutes.")]}, 429)
        try:
            accepted = request.POST.get("act") == "accept"
            answer(token, name=request.POST.get("name", ""), accepted=accepted, chosen=chosen)
        except Invalid as error:
            return _page(request, token, find(token), chosen, error.errors, 422)
        response = HttpResponse(status=303)
        response.headers["Location"] = reverse("quote-accept", args=[token])
        return response


@never_cache
@require_GET
def reckon(request: HttpRequest, token: str) -> HttpResponse:
    """The sums with the optional lines that are chosen."""
    offer = find(token)
    with translation.override(pdf.language_of(offer.caller, offer.view)):
        made = offer.reckoned(_chosen(request.GET.getlist("chosen")))
        context = {"sums": sheets.totals(str(offer.view.values["currency"]), made), "nets": (), "fill": {}}
        return render(request, "commerce/lines_sums.html", context)


@never_cache
@require_GET
def download(request: HttpRequest, token: str) -> HttpResponse:
    """The quote as PDF."""
    offer = find(token)
    return pdf.answer(*pdf.render(offer.caller, "quote", offer.view.id))


def _chosen(raw: list[str]) -> set[int]:
    return {int(text) for text in raw[:500] if text.isascii() and text.isdigit() and len(text) < 19}


def _within_limit(token: str) -> bool:
    key = f"quote-answers:{hashlib.sha256(token.encode()).hexdigest()[:32]}"
    cache.add(key, 0, WINDOW)
    try:
        return bool(cache.incr(key) <= TRIES)
    except ValueError:  # it ran out in this moment
        return True


def _page(
    request: HttpRequest, token: str, offer: Offer, chosen: set[int],
    errors: Mapping[str, list[Any]] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    values, language = offer.view.values, translation.get_language() or "en"
    zone, until = offer.caller.env().zone, values.get("valid_until")
    context = {
        "shell": {**shell(request), "brand": letterhead.read().name or "Rapport", "lang": language},
        "number": offer.view.title,
        "whom": [str(offer.view.labels[n]) for n in ("company", "person") if offer.view.labels.get(n)],
        "note": values.get("note") or "",
        "until": format_date(until, language, zone) if until else "",
        "open": offer.waits and not offer.expired,
        "expired": offer.expired,
        "status": values["status"],
        "answered": {"by": values.get("answered_by"), "at": values.get("answered_at")},
        "rows": [_row(offer, row, line, chosen) for row, line in zip(offer.lines, offer.reckoned(chosen), strict=True)],
        "sums": sheets.totals(str(values["currency"]), offer.reckoned(chosen)),
        "errors": [str(m) for name, texts in (errors or {}).items() if name != "name" for m in texts],
        "name_errors": [str(m) for m in (errors or {}).get("name", ())],
        "name": request.POST.get("name", "")[:150],
        "sums_url": reverse("quote-accept-sums", args=[token]),
        "pdf_url": reverse("quote-accept-pdf", args=[token]),
    }
    response = render(request, "commerce/accept.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _row(offer: Offer, row: RowView, line: sums.Line, chosen: set[int]) -> dict[str, Any]:
    language, currency = translation.get_language() or "en", str(offer.view.values["currency"])
    amount = format_number(line.quantity.normalize(), language)
    each = sheets.money(line.each, currency)
    discount = pgettext("discount", "−%(rate)s %%") % {"rate": format_number(line.discount.normalize(), language)}
    return {
        "id": row.id,
        "what": row.title,
        "detail": " · ".join(
            [f"{amount} {row.values.get('unit') or ''} × {each}", *([discount] if line.discount else [])]
        ),
        "net": sheets.money(sums.net(line), currency),
        "optional": bool(row.values.get("optional")),
        "chosen": row.id in chosen,
    }


PAGES = (
    Page(name="quote-accept", path="quotes/accept/<slug:token>/", view=accept, open=True),
    Page(name="quote-accept-sums", path="quotes/accept/<slug:token>/sums/", view=reckon, open=True),
    Page(name="quote-accept-pdf", path="quotes/accept/<slug:token>/pdf/", view=download, open=True),
)
