"""The page of the forecast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from rapport.apps.sales.forecast import moves, states, tables
from rapport.apps.sales.forecast.tables import BEST, BY, CATEGORIES, COMMIT, PIPELINE, WON, Cell
from rapport.lib.format import format_date, format_money, format_short_money
from rapport.lib.money import exponent
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden
from rapport.records.read import visible
from rapport.registry.extensions import Job, Page
from rapport.surfaces.web.requests import Request
from rapport.surfaces.web.shell import page

SINCE = (1, 7, 30, 90)
"""Days that one may look back."""
NAMES = {
    WON: gettext_lazy("Won"), COMMIT: gettext_lazy("Commit"), BEST: gettext_lazy("Best case"),
    PIPELINE: gettext_lazy("Pipeline"),
}  # fmt: skip
TONES = {WON: "green", COMMIT: "teal", BEST: "blue", PIPELINE: "neutral"}
ROWS = {
    "owner": gettext_lazy("Owner"), "team": gettext_lazy("Team"), "pipeline": gettext_lazy("Pipeline"),
    "category": gettext_lazy("Category"),
}  # fmt: skip


@require_safe
def forecast(request: Request) -> HttpResponse:
    """Six months of deals by owner, team, pipeline or category; `?since=` compares with so many days ago."""
    caller = request.caller
    if not tables.may_see(caller):
        raise Forbidden
    by = request.GET.get("by", "owner")
    by = by if by in BY else "owner"
    today = timezone.now().astimezone(ZoneInfo(caller.zone)).date()
    first, since = _month(request.GET.get("month", ""), today), _since(request.GET.get("since", ""))
    pipelines = [(r.id, r.title) for r in visible(caller, "pipeline").page(columns=("name",), sort="position").rows]
    pipeline = next((key for key, _t in pipelines if str(key) == request.GET.get("pipeline")), None)
    filter_ = {"field": "pipeline", "op": "is", "value": pipeline} if pipeline else None
    months = tables.months_from(first)
    now = tables.forecast(caller, by, first, filter_=filter_)
    day = today - dt.timedelta(days=since) if since else None
    then = tables.forecast(caller, by, first, filter_=filter_, as_of=day) if day else None

    def url(**changes: Any) -> str:
        given = {"by": by, "month": f"{first:%Y-%m}", "since": since or "", "pipeline": pipeline or "", **changes}
        return f"{request.path}?{urlencode({k: v for k, v in given.items() if v})}"

    context = {
        "months": [_named(m, caller) for m in months],
        "rows": _rows(caller, by, now, then, months),
        "total": _total(caller, tables.summed(now, months), tables.summed(then, months) if then is not None else None),
        "bars": _bars(caller, tables.summed(now, months), months),
        "legend": [{"label": NAMES[c], "tone": TONES[c]} for c in CATEGORIES],
        "bys": [{"label": ROWS[b], "url": url(by=b), "current": b == by} for b in BY],
        "pipelines": [{"label": _("All pipelines"), "url": url(pipeline=""), "current": pipeline is None}]
        + [{"label": text, "url": url(pipeline=key), "current": key == pipeline} for key, text in pipelines],
        "sinces": _sinces(url, since),
        "row_label": ROWS[by],
        "earlier_url": url(month=f"{tables.following(first, -tables.MONTHS):%Y-%m}"),
        "later_url": url(month=f"{tables.following(first, tables.MONTHS):%Y-%m}"),
        "moves": [_moved(m, caller) for m in moves.moves(caller, day, first, filter_=filter_)] if day else None,
        "day": day,
        "begun": states.first_day(),
    }
    return page(request, "sales/forecast.html", context)


def _month(text: str, today: dt.date) -> dt.date:
    try:
        found = dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 (a month has no zone)
    except ValueError:
        return today.replace(day=1)
    return found if 1990 < found.year < 2200 else today.replace(day=1)


def _since(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) in SINCE else None


def _sinces(url: Any, since: int | None) -> list[dict[str, Any]]:
    names = {
        1: _("Since yesterday"),
        7: _("Since a week ago"),
        30: _("Since a month ago"),
        90: _("Since a quarter ago"),
    }
    none = {"label": _("No comparison"), "url": url(since=""), "current": since is None}
    return [none, *({"label": names[n], "url": url(since=n), "current": n == since} for n in SINCE)]


def _named(month: str, caller: Caller) -> str:
    day = dt.date.fromisoformat(f"{month}-01")
    return format_date(day, caller.language, ZoneInfo(caller.zone), "yMMM")


def _rows(
    caller: Caller, by: str, now: tables.Table, then: tables.Table | None, months: Sequence[str]
) -> list[dict[str, Any]]:
    values = list(dict.fromkeys([*now, *(then or ())]))
    labels = tables.labels(by, caller, values)
    rows = []
    for value in values:
        label = str(NAMES[value]) if by == "category" else labels.get(value) or _("Nobody")
        cells, before = now.get(value, {}), (then or {}).get(value, {})
        rows.append({"label": label, "cells": [_cell(caller, cells.get(m), before.get(m), then) for m in months],
                     "sum": sum(c.sure + c.weighted for c in cells.values())})  # fmt: skip
    if by == "category":
        return sorted(rows, key=lambda r: [str(NAMES[c]) for c in CATEGORIES].index(r["label"]))
    return sorted(rows, key=lambda r: (-r["sum"], r["label"]))


def _cell(caller: Caller, cell: Cell | None, before: Cell | None, then: Any) -> dict[str, Any]:
    cell = cell or Cell()
    made = {
        "sure": _money(caller, cell.sure),
        "weighted": _money(caller, cell.weighted),
        "count": cell.count,
        "empty": not cell.count,
        "detail": " · ".join(f"{NAMES[c]} {_money(caller, cell.amounts[c])}" for c in CATEGORIES if cell.amounts[c]),
        "left": " + ".join(format_money(a, c, caller.language) for c, a in sorted(cell.left.items())),
    }
    if then is not None:
        moved = cell.weighted - (before or Cell()).weighted
        made["moved"] = _money(caller, moved, signed=True) if moved else ""
        made["up"] = moved > 0
    return made


def _total(caller: Caller, now: Mapping[str, Cell], then: Mapping[str, Cell] | None) -> list[dict[str, Any]]:
    return [_cell(caller, cell, then.get(month) if then else None, then) for month, cell in sorted(now.items())]


def _bars(caller: Caller, total: Mapping[str, Cell], months: Sequence[str]) -> list[dict[str, Any]]:
    """Stacked bars, the highest month 100 high."""
    highest = max((sum(total[m].amounts.values()) for m in months), default=0) or 1
    return [
        {
            "label": _named(m, caller),
            "total": _money(caller, sum(total[m].amounts.values())),
            "short": format_short_money(sum(total[m].amounts.values()), caller.currency, caller.language),
            "parts": _parts(caller, total[m], highest),
        }
        for m in months
    ]


def _parts(caller: Caller, cell: Cell, highest: int) -> list[dict[str, Any]]:
    """The parts of a bar from the ground up: `y` of the upper edge (100 is the ground) and height."""
    parts: list[dict[str, Any]] = []
    ground = 100.0
    for category in CATEGORIES:
        height = 100 * max(0, cell.amounts[category]) / highest
        if height:
            ground -= height
            text = f"{NAMES[category]}: {_money(caller, cell.amounts[category])}"
            parts.append({"tone": TONES[category], "y": round(ground, 2), "height": round(height, 2), "text": text})
    return parts


def _money(caller: Caller, amount: int, *, signed: bool = False) -> str:
    unit = 10 ** exponent(caller.currency)
    text = format_money(round(amount / unit) * unit, caller.currency, caller.language)
    return f"+{text}" if signed and amount > 0 else text


def _moved(move: moves.Move, caller: Caller) -> dict[str, Any]:
    """What became of a deal, in words, with its amounts then and now."""
    before, after = move.before, move.after
    tone, said = _said(before, after)
    return {
        "name": move.name,
        "url": reverse("record", args=["deals", move.deal]),
        "said": said,
        "tone": tone,
        "before": _side(before, caller),
        "after": _side(after, caller),
    }


def _side(side: Mapping[str, Any] | None, caller: Caller) -> str:
    if side is None or side["amount"] is None:
        return ""
    return format_money(side["amount"], side["amount_currency"] or caller.currency, caller.language)


def _said(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[str, str]:
    if before is None:
        return "blue", _("New")
    if after is None:
        return "red", _("Without a date of closing")
    if before["outcome"] != after["outcome"]:
        names = {"won": ("green", _("Won")), "lost": ("red", _("Lost")), "open": ("blue", _("Open again"))}
        return names[after["outcome"]]
    if before["closes"] != after["closes"] and before["closes"] and after["closes"]:
        later = after["closes"] > before["closes"]
        return ("orange", _("Slipped")) if later else ("teal", _("Comes sooner"))
    if before["amount"] != after["amount"]:
        more = (after["amount"] or 0) > (before["amount"] or 0)
        return ("green", _("Larger")) if more else ("orange", _("Smaller"))
    return "neutral", _("Another category")


PAGE = Page(
    name="forecast", path="forecast/", view=forecast, label=gettext_lazy("Forecast"), icon="chart-bar", navigation=42,
    menu="sales",
    offered=tables.may_see,
)  # fmt: skip
JOB = Job(
    name="forecast-states", run=states.keep_states, label=gettext_lazy("Keep what the forecast counts"),
    every=dt.timedelta(days=1),
)  # fmt: skip
