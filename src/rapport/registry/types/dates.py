"""Days and moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from rapport.lib.sql import Dialect
from rapport.registry import operators
from rapport.registry.env import Env
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.types.base import FieldType

FIRST, LAST = dt.date(1000, 1, 1), dt.date(9998, 12, 31)


def to_day(raw: Any, env: Env) -> dt.date | None:
    """ISO date, `yyyymmdd`, or a `date`; None for "no value". Raises FieldError."""
    if raw is None or raw == "":
        return None
    if isinstance(raw, dt.datetime):
        raw = raw.astimezone(env.zone).date()
    if not isinstance(raw, dt.date):
        text = str(raw).strip()
        if text == "today":
            return env.today
        if len(text) == 8 and text.isdecimal() and text.isascii():
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        try:
            raw = parse_date(text[:10] if len(text) > 10 and text[10] in "T " else text)
        except ValueError:
            raw = None
        if raw is None:
            raise FieldError(_("Give a date such as 2026-11-21."))
    if not FIRST <= raw <= LAST:
        raise FieldError(_("Give a year between 1000 and 9998."))
    day: dt.date = raw
    return day


class DateType(FieldType):
    """A day without a zone."""

    key, label = "date", _("Date")
    matching = "date"
    operators = operators.DATE
    widget = cell = "date"
    json_schema = {"type": "string", "format": "date"}
    groupable = False

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> dt.date | None:
        return to_day(raw, env)

    def to_columns(self, field: FieldSpec, value: dt.date | None, dialect: Dialect) -> tuple[Any, ...]:
        return (None if value is None else value.isoformat(),)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> dt.date | None:
        return self.from_json(raw[0])

    def to_json(self, value: dt.date | None) -> Any:
        return None if value is None else value.isoformat()

    def from_json(self, raw: Any) -> dt.date | None:
        return dt.date.fromisoformat(raw) if isinstance(raw, str) else raw

    def sort_value(self, value: dt.date | None, dialect: Dialect) -> Any:
        return self.to_json(value)

    def to_text(self, field: FieldSpec, value: dt.date | None) -> str:
        return value.isoformat() if value else ""


class DateTimeType(FieldType):
    """A moment, in UTC in storage and in the reader's zone at the edge; inputs without a zone are the reader's."""

    key, label = "datetime", _("Date and time")
    operators = operators.DATETIME
    widget = cell = "datetime"
    json_schema = {"type": "string", "format": "date-time"}

    def clean(self, field: FieldSpec, raw: Any, env: Env) -> dt.datetime | None:
        if raw is None or raw == "":
            return None
        if not isinstance(raw, dt.datetime):
            try:
                moment = parse_datetime(str(raw).strip())
            except ValueError:
                moment = None
            if moment is None:
                day = to_day(raw, env)
                moment = dt.datetime.combine(day, dt.time()) if day else None
            if moment is None:
                raise FieldError(_("Give a date and time such as 2026-11-21 14:30."))
            raw = moment
        if not FIRST.year < raw.year < LAST.year:
            raise FieldError(_("Give a year between 1000 and 9998."))
        given: dt.datetime = raw if raw.tzinfo else raw.replace(tzinfo=env.zone)
        return given.astimezone(dt.UTC)

    def comparable(self, field: FieldSpec, raw: Any, env: Env) -> dt.date:
        day = to_day(raw, env)
        if day is None:
            raise FieldError(_("Give a date."))
        return day

    def to_columns(self, field: FieldSpec, value: dt.datetime | None, dialect: Dialect) -> tuple[Any, ...]:
        return (None if value is None else dialect.moment(value),)

    def from_columns(self, field: FieldSpec, raw: Sequence[Any]) -> dt.datetime | None:
        return self.from_json(raw[0])

    def to_json(self, value: dt.datetime | None) -> Any:
        return None if value is None else value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def from_json(self, raw: Any) -> dt.datetime | None:
        if raw is None:
            return None
        moment: dt.datetime = dt.datetime.fromisoformat(raw) if isinstance(raw, str) else raw
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)

    def expression(self, field: FieldSpec, alias: str, dialect: Dialect) -> str:
        found = super().expression(field, alias, dialect)
        return dialect.moment_of(found) if field.custom else found

    def sort_value(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        return None if value is None else dialect.moment(value)

    def to_text(self, field: FieldSpec, value: dt.datetime | None) -> str:
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""
