"""Template filters: values in the reader's language and zone. `None` is shown as nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec

from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from markupsafe import Markup

from rapport.lib import format as formats
from rapport.ui import markup

P = ParamSpec("P")


def _language() -> str:
    return translation.get_language() or "en"


def _blank(function: Callable[Concatenate[Any, P], str]) -> Callable[Concatenate[Any, P], str]:
    def inner(value: Any, /, *args: P.args, **kwargs: P.kwargs) -> str:
        return "" if value is None or value == "" else function(value, *args, **kwargs)

    return update_wrapper(inner, function)


@_blank
def show_date(value: date | datetime, style: str = "medium") -> str:
    return formats.format_date(value, _language(), timezone.get_current_timezone(), style)


@_blank
def show_datetime(value: datetime, style: str = "medium") -> str:
    return formats.format_datetime(value, _language(), timezone.get_current_timezone(), style)


@_blank
def time_of(value: datetime) -> str:
    return formats.format_time(value, _language(), timezone.get_current_timezone())


@_blank
def relative_day(value: date | datetime) -> str:
    """Today, Yesterday, Tomorrow, otherwise the day as a heading."""
    zone = timezone.get_current_timezone()
    day = formats.local(value, zone).date() if isinstance(value, datetime) else value
    today = timezone.localdate()
    near = {0: _("Today"), -1: _("Yesterday"), 1: _("Tomorrow")}
    return near.get((day - today).days) or formats.format_day(day, today, _language())


@_blank
def age(value: datetime) -> str:
    return formats.format_age(value, timezone.now(), _language())


@_blank
def duration(value: float | timedelta) -> str:
    """Seconds or a timedelta in its two largest units."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    return formats.format_duration(seconds, _language())


@_blank
def number(value: int | float | Decimal, digits: int | None = None) -> str:
    return formats.format_number(value, _language(), digits)


@_blank
def percent(value: int | float | Decimal) -> str:
    return formats.format_percent(value, _language())


@_blank
def money(value: int, currency: str) -> str:
    """Integer minor units of an ISO 4217 currency."""
    return formats.format_money(value, currency, _language())


@_blank
def filesize(value: int) -> str:
    return formats.format_filesize(value, _language())


@_blank
def iso(value: date | datetime) -> str:
    return value.isoformat()


def show_markdown(value: str | None) -> Markup:
    return markup.render_markdown(value or "")


FILTERS: dict[str, Callable[..., Any]] = {
    "date": show_date,
    "datetime": show_datetime,
    "time_of": time_of,
    "relative_day": relative_day,
    "age": age,
    "duration": duration,
    "number": number,
    "percent": percent,
    "money": money,
    "filesize": filesize,
    "initials": formats.initials,
    "tone": formats.tone_of,
    "iso": iso,
    "capfirst": capfirst,
    "markdown": show_markdown,
}
