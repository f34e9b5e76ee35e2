"""Lines of documents: what they take over from their product, what they come to, and the sums of their document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rapport.apps.commerce.pricing import Prices, items
from rapport.lib import sums
from rapport.lib.money import Money
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.errors import Invalid
from rapport.records.write import Batch, Entry

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Lines of one kind of document.

    `open` are the statuses in which they may be changed, `choosing` those in which optional ones may still be chosen.
    `columns` gives status, currency, price list and amount without lines of a document."""

    key: str
    document: str
    table: str
    columns: str
    open: tuple[str, ...] = ()
    choosing: tuple[str, ...] = ()
    summed: bool = True


KINDS = {
    kind.key: kind
    for kind in (
        Kind(
            key="quoteline", document="quote", table="commerce_quote", columns="status, currency, price_list_id, NULL",
            open=("draft",), choosing=("sent",),
        ),
        Kind(
            key="orderline", document="order", table="commerce_order",
            columns="status, currency, price_list_id, amount",
            open=("new", "confirmed"),
        ),
        Kind(key="invoiceline", document="invoice", table="commerce_invoice", columns="status, currency, NULL, NULL",
             open=("draft",)),
        Kind(key="dealline", document="deal", table="sales_deal", columns="'', amount_currency, NULL, NULL", open=("",),
             summed=False),
    )
}  # fmt: skip
OF_DOCUMENT = {kind.document: kind for kind in KINDS.values()}


@dataclass(frozen=True, slots=True)
class Home:
    """The document that lines belong to."""

    status: str
    currency: str
    price_list: int | None
    amount: int | None


def homes(kind: Kind, ids: Iterable[int], currency: str) -> dict[int, Home]:
    """Documents by key; `currency` is that of documents that have none yet."""
    found: dict[int, Home] = {}
    for part in db.chunks(sorted(set(ids))):
        text = f'SELECT id, {kind.columns} FROM "{kind.table}" WHERE id IN ({db.marks(part)})'
        for key, status, code, price_list, amount in db.rows(Sql(text, tuple(part))):
            found[key] = Home(status, code or currency, price_list, amount)
    return found


def targets(batch: Batch, reference: str) -> list[int]:
    """What the records of a batch refer to, before and after."""
    keys = {e.get(reference) for e in batch.entries} | {e.before.get(reference) for e in batch.entries}
    return sorted(key for key in keys if key is not None)


def prepare(batch: Batch) -> None:
    """Place, description, price and tax where none were given; the net; refuses lines of documents that are closed."""
    kind = KINDS[batch.obj.key]
    found = homes(kind, targets(batch, kind.document), batch.env.currency)
    if batch.action == "create":
        _place(batch, kind)
    _take_over(batch, kind, found)
    for entry in batch.entries:
        if (home := found.get(entry.get(kind.document))) is None:
            continue
        was = found.get(entry.before.get(kind.document) or 0, home)
        _check_open(kind, entry, (home, was))
        price = entry.get("price")
        if price is not None and price.currency != home.currency:
            entry.refuse("price", _("This document is in %(currency)s.") % {"currency": home.currency})
        try:
            entry.values["net"] = Money(sums.net(reckoned(entry.get)), home.currency)
        except OverflowError:
            entry.refuse("quantity", _("The amount is too large."))


def reckoned(get: Any) -> sums.Line:
    """A line as it is summed; `get` gives its values by name."""
    price = get("price")
    return sums.Line(
        _or(get("quantity"), ZERO), price.amount if price else 0, _or(get("discount"), ZERO),
        _or(get("tax_rate"), ZERO), not get("optional") or bool(get("chosen")),
    )  # fmt: skip


