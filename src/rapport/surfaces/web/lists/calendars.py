"""A calendar: a month of the records of a list by the day of one of their fields."""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.lib.format import format_date, format_time, locale_of
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.read import RowView
from rapport.registry.fields import FieldSpec
from rapport.surfaces.web.cells import record_url
from rapport.surfaces.web.lists import finding
from rapport.surfaces.web.lists.state import LIST, ListState

MOST = 500
"""Records that one month shows."""
A_DAY = 4
"""Records that one day shows before "more"."""


def calendar(state: ListState) -> dict[str, Any]:
    """The month of a state, as `ui/macros/calendar.html` takes it. Raises Invalid, TooSlow."""
    field = state.fields[state.obj.spec.calendar]
    first = _first(state)
    weeks = months.Calendar(state.caller.week_start).monthdatescalendar(first.year, first.month)
    rows, cut = _rows(state, field, weeks[0][0], weeks[-1][-1])
    language, zone = state.caller.language, timezone.get_current_timezone()
    title = format_date(first, language, zone, "yMMMM")
    days = _by_day(state, field, rows, first)
    return {
        "c": {
            "title": title,
            "label": title,
            "prev_url": state.url(month=_shift(first, -1)),
            "next_url": state.url(month=_shift(first, 1)),
            "today_url": state.url(month=""),
            "weekdays": [locale_of(language).days["format"]["abbreviated"][day.weekday()] for day in weeks[0]],
            "weeks": [[_day(state, field, day, first, days.get(day, [])) for day in week] for week in weeks],
        },
        "cut": cut,
        "nothing": not rows,
        "field_label": field.label,
    }


def _first(state: ListState) -> dt.date:
    if state.month:
        year, month = map(int, state.month.split("-"))
        if 1900 <= year <= 2200:
            return dt.date(year, month, 1)
    return timezone.localdate().replace(day=1)


def _shift(first: dt.date, by: int) -> str:
    index = first.year * 12 + first.month - 1 + by
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def _span(field: FieldSpec, start: dt.date, end: dt.date) -> Mapping[str, Any]:
    return {"field": field.name, "op": "between", "value": [start.isoformat(), end.isoformat()]}


def _rows(state: ListState, field: FieldSpec, start: dt.date, end: dt.date) -> tuple[list[RowView], bool]:
    done = state.obj.spec.board.field if state.obj.spec.board else ""
    names = tuple(n for n in (field.name, done) if n in state.fields)
    if state.obj.spec.yearly:
        records, span = finding.records(state, _every_year(field, start, end)), None
    else:
        records, span = finding.records(state), _span(field, start, end)
    found = records.page(columns=names, filter=finding.condition(state, span), sort=field.name, size=MOST)
    return found.rows, found.next is not None


def _every_year(field: FieldSpec, start: dt.date, end: dt.date) -> finding.Condition:
    """Whether the day of a date, in whichever year, lies within a span of some weeks."""
    first, last = start.strftime("%m-%d"), end.strftime("%m-%d")
    word = "AND" if first <= last else "OR"

    def condition(alias: str) -> Sql:
        day = db.dialect().day_of_year(field.type.expression(field, alias, db.dialect()))
        return Sql(f"({day} >= %s {word} {day} <= %s)", (first, last))

    return condition


def _in_view(day: dt.date, first: dt.date) -> dt.date:
    """The return of a yearly day nearest to the middle of a month; 29 February falls on the 28th if need be."""
    middle = first + dt.timedelta(14)
    years = [y for y in (first.year - 1, first.year, first.year + 1) if dt.MINYEAR <= y <= dt.MAXYEAR]
    found = [dt.date(y, day.month, min(day.day, months.monthrange(y, day.month)[1])) for y in years]
    return min(found, key=lambda d: abs((d - middle).days))


def _by_day(
    state: ListState, field: FieldSpec, rows: list[RowView], first: dt.date
) -> dict[dt.date, list[dict[str, Any]]]:
    found: dict[dt.date, list[dict[str, Any]]] = {}
    coloured = state.fields.get(state.obj.spec.board.field) if state.obj.spec.board else None
    zone = timezone.get_current_timezone()
    for row in rows:
        value = row.values[field.name]
        moment = isinstance(value, dt.datetime)
        choice = coloured.choice(row.values.get(coloured.name)) if coloured else None
        day = value.astimezone(zone).date() if moment else _in_view(value, first) if state.obj.spec.yearly else value
        found.setdefault(day, []).append(
            {
                "label": row.title or _("(no name)"),
                "url": record_url(state.obj.key, row.id),
                "time": format_time(value, state.caller.language, zone) if moment else None,
                "tone": choice.tone if choice else "blue",
            }
        )
    return found


def _day(
    state: ListState, field: FieldSpec, day: dt.date, first: dt.date, items: list[dict[str, Any]]
) -> dict[str, Any]:
    create = None
    yearly = state.obj.spec.yearly
    if not yearly and state.caller.may(state.obj, "create") and state.caller.edits(state.obj, field):
        value = day.isoformat() if field.type.key == "date" else f"{day.isoformat()}T09:00"
        create = f"{reverse('quick', args=[state.obj.plural])}?{urlencode({field.name: value})}"
    on = {"field": field.name, "op": "on", "value": day.isoformat()}
    only = {"all": [*([state.filter] if state.filter else []), on]}
    return {
        "date": day,
        "in_month": day.month == first.month,
        "today": day == timezone.localdate(),
        "items": items if yearly else items[:A_DAY],
        "more_count": 0 if yearly else max(0, len(items) - A_DAY),
        "more_url": state.url(layout=LIST, sort=field.name, month="", filter=state.filter if yearly else only),
        "create_url": create,
    }
