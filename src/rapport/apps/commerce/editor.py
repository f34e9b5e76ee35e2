"""The editor of lines: rows as they were sent, what they come to, and writing all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport.apps.commerce import lines
from rapport.apps.commerce.pricing import Prices, items
from rapport.lib import sums
from rapport.lib.format import read_number, write_number
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.env import Env
from rapport.registry.fields import FieldError

MOST = 400
"""Lines that one document may have in the editor."""
FIELDS = ("product", "description", "quantity", "unit", "price", "discount", "tax_rate")
COUNTING = {"": (False, False), "optional": (True, False), "chosen": (True, True)}
"""What stands in the column of optional lines, as `optional` and `chosen`."""


@dataclass(slots=True)
class Row:
    """A row of the editor: `name` in the form, key of the line (0: new), raw values, and what is wrong with them.

    `line` is what a row that is stored comes to; None for one that was sent and is to be checked.
    """

    name: str
    id: int = 0
    raw: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    line: sums.Line | None = None

    @property
    def blank(self) -> bool:
        """Whether nothing was entered."""
        return not self.id and not any(self.raw.get(n) for n in ("product", "description", "price"))


@dataclass(slots=True)
class Sheet:
    """A document as its editor knows it. `version` counts the changes of its lines; 0 for a deal, which has none."""

    kind: lines.Kind
    id: int
    home: lines.Home
    version: int

    @property
    def open(self) -> bool:
        """Whether its lines may be changed."""
        return self.home.status in self.kind.open


class Stale(Invalid):
    """Somebody else changed the lines since they were read."""

    status = 409


def sheet(caller: Caller, document: str, record_id: int, *, lock: bool = False) -> Sheet:
    """The document that the caller sees. Raises NotFound."""
    kind = lines.OF_DOCUMENT.get(document)
    if kind is None or not visible(caller, document).allowed([record_id]):
        raise NotFound
    suffix = " FOR UPDATE" if lock and connection.vendor == "postgresql" else ""
    version = "lines_version" if kind.summed else "0"
    found = db.row(Sql(f'SELECT {version} FROM "{kind.table}" WHERE id = %s{suffix}', (record_id,)))
    home = lines.homes(kind, [record_id], caller.currency).get(record_id)
    if found is None or home is None:
        raise NotFound
    return Sheet(kind, record_id, home, int(found[0]))


def stored(caller: Caller, of: Sheet) -> tuple[list[Row], dict[int, str]]:
    """The lines as rows of the editor in their order, and the names of their products."""
    where = {"field": of.kind.document, "op": "is", "value": of.id}
    columns = (*FIELDS, "optional", "chosen", "position")
    found = visible(caller, of.kind.key).page(columns=columns, filter=where, sort="position", size=500).rows
    names = {r.values["product"]: r.labels.get("product") or "" for r in found if r.values.get("product")}
    language = get_language() or "en"
    rows = [
        Row(f"l{n}", row.id, _raw(row.values, language), line=lines.reckoned(row.values.get))
        for n, row in enumerate(found)
    ]
    return rows, names


def _raw(values: Mapping[str, Any], language: str) -> dict[str, str]:
    raw = {n: _text(values.get(n), language) for n in FIELDS}
    price = values.get("price")
    raw["price"] = write_number(price.major, language) if price is not None else ""
    pair = (bool(values.get("optional")), bool(values.get("chosen")))
    raw["counts"] = next((key for key, known in COUNTING.items() if known == pair), "")
    return raw


def _text(value: Any, language: str) -> str:
    if isinstance(value, Decimal):
        return write_number(value.normalize(), language)
    return "" if value is None else str(value)


def sent(data: QueryDict) -> list[Row]:
    """The rows of a form in their order, without blank ones. Raises Invalid for too many."""
    rows = []
    for name in data.getlist("row")[: MOST + 1]:
        raw = {n: data.get(f"{name}-{n}", "").strip() for n in (*FIELDS, "counts")}
        key = data.get(f"{name}-id", "")
        row = Row(name[:20], int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0, raw)
        if not row.blank:
            rows.append(row)
    if len(rows) > MOST:
        raise Invalid({"": [_("A document may have at most %(max)d lines.") % {"max": MOST}]})
    return rows


def values_of(row: Row, currency: str) -> dict[str, Any]:
    """What the write path takes of a row."""
    optional, chosen = COUNTING.get(row.raw.get("counts", ""), (False, False))
    numbers = {n: _number(row.raw.get(n, "")) for n in ("quantity", "discount", "tax_rate")}
    price = row.raw.get("price", "")
    return {
        "product": row.raw.get("product") or None,
        "description": row.raw.get("description", ""),
        "unit": row.raw.get("unit", ""),
        **numbers,
        "price": (_number(price), currency) if price else None,
        "optional": optional,
        "chosen": chosen,
    }


def _number(text: str) -> str:
    """A number as the reader types it, with a point."""
    return read_number(text, get_language() or "en")


def cleaned(caller: Caller, of: Sheet, rows: Sequence[Row], env: Env) -> list[sums.Line | None]:
    """The rows as they are summed; None, with errors in the row, for one that can't be."""
    fields = catalog.current()[of.kind.key].fields
    found: list[sums.Line | None] = []
    for row in rows:
        if row.line is not None:
            found.append(row.line)
            continue
        values: dict[str, Any] = {}
        for name, raw in values_of(row, of.home.currency).items():
            try:
                values[name] = fields[name].type.clean(fields[name], raw, env)
            except FieldError as error:
                row.errors.append(f"{fields[name].label}: {error.message}")
        try:
            line = lines.reckoned(values.get)
            sums.net(line)
            found.append(None if row.errors else line)
        except OverflowError:
            row.errors.append(_("The amount is too large."))
            found.append(None)
    return found


