"""SQL text with its values, and what SQLite and PostgreSQL say differently.

Everything that differs between the two databases is said here once. Names that reach these functions come from
declarations or from keys that match `KEY`; whatever a user types travels as a value.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Sql(NamedTuple):
    """A piece of SQL with `%s` placeholders and the values for them, in order."""

    text: str
    params: tuple[Any, ...] = ()

    def wrapped(self) -> Sql:
        """The same in parentheses."""
        return Sql(f"({self.text})", self.params)


TRUE = Sql("1 = 1")
FALSE = Sql("1 = 0")


def join(parts: Iterable[Sql], glue: str) -> Sql:
    """The parts, each in parentheses, joined by `glue` (such as ` AND `)."""
    parts = list(parts)
    return Sql(glue.join(f"({p.text})" for p in parts), tuple(v for p in parts for v in p.params))


def all_of(parts: Iterable[Sql]) -> Sql:
    """Conjunction; an empty one holds."""
    wanted = [p for p in parts if p != TRUE]
    if FALSE in wanted:
        return FALSE
    return wanted[0] if len(wanted) == 1 else join(wanted, " AND ") if wanted else TRUE


def any_of(parts: Iterable[Sql]) -> Sql:
    """Disjunction, in parentheses so that it may be followed by AND; an empty one fails."""
    wanted = [p for p in parts if p != FALSE]
    if TRUE in wanted:
        return TRUE
    return wanted[0] if len(wanted) == 1 else join(wanted, " OR ").wrapped() if wanted else FALSE


def negation(part: Sql) -> Sql:
    """Two-valued NOT: what is unknown to SQL counts as not holding."""
    return Sql(f"NOT COALESCE(({part.text}), 1 = 0)", part.params)


def one_of(expression: str, values: Sequence[Any]) -> Sql:
    """`expression IN (values)`; an empty list fails."""
    if not values:
        return FALSE
    return Sql(f"{expression} IN ({', '.join(['%s'] * len(values))})", tuple(values))


def like_pattern(text: str, *, before: bool, after: bool) -> str:
    """`text` for LIKE … ESCAPE '\\', with `%` where the match may go on."""
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    return ("%" if before else "") + escaped + ("%" if after else "")


def quoted(name: str) -> str:
    """A table or column name in double quotes. Raises ValueError for a name that no declaration could have."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(f"not a name: {name!r}")
    return f'"{name}"'


class Dialect:
    """What differs between databases; `SQLITE` and `POSTGRESQL` are the two of them."""

    vendor: str

    def json_value(self, column: str, key: str, kind: str) -> str:
        """The value under `key` (or `key.member`) of JSON object `column`. `kind`: text, number, boolean or json."""
        raise NotImplementedError

    def fold(self, expression: str) -> str:
        """Lower case by Unicode's rules, as Python's `str.lower`."""
        raise NotImplementedError

    def sort_text(self, expression: str) -> str:
        """The text with the collation that lists are sorted by."""
        raise NotImplementedError

    def equals_text(self, expression: str, value: str) -> Sql:
        """Equality that does not look at case and can use an index made by `text_index`."""
        raise NotImplementedError

    def text_index(self, expression: str) -> str:
        """What `equals_text` searches by, for an index."""
        raise NotImplementedError

    def among(self, expression: str, keys: Sequence[int]) -> Sql:
        """One of the keys, however many; the text is the same for all numbers of them."""
        raise NotImplementedError

    def chosen(self, expression: str, keys: Sql) -> Sql:
        """One of the few keys that a statement gives, which is asked before anything else."""
        raise NotImplementedError

    def walked(self, index: str) -> str:
        """What follows a table so that an index is used, or for "" the key alone, where a planner needs to be told."""
        raise NotImplementedError

    def has_element(self, array: str, value: Any) -> Sql:
        """JSON `array` holds `value` as an element."""
        raise NotImplementedError

    def elements(self, array: str, condition: str, params: tuple[Any, ...], member: str | None = None) -> Sql:
        """Some element of JSON `array` (or its `member`) satisfies `condition`, in which it is called `item.value`."""
        raise NotImplementedError

    def length(self, array: str) -> str:
        """Number of elements of a JSON array; NULL for none."""
        raise NotImplementedError

    def moment(self, value: dt.datetime) -> Any:
        """An aware moment as this database compares it."""
        raise NotImplementedError

    def moment_of(self, text: str) -> str:
        """A moment kept as JSON text (`2026-11-21T14:30:00.000000Z`), as `moment`; an index may hold it."""
        raise NotImplementedError

    def decimal(self, value: Decimal) -> Any:
        """A decimal number as this database compares it."""
        raise NotImplementedError

    def reserve(self, table: str, count: int) -> Sql:
        """A statement that yields `count` fresh keys, one a row, or one row `(last used key,)` to count up from."""
        raise NotImplementedError

    def day_number(self, expression: str) -> str:
        """A date or moment as a count of days, for differences between dates."""
        raise NotImplementedError

    def day_of_year(self, expression: str) -> str:
        """The `MM-DD` of a date, for what comes again every year."""
        raise NotImplementedError

    def day(self, expression: str) -> str:
        """The date of a date or, in UTC, of a moment."""
        raise NotImplementedError

    def noon(self, expression: str) -> str:
        """Noon of a date, in UTC, as `moment`."""
        raise NotImplementedError

    def month(self, expression: str) -> str:
        """The month of a date as `2026-11`."""
        raise NotImplementedError


