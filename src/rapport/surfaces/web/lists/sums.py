"""What the records of a list or of a board's columns sum to, in the organisation's currency."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from rapport.features.rates import converting
from rapport.features.rates.converting import Total
from rapport.lib.format import currency_digits, format_money, format_number
from rapport.records.filters.compiler import Filter
from rapport.records.read.grouping import Group
from rapport.registry.objects import Board
from rapport.surfaces.web.lists import finding
from rapport.surfaces.web.lists.state import ListState

Summed = tuple[Group, Total]


def sums(state: ListState, declared: Board, filter_: Filter | None, by: str = "") -> dict[Any, Summed]:
    """Counts and sums by the values of `by`, or of all at once under None. Raises Invalid, TooSlow."""
    fields = state.fields
    total = declared.total if declared.total in fields else ""
    part = converting.period(state.caller, fields[total], fields.get(declared.dated)) if total else None
    groups = finding.records(state).groups(by, total=total, weight=declared.weight, part=part, filter=filter_)
    totals = converting.totals(state.caller, groups)
    return {group.value: (group, totals[group.value]) for group in groups}


ROUGH = 1_000
"""From how many units of a currency on a reckoned sum is told without what is smaller."""


def texts(state: ListState, summed: Summed | None) -> dict[str, str]:
    """`total`, in short, and `total_title`: also weighted, and what no rate leads to the organisation's currency."""
    if summed is None or not summed[0].sums:
        return {"total": "", "total_title": ""}
    group, total = summed
    language = state.caller.language
    if "" in group.sums:
        text = format_number(group.sums[""], language)
        return {"total": text, "total_title": text}
    left = [format_money(amount, currency, language) for currency, amount in sorted(total.left.items())]
    reckoned = bool(group.sums.keys() - {total.currency, *total.left})
    amount = _rough(total.amount, total.currency) if reckoned else total.amount
    own = [format_money(amount, total.currency, language)] if amount or not left else []
    shown = [*own, *left]
    more = f" +{len(shown) - 1}" if len(shown) > 1 else ""
    said = [" + ".join(shown)]
    if total.weighted:
        weighted = format_money(_rough(total.weighted, total.currency), total.currency, language)
        said.append(_("weighted %(amount)s") % {"amount": weighted})
    return {"total": shown[0] + more, "total_title": " · ".join(said)}


def _rough(amount: int, currency: str) -> int:
    """What rates or probabilities make of amounts: no cents in thousands, which would only look exact."""
    unit = 10 ** currency_digits(currency)
    return (amount + unit // 2) // unit * unit if abs(amount) >= ROUGH * unit else amount