def _or(value: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if value is None else value


def _check_open(kind: Kind, entry: Entry, around: Iterable[Home]) -> None:
    changed = {name for name in entry.values if entry.changes(name)} - {"net"}
    for home in around:
        if home.status in kind.open or (home.status in kind.choosing and entry.before and changed <= {"chosen"}):
            continue
        if changed:
            entry.refuse("", _("The lines can't be changed any more: %(status)s.") % {"status": home.status})
            return


def _place(batch: Batch, kind: Kind) -> None:
    """New lines go to the end."""
    blank = [e for e in batch.entries if e.get("position") is None and e.get(kind.document)]
    last: dict[int, int] = {}
    for part in db.chunks(sorted({e.get(kind.document) for e in blank})):
        column = f"{kind.document}_id"
        text = (
            f'SELECT {column}, MAX(position) FROM "{batch.obj.table}" WHERE {column} IN ({db.marks(part)}) '
            f"AND deleted_at IS NULL GROUP BY {column}"
        )
        last.update({key: top or 0 for key, top in db.rows(Sql(text, tuple(part)))})
    for entry in blank:
        key = entry.get(kind.document)
        last[key] = entry.values["position"] = last.get(key, 0) + 1


def _take_over(batch: Batch, kind: Kind, found: Mapping[int, Home]) -> None:
    """From the product what was not given beside it."""
    fresh = [e for e in batch.entries if e.get("product") and e.changes("product")]
    if not fresh:
        return
    known = items(e.get("product") for e in fresh)
    day: dt.date = batch.env.today
    prices = Prices(known, {home.currency for home in found.values()}, day)
    for entry in fresh:
        item, home = known.get(entry.get("product")), found.get(entry.get(kind.document))
        if item is None or home is None:
            continue
        price = prices.of(entry.get("product"), home.currency, home.price_list, _or(entry.get("quantity"), Decimal(1)))
        offered = {"description": item.name, "unit": item.unit, "tax_rate": item.tax_rate, "price": price}
        for name, value in offered.items():
            if value is not None and entry.values.get(name) in (None, ""):
                entry.values[name] = value


def effects(batch: Batch) -> None:
    """The sums of the documents whose lines came, changed or went.

    Raises Invalid for lines of a closed document, but not for the system itself, which removes the demo.
    """
    kind = KINDS[batch.obj.key]
    ids = targets(batch, kind.document)
    if batch.action in {"delete", "restore"} and batch.caller.user_id is not None:
        closed = [h for h in homes(kind, ids, batch.env.currency).values() if h.status not in kind.open]
        if closed:
            raise Invalid({"": [_("The lines can't be changed any more: %(status)s.") % {"status": closed[0].status}]})
    if kind.summed:
        refresh(kind, ids, batch.env.currency)


def refresh(kind: Kind, ids: Iterable[int], currency: str) -> None:
    """Reckon documents anew from their lines. Raises Invalid when the sum is too large."""
    found = homes(kind, ids, currency)
    lines = of_documents(kind, found)
    results: dict[str, dict[int, Money]] = {"net": {}, "tax": {}, "total": {}}
    try:
        for key, home in found.items():
            alone = (sums.Line(Decimal(1), home.amount),) if home.amount is not None else ()
            made = sums.sums(lines.get(key, alone))
            for name, values in results.items():
                values[key] = Money(getattr(made, name), home.currency)
    except OverflowError as error:
        raise Invalid({"": [_("The amount is too large.")]}) from error
    for name, values in results.items():
        write.derive(kind.document, name, values)
    marks = db.marks(found)
    db.execute(Sql(f'UPDATE "{kind.table}" SET lines_version = lines_version + 1 WHERE id IN ({marks})', tuple(found)))


def of_documents(kind: Kind, ids: Iterable[int]) -> dict[int, list[sums.Line]]:
    """The live lines of documents, as they are summed."""
    found: dict[int, list[sums.Line]] = {}
    for part in db.chunks(sorted(ids)):
        text = (
            f"SELECT {kind.document}_id, quantity, price, discount, tax_rate, optional, chosen "
            f'FROM "commerce_{kind.key}" WHERE {kind.document}_id IN ({db.marks(part)}) AND deleted_at IS NULL'
        )
        for key, quantity, price, discount, rate, optional, chosen in db.rows(Sql(text, tuple(part))):
            numbers = (Decimal(str(n or 0)) for n in (quantity, discount, rate))
            amount, less, taxed = numbers
            found.setdefault(key, []).append(
                sums.Line(round(amount, 3), price or 0, round(less, 3), round(taxed, 3), not optional or bool(chosen))
            )
    return found
