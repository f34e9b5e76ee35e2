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
    weeks = months.Calendar(months.MONDAY).monthdatescalendar(first.year, first.month)
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
            "weekdays": [locale_of(language).days["format"]["abbreviated"][i] for i in range(7)],
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
    found = finding.records(state).page(
        columns=names, filter=finding.condition(state, _span(field, start, end)), sort=field.name, size=MOST
    )
    return found.rows, found.next is not None


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
        found.setdefault(value.astimezone(zone).date() if moment else value, []).append(
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
    if state.caller.may(state.obj, "create") and state.caller.edits(state.obj, field):
        value = day.isoformat() if field.type.key == "date" else f"{day.isoformat()}T09:00"
        create = f"{reverse('quick', args=[state.obj.plural])}?{urlencode({field.name: value})}"
    on = {"field": field.name, "op": "on", "value": day.isoformat()}
    only = {"all": [*([state.filter] if state.filter else []), on]}
    return {
        "date": day,
        "in_month": day.month == first.month,
        "today": day == timezone.localdate(),
        "items": items[:A_DAY],
        "more_count": max(0, len(items) - A_DAY),
        "more_url": state.url(layout=LIST, filter=only, sort=field.name, month=""),
        "create_url": create,
    }