def offered(caller: Caller, of: Sheet, row: Row) -> dict[str, str]:
    """What a row takes over from the product that was just chosen in it; empty for none that the caller sees."""
    text = row.raw.get("product", "")
    key = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    if not key or not visible(caller, "product").allowed([key]):
        return {}
    item = items([key])[key]
    try:
        quantity = Decimal(_number(row.raw.get("quantity", "")) or "1")
    except ArithmeticError:
        quantity = Decimal(1)
    price = None
    if quantity.is_finite():
        prices = Prices([key], [of.home.currency], caller.env().today)
        price = prices.of(key, of.home.currency, of.home.price_list, quantity)
    language = get_language() or "en"
    return {
        "description": item.name,
        "unit": item.unit,
        "price": write_number(price.major, language) if price else "",
        "tax_rate": _text(item.tax_rate, language),
    }


@transaction.atomic
def save(caller: Caller, of: Sheet, rows: Sequence[Row], version: int) -> None:
    """Write all rows: changed ones, new ones in their places, and those that are missing to the trash.

    Raises Stale when somebody changed the lines since `version`, Invalid with errors in the rows, Forbidden.
    """
    now = sheet(caller, of.kind.document, of.id, lock=True)
    if now.version != version:
        raise Stale({"": [_("Someone else changed these lines in the meantime. Look at yours and save again.")]})
    of_line = visible(caller, of.kind.key)
    known = set(of_line.ids({"field": of.kind.document, "op": "is", "value": of.id}))
    given = [{**values_of(row, of.home.currency), "position": place} for place, row in enumerate(rows, 1)]
    kept = [(row, values) for row, values in zip(rows, given, strict=True) if row.id in known]
    fresh = [(row, values) for row, values in zip(rows, given, strict=True) if row.id not in known]
    gone = sorted(known - {row.id for row, _values in kept})
    if gone:
        write.delete(caller, of.kind.key, gone)
    refused = write.update_each(caller, of.kind.key, [(row.id, values) for row, values in kept])
    by_id = {row.id: row for row, _values in kept}
    told = [(by_id[key], errors) for key, errors in refused.items()]
    if fresh:
        created = write.create_many(caller, of.kind.key, [{**v, of.kind.document: of.id} for _row, v in fresh])
        told += [(fresh[place][0], errors) for place, errors in created.errors.items()]
    for row, errors in told:
        row.errors += [_said(of.kind.key, name, message) for name, texts in errors.items() for message in texts]
    if told:
        raise Invalid({"": [_("Some lines need your attention.")]})


def _said(key: str, name: str, message: Any) -> str:
    spec = catalog.current()[key].fields.get(name)
    return f"{spec.label}: {message}" if spec else str(message)
