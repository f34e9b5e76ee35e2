"""Quotes, order confirmations, invoices and credit notes as PDF, in the language of whoever receives them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from rapport.apps.commerce import documents, letterhead, lines, typesetting
from rapport.apps.commerce.letterhead import Letterhead
from rapport.features.files.names import safe_name
from rapport.lib import sums
from rapport.lib.format import format_date, format_money, format_number, locale_of
from rapport.records.accounts import directory
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.records.read import RecordView, visible
from rapport.registry.extensions import Page
from rapport.surfaces.web.requests import Request

DOCUMENTS = ("quote", "order", "invoice")
LETTER = frozenset({"US", "CA", "MX", "CL", "CO", "PH"})
"""Countries whose paper is not A4."""


def render(caller: Caller, document: str, record_id: int) -> tuple[bytes, str]:
    """The bytes of the PDF and a name for its file. Raises NotFound."""
    if document not in DOCUMENTS:
        raise NotFound
    view = visible(caller, document).get(record_id)
    head = letterhead.read()
    with translation.override(language_of(caller, view)):
        data = contents(caller, view, head)
    files = {}
    if head.logo:
        data["logo"] = f"/logo.{head.kind}"
        files[data["logo"][1:]] = head.logo
    return typesetting.pdf("document.typ", data, files), safe_name(f"{data['title']} {data['number']}.pdf")


def language_of(caller: Caller, view: RecordView) -> str:
    """The language of the person whom the document is for, if Rapport speaks it; else the organisation's."""
    known = {code.lower() for code, _name in settings.LANGUAGES}
    person = view.values.get("person")
    wanted = ""
    if person and (found := visible(caller, "person").page(columns=("language",), ids=[person]).rows):
        wanted = str(found[0].values.get("language") or "")
    organisation = directory.organisation()
    own = organisation.language if organisation else ""
    tried = (wanted.lower().replace("_", "-"), wanted[:2].lower(), own.lower(), own[:2].lower())
    return next((code for code in tried if code in known), settings.LANGUAGE_CODE)


def contents(caller: Caller, view: RecordView, head: Letterhead) -> dict[str, Any]:
    """All that the template sets, as texts in the active language."""
    key, values = view.obj.key, view.values
    language = translation.get_language() or "en"
    rows = documents.lines_of(caller, key, view.id)
    made = sums.sums([lines.reckoned(row.get) for row in rows] or [_alone(values)])
    currency = str(values["currency"])

    def money(amount: int) -> str:
        return format_money(amount, currency, language, whole=False)

    taxed = [
        (
            _("Tax %(rate)s %% on %(net)s") % {"rate": format_number(r.rate, language), "net": money(r.net)},
            money(r.tax),
        )
        for r in made.rates
        if r.rate
    ]
    return {
        "title": _title(view),
        "number": view.title,
        "lang": locale_of(language).language,
        "paper": "us-letter" if caller.country in LETTER else "a4",
        "logo": "",
        "sender": _sender(head),
        "recipient": _recipient(caller, view),
        "facts": _facts(caller, view, language),
        "words": {"page": _("Page"), "columns": _columns()},
        "lines": [_line(place, row, currency, language) for place, row in enumerate(rows, 1)],
        "sums": [(_("Net"), money(made.net)), *taxed],
        "total": (_("Total"), money(made.total)),
        "paragraphs": [part.split("\n") for part in str(values.get("note") or "").split("\n\n") if part.strip()],
    }


def _alone(values: dict[str, Any]) -> sums.Line:
    total = values.get("total")
    return sums.Line(Decimal(1), total.amount if total else 0)


def _title(view: RecordView) -> str:
    if view.values.get("kind") == "credit":
        return _("Credit note")
    return {"quote": _("Quote"), "order": _("Order confirmation"), "invoice": _("Invoice")}[view.obj.key]


def _columns() -> list[str]:
    return [
        pgettext("place in a list", "No."), _("Description"), _("Quantity"), _("Unit price"), _("Discount"), _("Tax"),
        _("Net"),
    ]  # fmt: skip


def _sender(head: Letterhead) -> dict[str, Any]:
    tax = [_("Tax number: %(number)s") % {"number": head.tax_id}] if head.tax_id else []
    return {
        "name": head.name,
        "line": " · ".join([head.name, *_texts(head.address)]),
        "foot": [
            [head.name, *_texts(head.address)],
            [*_texts(head.contact), *tax],
            [*_texts(head.bank), *_texts(head.footer)],
        ],
    }


def _texts(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _recipient(caller: Caller, view: RecordView) -> list[str]:
    """Company, person and address, as far as the caller may see them; the company's address before the person's."""
    found = [str(view.labels[n]) for n in ("company", "person") if view.labels.get(n)]
    for key, column in (("company", "address"), ("person", "addresses")):
        record = view.values.get(key)
        if not record:
            continue
        rows = visible(caller, key).page(columns=(column,), ids=[record]).rows
        value = rows[0].values.get(column) if rows else None
        first = value[0] if isinstance(value, (tuple, list)) and value else value
        if isinstance(first, dict) and first:
            town = " ".join(filter(None, (first.get("postcode"), first.get("city"))))
            country = first.get("country") if first.get("country") != caller.country else ""
            return [*found, *filter(None, (first.get("street"), first.get("extra"), town, country))]
    return found


def _facts(caller: Caller, view: RecordView, language: str) -> list[tuple[str, str]]:
    zone, values = caller.env().zone, view.values
    days = {
        "quote": ((_("Date"), values.get("sent_at") or values["created_at"]), (_("Valid until"), "valid_until")),
        "order": ((_("Ordered"), "ordered_on"),),
        "invoice": ((_("Issued"), "issued_on"), (_("Due"), "due_on")),
    }[view.obj.key]
    found = []
    for label, day in days:
        value = values.get(day) if isinstance(day, str) else day
        if value is not None:
            found.append((label, format_date(value, language, zone)))
    for label, name in ((_("Your contact"), "owner"), (_("Order"), "order"), (_("Quote"), "quote")):
        if view.labels.get(name):
            found.append((label, str(view.labels[name])))
    if view.labels.get("credits"):
        found.append((_("Cancels"), str(view.labels["credits"])))
    return found


def _line(place: int, row: dict[str, Any], currency: str, language: str) -> dict[str, Any]:
    line = lines.reckoned(row.get)
    net = format_money(sums.net(line), currency, language, whole=False)
    optional = bool(row["optional"])
    hint = (_("optional, chosen") if row["chosen"] else _("optional, not in the sum")) if optional else ""
    amount = format_number(line.quantity.normalize(), language)
    return {
        "place": str(place),
        "what": row["description"],
        "hint": hint,
        "quantity": f"{amount} {row['unit']}".strip(),
        "price": format_money(line.each, currency, language, whole=False),
        "discount": f"{format_number(line.discount.normalize(), language)} %" if line.discount else "",
        "tax": f"{format_number(line.tax.normalize(), language)} %" if line.tax else "",
        "net": net if line.counts else f"({net})",
    }


def answer(made: bytes, name: str) -> HttpResponse:
    """The PDF as a download."""
    response = HttpResponse(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_GET
def download(request: Request, document: str, record_id: int) -> HttpResponse:
    """The PDF of a document that the caller may see. Raises NotFound."""
    return answer(*render(request.caller, document, record_id))


PAGE = Page(name="document-pdf", path="documents/<slug:document>/<int:record_id>/pdf/", view=download)
