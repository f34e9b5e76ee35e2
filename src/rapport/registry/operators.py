"""The operators of the filter language: what each means in SQL.

An operator is two-valued together with `lib.sql.negation`: SQL's unknown counts as not holding. The plain-Python
meaning of each stands in `docs/contributing/filters.md` and is what the property tests compare with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.lib import periods
from rapport.lib.sql import Sql, any_of, like_pattern, negation, one_of
from rapport.registry.env import Env
from rapport.registry.fields import Text

Compile = Callable[[str, Any, Env], Sql]


@dataclass(frozen=True, slots=True)
class Operator:
    """`arity`: none, one, many (a list), two (a pair), period (a named period) or days (a whole number)."""

    key: str
    label: Text
    arity: str
    sql: Compile


def _compare(symbol: str) -> Compile:
    return lambda e, v, env: Sql(f"{e} {symbol} %s", (v,))


def _folded(before: bool, after: bool) -> Compile:
    def compile_like(e: str, v: str, env: Env) -> Sql:
        pattern = like_pattern(v.lower(), before=before, after=after)
        return Sql(f"{env.dialect.fold(e)} LIKE %s ESCAPE '\\'", (pattern,))

    return compile_like


def _text_in(e: str, values: list[str], env: Env) -> Sql:
    return any_of(env.dialect.equals_text(e, v) for v in values)


def _not(inner: Compile) -> Compile:
    return lambda e, v, env: negation(inner(e, v, env))


def _is_text(e: str, v: str, env: Env) -> Sql:
    return env.dialect.equals_text(e, v)


def _between(e: str, v: tuple[Any, Any], env: Env) -> Sql:
    return Sql(f"{e} >= %s AND {e} <= %s", (v[0], v[1]))


def _no_text(e: str, v: Any, env: Env) -> Sql:
    return Sql(f"({e} IS NULL OR {e} = '')")


def _null(e: str, v: Any, env: Env) -> Sql:
    return Sql(f"{e} IS NULL")


def _not_null(e: str, v: Any, env: Env) -> Sql:
    return Sql(f"{e} IS NOT NULL")


_IS, _IS_NOT = _("is"), _("is not")
_EMPTY, _NOT_EMPTY = _("is empty"), _("is not empty")

TEXT: tuple[Operator, ...] = (
    Operator("contains", _("contains"), "one", _folded(True, True)),
    Operator("not_contains", _("does not contain"), "one", _not(_folded(True, True))),
    Operator("is", _IS, "one", _is_text),
    Operator("is_not", _IS_NOT, "one", _not(_is_text)),
    Operator("starts_with", _("starts with"), "one", _folded(False, True)),
    Operator("ends_with", _("ends with"), "one", _folded(True, False)),
    Operator("in", _("is any of"), "many", _text_in),
    Operator("not_in", _("is none of"), "many", _not(_text_in)),
    Operator("empty", _EMPTY, "none", _no_text),
    Operator("not_empty", _NOT_EMPTY, "none", _not(_no_text)),
)

_equal: Compile = _compare("=")


def _in(e: str, v: Any, env: Env) -> Sql:
    return one_of(e, v)


CHOICE: tuple[Operator, ...] = (
    Operator("is", _IS, "one", _equal),
    Operator("is_not", _IS_NOT, "one", _not(_equal)),
    Operator("in", _("is any of"), "many", _in),
    Operator("not_in", _("is none of"), "many", _not(_in)),
    Operator("empty", _EMPTY, "none", _no_text),
    Operator("not_empty", _NOT_EMPTY, "none", _not(_no_text)),
)

REFERENCE: tuple[Operator, ...] = (
    Operator("is", _IS, "one", _equal),
    Operator("is_not", _IS_NOT, "one", _not(_equal)),
    Operator("in", _("is any of"), "many", _in),
    Operator("not_in", _("is none of"), "many", _not(_in)),
    Operator("empty", _EMPTY, "none", _null),
    Operator("not_empty", _NOT_EMPTY, "none", _not_null),
)

NUMBER: tuple[Operator, ...] = (
    Operator("is", "=", "one", _equal),
    Operator("is_not", "≠", "one", _not(_equal)),
    Operator("gt", ">", "one", _compare(">")),
    Operator("gte", "≥", "one", _compare(">=")),
    Operator("lt", "<", "one", _compare("<")),
    Operator("lte", "≤", "one", _compare("<=")),
    Operator("between", _("is between"), "two", _between),
    Operator("empty", _EMPTY, "none", _null),
    Operator("not_empty", _NOT_EMPTY, "none", _not_null),
)

BOOLEAN: tuple[Operator, ...] = (
    Operator("is", _IS, "one", _equal),
    Operator("empty", _EMPTY, "none", _null),
    Operator("not_empty", _NOT_EMPTY, "none", _not_null),
)


def _day(day: dt.date, env: Env) -> str:
    return day.isoformat()


def _moment(day: dt.date, env: Env) -> Any:
    return env.dialect.moment(periods.start_of_day(day, env.zone))


def _dates(edge: Callable[[dt.date, Env], Any]) -> tuple[Operator, ...]:
    """Operators over days; `edge` gives the value at which a day begins. A period is half-open."""
    one_day = dt.timedelta(1)

    def span(e: str, start: dt.date, end: dt.date, env: Env) -> Sql:
        return Sql(f"{e} >= %s AND {e} < %s", (edge(start, env), edge(end, env)))

    def within(e: str, v: str, env: Env) -> Sql:
        return span(e, *periods.days(v, env.today), env)

    def on(e: str, v: dt.date, env: Env) -> Sql:
        return span(e, v, v + one_day, env)

    def before(e: str, v: dt.date, env: Env) -> Sql:
        return Sql(f"{e} < %s", (edge(v, env),))

    def after(e: str, v: dt.date, env: Env) -> Sql:
        return Sql(f"{e} >= %s", (edge(v + one_day, env),))

    def ago(e: str, v: int, env: Env) -> Sql:
        return before(e, env.today - dt.timedelta(v), env)

    def ahead(e: str, v: int, env: Env) -> Sql:
        return after(e, env.today + dt.timedelta(v), env)

    def between(e: str, v: tuple[dt.date, dt.date], env: Env) -> Sql:
        return span(e, v[0], v[1] + one_day, env)

    return (
        Operator("within", _("is in"), "period", within),
        Operator("not_within", _("is not in"), "period", _not(within)),
        Operator("on", _("is on"), "one", on),
        Operator("before", _("is before"), "one", before),
        Operator("after", _("is after"), "one", after),
        Operator("between", _("is between"), "two", between),
        Operator("more_days_ago", _("is more days ago than"), "days", ago),
        Operator("more_days_ahead", _("is more days ahead than"), "days", ahead),
        Operator("empty", _EMPTY, "none", _null),
        Operator("not_empty", _NOT_EMPTY, "none", _not_null),
    )


DATE: tuple[Operator, ...] = _dates(_day)
DATETIME: tuple[Operator, ...] = _dates(_moment)


def _has(e: str, v: Any, env: Env) -> Sql:
    return env.dialect.has_element(e, v)


def _has_any(e: str, values: list[Any], env: Env) -> Sql:
    return any_of(env.dialect.has_element(e, v) for v in values)


def _no_elements(e: str, v: Any, env: Env) -> Sql:
    return Sql(f"COALESCE({env.dialect.length(e)}, 0) = 0")


ELEMENTS: tuple[Operator, ...] = (
    Operator("has", _("has"), "one", _has),
    Operator("has_not", _("has not"), "one", _not(_has)),
    Operator("has_any", _("has any of"), "many", _has_any),
    Operator("has_none", _("has none of"), "many", _not(_has_any)),
    Operator("empty", _EMPTY, "none", _no_elements),
    Operator("not_empty", _NOT_EMPTY, "none", _not(_no_elements)),
)


def by_key(operators: tuple[Operator, ...], key: str) -> Operator | None:
    """The operator with this key."""
    return next((o for o in operators if o.key == key), None)
