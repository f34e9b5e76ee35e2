"""Pages of the line editor: the panel of a document, the sums while one types, and the form that was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rapport.apps.commerce import editor, lines
from rapport.apps.commerce.editor import Row, Sheet
from rapport.apps.commerce.rows import BLANK, PATTERN, filled
from rapport.lib import sums
from rapport.lib.format import format_money, format_number
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import Page, Panel
from rapport.surfaces.web import toasts
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.record.answers import see_other
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

DOCUMENTS = tuple(lines.OF_DOCUMENT)


def panel(caller: Caller, record: Any) -> Mapping[str, Any] | None:
    """The lines of the document; to be filled in where the caller may."""
    document = record.obj.key
    if not caller.may(catalog.current()[lines.OF_DOCUMENT[document].key], "read"):
        return None
    of = editor.sheet(caller, document, record.id)
    rows, names = editor.stored(caller, of)
    may = of.open and "edit" in record.may
    return {"editor": _editor(caller, of, rows, names, may=may)}


def _editor(
    caller: Caller, of: Sheet, rows: Sequence[Row], names: Mapping[int, str], *, may: bool, errors: Sequence[str] = ()
) -> dict[str, Any]:
    reckoned = editor.cleaned(caller, of, rows, caller.env())
    labels = {str(key): name for key, name in names.items()}
    shown = [_shown(of, row, line, labels) for row, line in zip(rows, reckoned, strict=True)]
    return {
        "document": of.kind.document,
        "version": of.version,
        "may": may,
        "errors": errors,
        "currency": of.home.currency,
        "optional": of.kind.document == "quote",
        "rows": shown,
        "pattern": PATTERN,
        "filled": lambda pattern: filled(pattern, [*shown, {"name": f"l{len(rows)}", "raw": BLANK}]),
        "blank": lambda pattern: filled(pattern, [{"name": "l__i__", "raw": BLANK}]),
        "products_url": reverse("options", args=[catalog.current()["product"].plural]),
        "save_url": reverse("lines", args=[of.kind.document, of.id]),
        "sums_url": reverse("lines-sums", args=[of.kind.document, of.id]),
        "sums": totals(of.home.currency, reckoned),
    }


def _shown(of: Sheet, row: Row, line: sums.Line | None, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": row.name,
        "id": row.id,
        "raw": row.raw,
        "errors": row.errors,
        "label": names.get(row.raw.get("product", ""), ""),
        "net": money(sums.net(line), of.home.currency) if line else "",
        "left_out": bool(line and not line.counts),
    }


def totals(currency: str, rows: Sequence[sums.Line | None]) -> dict[str, Any]:
    """Sums as texts: net, tax by rate, total; what discounts take off and what is optional, where there is any."""
    counted = [line for line in rows if line]
    try:
        made = sums.sums(counted)
        left = sums.sums(line._replace(counts=True) for line in counted if not line.counts)
    except OverflowError:
        return {"total": _("The amount is too large."), "rates": []}
    language = get_language() or "en"
    return {
        "net": money(made.net, currency),
        "discount": money(made.discount, currency) if made.discount else "",
        "rates": [
            {"rate": format_number(r.rate, language), "net": money(r.net, currency), "tax": money(r.tax, currency)}
            for r in made.rates
            if r.rate
        ],
        "total": money(made.total, currency),
        "left": money(left.total, currency) if left.total else "",
    }


def money(amount: int, currency: str) -> str:
    """Minor units as text in the active language, decimals kept."""
    return format_money(amount, currency, get_language() or "en", whole=False)


def _sheet(request: Request, document: str, record_id: int) -> Sheet:
    """The document, for someone who may change its lines. Raises NotFound, Forbidden."""
    of = editor.sheet(request.caller, document, record_id)
    if not visible(request.caller, document).allowed([record_id], "edit"):
        raise Forbidden
    return of


@require_http_methods(["GET", "POST"])
def edit(request: Request, document: str, record_id: int) -> HttpResponse:
    """The editor alone (GET), or all lines as they were sent (POST)."""
    caller, of = request.caller, _sheet(request, document, record_id)
    if request.method == "GET":
        rows, names = editor.stored(caller, of)
        return _page(request, of, _editor(caller, of, rows, names, may=of.open))
    version = int(text) if (text := request.POST.get("version", "")).isdecimal() and len(text) < 10 else -1
    rows = []
    try:
        rows = editor.sent(request.POST)
        editor.save(caller, of, rows, version)
    except Invalid as error:
        of = editor.sheet(caller, document, record_id)
        told = [str(m) for messages in error.errors.values() for m in messages]
        shown = _editor(caller, of, rows, _names(caller, rows), may=of.open, errors=told)
        return _page(request, of, shown, status=error.status)
    toasts.tell(request, _("The lines are saved."))
    return see_other(record_url(document, record_id))


def _names(caller: Caller, rows: Sequence[Row]) -> dict[int, str]:
    keys = (row.raw.get("product", "") for row in rows)
    return visible(caller, "product").labels({int(k) for k in keys if k.isascii() and k.isdigit() and len(k) < 19})


def _page(request: Request, of: Sheet, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    obj = catalog.current()[of.kind.document]
    title = visible(request.caller, obj).labels([of.id])[of.id]
    crumbs = [
        {"label": capfirst(str(obj.label_plural)), "url": reverse("list", args=[obj.plural])},
        {"label": title, "url": record_url(obj.key, of.id)},
        {"label": _("Lines"), "url": ""},
    ]
    return page(request, "commerce/lines_page.html", {"editor": shown, "crumbs": crumbs, "title": title}, status)


@require_POST
def reckon(request: Request, document: str, record_id: int) -> HttpResponse:
    """What the rows come to as they stand, and what a row takes over from the product just chosen in it."""
    caller, of = request.caller, _sheet(request, document, record_id)
    rows = editor.sent(request.POST)
    chosen = next((row for row in rows if row.name == request.POST.get("chosen")), None)
    fill = editor.offered(caller, of, chosen) if chosen else {}
    if chosen:
        chosen.raw |= {name: text for name, text in fill.items() if text}
    reckoned = editor.cleaned(caller, of, rows, caller.env())
    nets = [
        {
            "name": row.name,
            "net": money(sums.net(line), of.home.currency) if line else "",
            "error": " ".join(row.errors),
        }
        for row, line in zip(rows, reckoned, strict=True)
    ]
    context = {"sums": totals(of.home.currency, reckoned), "nets": nets, "fill": fill, "chosen": chosen}
    return render(request, "commerce/lines_sums.html", context)


PANEL = Panel(
    name="lines", objects=DOCUMENTS, template="commerce/lines_panel.html", context=panel, title=gettext_lazy("Lines"),
    place="main", order=10, covers=tuple(lines.KINDS),
)  # fmt: skip
PAGES = (
    Page(name="lines", path="lines/<slug:document>/<int:record_id>/", view=edit),
    Page(name="lines-sums", path="lines/<slug:document>/<int:record_id>/sums/", view=reckon),
)