class Sqlite(Dialect):
    """SQLite 3.38 or newer. The function `rapport_fold` is registered on each connection."""

    vendor = "sqlite"

    def json_value(self, column: str, key: str, kind: str) -> str:
        return f"json_extract({column}, '$.{'.'.join(_path(key))}')"

    def fold(self, expression: str) -> str:
        return f"rapport_fold({expression})"

    def sort_text(self, expression: str) -> str:
        return f"{expression} COLLATE NOCASE"

    def equals_text(self, expression: str, value: str) -> Sql:
        if value.isascii():
            return Sql(f"{expression} COLLATE NOCASE = %s", (value,))
        return Sql(f"{self.fold(expression)} = %s", (value.lower(),))

    def text_index(self, expression: str) -> str:
        return f"{expression} COLLATE NOCASE"

    def among(self, expression: str, keys: Sequence[int]) -> Sql:
        return Sql(f"{expression} IN (SELECT value FROM json_each(%s))", (json.dumps(list(keys)),))

    def chosen(self, expression: str, keys: Sql) -> Sql:
        return Sql(f"{expression} IN ({keys.text})", keys.params)

    def walked(self, index: str) -> str:
        return f"INDEXED BY {quoted(index)}" if index else "NOT INDEXED"

    def has_element(self, array: str, value: Any) -> Sql:
        return Sql(f"EXISTS (SELECT 1 FROM json_each({array}) WHERE value = %s)", (value,))

    def elements(self, array: str, condition: str, params: tuple[Any, ...], member: str | None = None) -> Sql:
        value = f"json_extract(e.value, '$.{_key(member)}')" if member else "e.value"
        return Sql(
            f"EXISTS (SELECT 1 FROM (SELECT {value} AS value FROM json_each({array}) e) item WHERE {condition})",
            params,
        )

    def length(self, array: str) -> str:
        return f"json_array_length({array})"

    def moment(self, value: dt.datetime) -> Any:
        return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ", "microseconds")

    def moment_of(self, text: str) -> str:
        return f"replace(rtrim({text}, 'Z'), 'T', ' ')"

    def decimal(self, value: Decimal) -> Any:
        return int(value) if value == value.to_integral_value() else float(value)

    def reserve(self, table: str, count: int) -> Sql:
        return Sql("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0)", (table,))

    def day_number(self, expression: str) -> str:
        return f"julianday(date({expression}))"

    def day_of_year(self, expression: str) -> str:
        return f"substr({expression}, 6, 5)"

    def day(self, expression: str) -> str:
        return f"substr({expression}, 1, 10)"

    def noon(self, expression: str) -> str:
        return f"({expression} || ' 12:00:00.000000')"

    def month(self, expression: str) -> str:
        return f"substr({expression}, 1, 7)"


