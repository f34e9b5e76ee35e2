"""What quotes, orders and invoices have in common: number, currency, sums of a new one, and copies of lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from rapport.apps.commerce import lines
from rapport.lib.money import Money
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.records.write import Batch, Entry

CARRIED = (
    "position", "product", "description", "quantity", "unit", "price", "discount", "tax_rate", "optional", "chosen",
)  # fmt: skip
"""Fields of a line that a copy takes along."""
WHOM = ("company", "person", "deal", "currency", "owner", "team")


def start(batch: Batch) -> None:
    """Currency and sums of new documents; a document with lines keeps its currency."""
    for entry in batch.entries:
        if not entry.get("currency"):
            entry.values["currency"] = _currency(entry, batch.env.currency)
        if not entry.before:
            amount = entry.get("amount")
            nothing = Money(0, entry.get("currency"))
            entry.values |= {"net": amount or nothing, "tax": nothing, "total": amount or nothing}
    turned = [e for e in batch.entries if e.before and e.changes("currency")]
    with_lines = having_lines(batch.obj.key, [e.id for e in turned])
    for entry in turned:
        if entry.id in with_lines:
            entry.refuse("currency", _("Remove the lines first: their prices are in another currency."))
        else:
            values = {n: entry.get(n) for n in ("net", "tax", "total")}
            entry.values |= {n: Money(v.amount if v else 0, entry.get("currency")) for n, v in values.items()}


def _currency(entry: Entry, otherwise: str) -> str:
    amount = entry.get("amount")
    if amount is not None:
        return str(amount.currency)
    if entry.get("price_list"):
        found = db.row(Sql("SELECT currency FROM commerce_pricelist WHERE id = %s", (entry.get("price_list"),)))
        if found and found[0]:
            return str(found[0])
    return otherwise


def having_lines(key: str, ids: list[int]) -> set[int]:
    """Those of the documents that have lines."""
    found: set[int] = set()
    kind = lines.OF_DOCUMENT[key]
    for part in db.chunks(sorted(ids)):
        column = f"{key}_id"
        text = f'SELECT {column} FROM "commerce_{kind.key}" WHERE {column} IN ({db.marks(part)}) AND deleted_at IS NULL'
        found |= {row[0] for row in db.rows(Sql(text, tuple(part)))}
    return found


def after(caller: Caller) -> Caller:
    """The same person, for what follows from an act of theirs whatever they may do themselves."""
    return replace(caller, is_admin=True, cache={})


def copy_lines(
    caller: Caller, source: str, record_id: int, target: str, made: int, *, counting: bool = False, sign: int = 1
) -> int:
    """The lines of one document onto another; how many. With `counting`, only those that count, as plain ones."""
    kept = lines_of(caller, source, record_id)
    rows = []
    for values in kept:
        if counting:
            if values["optional"] and not values["chosen"]:
                continue
            values |= {"optional": False, "chosen": False}
        if sign < 0:
            values["quantity"] = -values["quantity"] if values["quantity"] is not None else None
        rows.append({**values, target: made})
    if rows:
        created = write.create_many(caller, lines.OF_DOCUMENT[target].key, rows)
        if created.errors:
            raise Invalid(next(iter(created.errors.values())))
    return len(rows)


def lines_of(caller: Caller, document: str, record_id: int) -> list[dict[str, Any]]:
    """The lines of a document in their order, each with the fields that a copy takes along."""
    kind = lines.OF_DOCUMENT[document]
    page = visible(caller, kind.key).page(
        columns=CARRIED, filter={"field": document, "op": "is", "value": record_id}, sort="position", size=500
    )
    return [{n: row.values.get(n) for n in CARRIED} for row in page.rows]


def whom(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a document made from another takes over from it."""
    return {n: values.get(n) for n in WHOM if values.get(n) is not None}
