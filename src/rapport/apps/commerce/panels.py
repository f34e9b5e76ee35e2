"""Panels: the document to send, the products of a deal, the purchases of a customer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rapport.apps.commerce import editor, lines, purchases, quotes
from rapport.lib import sums
from rapport.lib.format import format_date, format_money, format_number
from rapport.lib.money import Money
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import Page, Panel
from rapport.surfaces.web import toasts
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.requests import Request


def document(caller: Caller, record: Any) -> Mapping[str, Any]:
    """The PDF; of a quote that was sent also the address for its customer, and the proof of the answer."""
    link = ""
    if record.obj.key == "quote" and record.values.get("sent_at") and (token := quotes.token_of(record.id)):
        link = f"{settings.BASE_URL}{reverse('quote-accept', args=[token])}"
    return {
        "pdf_url": reverse("document-pdf", args=[record.obj.key, record.id]),
        "link": link if record.values.get("status") != "draft" else "",
        "proof": record.values.get("evidence"),
    }


def deal(caller: Caller, record: Any) -> Mapping[str, Any] | None:
    """What can be made of a deal's products."""
    if not caller.may(catalog.current()["quote"], "create"):
        return None
    return {
        "quote_url": reverse("deal-quote", args=[record.id]),
        "amount_url": reverse("deal-amount", args=[record.id]) if "edit" in record.may else "",
    }


def bought(caller: Caller, record: Any) -> Mapping[str, Any] | None:
    """Sum, count, first, last and frequency of the orders of a person or company, by currency."""
    obj = catalog.current()["order"]
    needed = {record.obj.key, "total", "ordered_on", "status"}
    if not caller.may(obj, "read") or not needed <= visible(caller, obj).fields.keys():
        return None
    language, zone = get_language() or "en", caller.env().zone
    found = purchases.of(caller, record.obj.key, record.id)
    if not found:
        return None
    rows = []
    for made in found:
        days = made.days_between
        rows.append(
            {
                "total": format_money(made.total, made.currency, language, whole=False),
                "count": made.count,
                "first": format_date(made.first, language, zone) if made.first else "",
                "last": format_date(made.last, language, zone) if made.last else "",
                "every": format_number(days, language, 0) if days is not None else "",
            }
        )
    return {"rows": rows}


@require_POST
def quote_of_deal(request: Request, record_id: int) -> HttpResponse:
    """Make a quote of a deal and show it. Raises NotFound, Forbidden."""
    try:
        made = quotes.from_deal(request.caller, record_id)
    except Invalid as error:
        toasts.tell(request, str(error), level="error")
        return see_other(record_url("deal", record_id))
    toasts.tell(request, _("The quote is made."))
    return see_other(record_url("quote", made))


@require_POST
def amount_of_deal(request: Request, record_id: int) -> HttpResponse:
    """Take the net of a deal's products over as its amount. Raises NotFound, Forbidden."""
    of = editor.sheet(request.caller, "deal", record_id)
    if not visible(request.caller, "deal").allowed([record_id], "edit"):
        raise Forbidden
    try:
        made = sums.sums(lines.of_documents(of.kind, [record_id]).get(record_id, ()))
    except OverflowError as error:
        raise Invalid({"amount": [_("The amount is too large.")]}) from error
    write.update(request.caller, "deal", record_id, {"amount": Money(made.net, of.home.currency)})
    toasts.tell(request, _("The amount follows from the products now."))
    return see_other(record_url("deal", record_id))


PANELS = (
    Panel(
        name="document", objects=("quote", "order", "invoice"), template="commerce/document.html", context=document,
        title=gettext_lazy("Document"), order=5,
    ),
    Panel(
        name="deal-products", objects=("deal",), template="commerce/deal.html", context=deal,
        title=gettext_lazy("From its products"), order=60,
    ),
    Panel(
        name="purchases", objects=("person", "company"), template="commerce/purchases.html", context=bought,
        title=gettext_lazy("Purchases"), order=20,
    ),
)  # fmt: skip
PAGES = (
    Page(name="deal-quote", path="deals/<int:record_id>/quote/", view=quote_of_deal),
    Page(name="deal-amount", path="deals/<int:record_id>/amount/", view=amount_of_deal),
)