class Postgresql(Dialect):
    """PostgreSQL 15 or newer with ICU collations."""

    vendor = "postgresql"

    def json_value(self, column: str, key: str, kind: str) -> str:
        path = ",".join(_path(key))
        if kind == "json":
            return f"({column} #> '{{{path}}}')"
        cast = {"number": "::numeric", "boolean": "::boolean", "text": ""}[kind]
        return f"(({column} #>> '{{{path}}}'){cast})"

    def fold(self, expression: str) -> str:
        return f'lower({expression} COLLATE "und-x-icu")'

    def sort_text(self, expression: str) -> str:
        return f'{expression} COLLATE "und-x-icu"'

    def equals_text(self, expression: str, value: str) -> Sql:
        return Sql(f"{self.fold(expression)} = %s", (value.lower(),))

    def text_index(self, expression: str) -> str:
        return self.fold(expression)

    def among(self, expression: str, keys: Sequence[int]) -> Sql:
        return Sql(f"{expression} = ANY(%s::bigint[])", (list(keys),))

    def chosen(self, expression: str, keys: Sql) -> Sql:
        return Sql(f"{expression} = ANY(ARRAY({keys.text}))", keys.params)

    def walked(self, index: str) -> str:
        return ""

    def has_element(self, array: str, value: Any) -> Sql:
        return Sql(f"{array} @> to_jsonb(%s::{'bigint' if isinstance(value, int) else 'text'})", (value,))

    def elements(self, array: str, condition: str, params: tuple[Any, ...], member: str | None = None) -> Sql:
        value = f"e.value ->> '{_key(member)}'" if member else "e.value #>> '{}'"
        safe = f"CASE WHEN jsonb_typeof({array}) = 'array' THEN {array} ELSE '[]'::jsonb END"
        return Sql(
            f"EXISTS (SELECT 1 FROM (SELECT {value} AS value FROM jsonb_array_elements({safe}) e) item "
            f"WHERE {condition})",
            params,
        )

    def length(self, array: str) -> str:
        return f"CASE WHEN jsonb_typeof({array}) = 'array' THEN jsonb_array_length({array}) END"

    def moment(self, value: dt.datetime) -> Any:
        return value

    def moment_of(self, text: str) -> str:
        # Not by a cast of the whole: what that makes depends on settings, so that no index can hold it.
        parts = ((1, 4, "int"), (6, 2, "int"), (9, 2, "int"), (12, 2, "int"), (15, 2, "int"), (18, 9, "float8"))
        numbers = ", ".join(f"substr({text}, {start}, {size})::{kind}" for start, size, kind in parts)
        return f"timezone('UTC', make_timestamp({numbers}))"

    def decimal(self, value: Decimal) -> Any:
        return value

    def reserve(self, table: str, count: int) -> Sql:
        return Sql("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", (table, count))

    def day_number(self, expression: str) -> str:
        return f"(({expression})::date - DATE '1970-01-01')"

    def day_of_year(self, expression: str) -> str:
        return f"to_char({expression}, 'MM-DD')"

    def day(self, expression: str) -> str:
        return f"({expression})::date"

    def noon(self, expression: str) -> str:
        return f"(({expression} + time '12:00') AT TIME ZONE 'UTC')"

    def month(self, expression: str) -> str:
        return f"to_char({expression}, 'YYYY-MM')"


SQLITE = Sqlite()
POSTGRESQL = Postgresql()


def dialect_of(vendor: str) -> Dialect:
    """The dialect of Django's `connection.vendor`. Raises KeyError for a database that Rapport does not run on."""
    return {"sqlite": SQLITE, "postgresql": POSTGRESQL}[vendor]


def _path(path: str) -> list[str]:
    return [_key(part) for part in path.split(".")]


def _key(key: str | None) -> str:
    if not key or not KEY.fullmatch(key):
        raise ValueError(f"not a key: {key!r}")
    return key
