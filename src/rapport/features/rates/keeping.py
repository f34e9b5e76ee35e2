"""Keeping exchange rates: one by hand, or a whole file of the European Central Bank."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.features.rates.converting import TABLE
from rapport.lib.money import currencies
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import audit
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid

MOST_LINES = 20_000
HIGHEST = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `currency` is worth `rate` units of the organisation's currency from `day` on."""

    currency: str
    day: dt.date
    rate: Decimal


def newest(caller: Caller) -> list[Rate]:
    """The newest rate of each currency, by its code."""
    statement = Sql(
        f'SELECT r.currency, r.day, r.rate FROM "{TABLE}" r JOIN '
        f'(SELECT currency, MAX(day) AS day FROM "{TABLE}" WHERE base = %s GROUP BY currency) n '
        "ON n.currency = r.currency AND n.day = r.day WHERE r.base = %s ORDER BY r.currency",
        (caller.currency, caller.currency),
    )
    return [Rate(c, _day(day), Decimal(str(rate)).normalize()) for c, day, rate in db.rows(statement)]


def keep(caller: Caller, currency: str, day: dt.date, rate: str | Decimal) -> None:
    """Keep a rate from a day on; one of the same day is replaced. Raises Forbidden, Invalid."""
    if not caller.is_admin:
        raise Forbidden
    exact = _rate(str(rate).replace(",", "."))
    if currency not in currencies() or currency == caller.currency:
        raise Invalid({"currency": [_("Choose a currency other than the organisation's.")]})
    if exact is None:
        raise Invalid({"rate": [_("Give a number above 0, such as 1.0842.")]})
    write(caller, [Rate(currency, day, exact)], "hand")


def forget(caller: Caller, currency: str) -> int:
    """Remove all rates of a currency; how many there were. Raises Forbidden."""
    if not caller.is_admin:
        raise Forbidden
    count = db.execute(Sql(f'DELETE FROM "{TABLE}" WHERE base = %s AND currency = %s', (caller.currency, currency)))
    audit.record("rates removed", caller=caller, subject=currency, detail={"count": count})
    return count


def read_file(caller: Caller, lines: Iterable[str]) -> int:
    """Keep the rates of a CSV file as the European Central Bank publishes it; how many.

    The first column is the date, each other one a currency with its units for one euro (`Date,USD,JPY,…`; `N/A` or
    nothing for none). Source: the Bank's "Euro foreign exchange reference rates", CSV, of a day or all days since
    1999. For an organisation with another currency the rates are crossed by way of the euro. Nothing is kept when a
    line can't be read. Raises Forbidden, Invalid.
    """
    if not caller.is_admin:
        raise Forbidden
    rates = list(_rates(caller.currency, csv.reader(lines)))
    if not rates:
        raise Invalid(
            {"file": [_("The file holds no rates that lead to %(currency)s.") % {"currency": caller.currency}]}
        )
    with transaction.atomic():
        write(caller, rates, "file")
    return len(rates)


def _rates(own: str, lines: Iterator[list[str]]) -> Iterator[Rate]:
    head = [cell.strip() for cell in next(lines, [])]
    codes = {at: code for at, code in enumerate(head) if at and code in currencies()}
    if not codes or head[0].lower() != "date":
        raise Invalid(
            {"file": [_("The first line should be “Date” and the codes of currencies, such as Date,USD,GBP.")]}
        )
    for number, line in enumerate(lines, start=2):
        if number > MOST_LINES:
            raise Invalid({"file": [_("The file has more than %(count)d lines.") % {"count": MOST_LINES}]})
        if not any(cell.strip() for cell in line):
            continue
        day = _parsed_day(line[0])
        if day is None:
            raise Invalid({"file": [_("Line %(line)d begins with no date.") % {"line": number}]})
        euro = {code: rate for at, code in codes.items() if at < len(line) and (rate := _rate(line[at].strip()))}
        euro["EUR"] = Decimal(1)
        if own in euro:
            yield from (Rate(code, day, euro[own] / rate) for code, rate in euro.items() if code != own)


def _parsed_day(text: str) -> dt.date | None:
    for shape in ("%Y-%m-%d", "%d %B %Y"):
        try:
            return dt.datetime.strptime(text.strip(), shape).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    return None


def _rate(text: str) -> Decimal | None:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and 0 < rate < HIGHEST else None


def _day(value: dt.date | str) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def write(caller: Caller, rates: Sequence[Rate], origin: str) -> None:
    """Keep rates; those of the same currency and day are replaced."""
    places = Decimal(1).scaleb(-12)
    db.execute_many(
        f'INSERT INTO "{TABLE}" (base, currency, day, rate, origin) VALUES (%s, %s, %s, %s, %s) '
        "ON CONFLICT (base, currency, day) DO UPDATE SET rate = excluded.rate, origin = excluded.origin",
        [(caller.currency, r.currency, r.day.isoformat(), str(r.rate.quantize(places)), origin) for r in rates],
    )
    codes = sorted({r.currency for r in rates})
    audit.record("rates", caller=caller, subject=", ".join(codes)[:200], detail={"count": len(rates)})
