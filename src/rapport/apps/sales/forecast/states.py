"""What a forecast counts of deals: now, and on any day, as each night kept what had changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from rapport.lib.sql import Sql
from rapport.records import db

COLUMNS = (
    "pipeline_id", "owner_id", "team_id", "forecast", "outcome", "amount", "amount_currency", "probability",
)  # fmt: skip


def now() -> Sql:
    """A statement for deals as they are: `deal_id`, `COLUMNS`, and `closes`, the day on which they count."""
    day = db.dialect().day("d.closed_at")
    columns = ", ".join(f"d.{c}" for c in COLUMNS)
    closes = f"CASE WHEN d.outcome = 'won' THEN COALESCE({day}, d.close_on) ELSE d.close_on END"
    return Sql(f"SELECT d.id AS deal_id, {columns}, {closes} AS closes FROM sales_deal d WHERE d.close_on IS NOT NULL "
               "OR d.outcome = 'won'")  # fmt: skip


def then(day: dt.date) -> Sql:
    """The same for deals as they were at the end of a day."""
    columns = ", ".join(f"s.{c}" for c in COLUMNS)
    return Sql(
        f"SELECT s.deal_id, {columns}, s.closes FROM sales_dealstate s "
        "WHERE s.since <= %s AND (s.until IS NULL OR s.until > %s)",
        (day, day),
    )


def keep_states(context: Any = None, day: dt.date | None = None) -> dict[str, int]:
    """Keep what changed since the last night. Twice on one day does no harm: the later one counts."""
    day = day or timezone.localdate()
    current, stored = _current(), _stored()
    changed = [key for key, values in stored.items() if current.get(key) != values[2]]
    new = [key for key in current if key not in stored or key in set(changed)]
    with transaction.atomic():
        for part in db.chunks(changed):
            marks = db.marks(part)
            these = f"until IS NULL AND deal_id IN ({marks})"
            db.execute(Sql(f"DELETE FROM sales_dealstate WHERE since >= %s AND {these}", (day, *part)))
            db.execute(Sql(f"UPDATE sales_dealstate SET until = %s WHERE {these}", (day, *part)))
        rows = [(key, day, *current[key]) for key in new]
        db.insert_many("sales_dealstate", ("deal_id", "since", *COLUMNS, "closes"), storable(rows))
    return {"changed": len(new)}


def storable(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows of states as the database stores their days."""
    if connection.vendor == "postgresql":
        return list(rows)
    return [tuple(v.isoformat() if isinstance(v, dt.date) else v for v in row) for row in rows]


def _current() -> dict[int, tuple[Any, ...]]:
    source = now()
    columns = ", ".join(f"x.{c}" for c in (*COLUMNS, "closes"))
    live = "JOIN sales_deal t ON t.id = x.deal_id WHERE t.deleted_at IS NULL"
    text = f"SELECT x.deal_id, {columns} FROM ({source.text}) x {live}"
    return {row[0]: _comparable(row[1:]) for row in db.rows(Sql(text, source.params))}


def _stored() -> dict[int, tuple[int, Any, tuple[Any, ...]]]:
    columns = ", ".join((*COLUMNS, "closes"))
    text = f"SELECT id, deal_id, since, {columns} FROM sales_dealstate WHERE until IS NULL"
    return {row[1]: (row[0], row[2], _comparable(row[3:])) for row in db.rows(Sql(text))}


def _comparable(values: Sequence[Any]) -> tuple[Any, ...]:
    *rest, closes = values
    return (*rest, dt.date.fromisoformat(closes) if isinstance(closes, str) else closes)


def first_day() -> dt.date | None:
    """The first day of which the forecast can be shown."""
    found = db.row(Sql("SELECT MIN(since) FROM sales_dealstate"))
    day = found[0] if found else None
    return dt.date.fromisoformat(day) if isinstance(day, str) else day
