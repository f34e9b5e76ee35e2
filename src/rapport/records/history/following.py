"""The change log as an ordered feed without gaps: whoever has read up to a position has missed nothing before it.

Positions are the keys of change rows. SQLite has one writer at a time, so that keys are committed in their order. On
PostgreSQL a transaction may commit a smaller key after another has committed a larger one. So each writer announces,
before it takes keys, the last key that was taken by then, as an advisory lock that ends with its transaction; a reader
notes the last key taken, then looks at who has announced, and reads no further than the smallest announcement. A key
up to that end either stands in a committed row or never will. Nobody waits for anybody, nothing is written for it, and
a restored database goes on as before.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from rapport.lib import json
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import fixed, rights
from rapport.registry import catalog
from rapport.registry.types.dates import DateTimeType

SPACE = 0x52 << 56
"""Where the announcements stand among all advisory locks."""
MOST = 1000
"""Changes that are looked at for one answer."""
_LAST = "(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM records_change_id_seq)"
_ANNOUNCE = f"pg_advisory_xact_lock_shared({SPACE} + {_LAST})"
_DATETIME = DateTimeType()


@dataclass(frozen=True, slots=True)
class Told:
    """One act on one record, as far as the reader may see: `fields` names those that changed."""

    position: int
    at: Any
    object_key: str
    record_id: int
    action: str
    version: int
    actor_id: int | None
    door: str
    batch: str
    fields: tuple[str, ...]


def announcement() -> str:
    """What a writer's statement returns besides, so that it announces itself; empty where nobody must."""
    return f", {_ANNOUNCE}" if connection.vendor == "postgresql" else ""


def announce() -> None:
    """Announce that change rows follow in this transaction."""
    if connection.vendor == "postgresql":
        db.row(Sql(f"SELECT {_ANNOUNCE}"))


def end() -> int:
    """The position up to which everything is there. Not to be asked within the transaction that is to read."""
    if connection.vendor != "postgresql":
        found = db.row(Sql("SELECT MAX(id) FROM records_change"))
        return int(found[0] or 0) if found else 0
    taken = db.row(Sql(f"SELECT {_LAST}"))
    text = (
        "SELECT MIN(((classid::bigint << 32) | objid::bigint) - %s) FROM pg_locks WHERE locktype = 'advisory' "
        "AND objsubid = 1 AND granted AND classid::bigint >> 24 = %s "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    announced = db.row(Sql(text, (SPACE, SPACE >> 56)))
    last = int(taken[0]) if taken else 0
    return last if announced is None or announced[0] is None else min(last, int(announced[0]))


def follow(
    caller: Caller, after: int, *, objects: Collection[str] | None = None, limit: int = 100
) -> tuple[list[Told], int, bool]:
    """Changes behind a position that the caller may see, in order; the position to go on from; whether more follow.

    Of a record that is gone for good, only callers who see all of its kind are told.
    """
    until = end()
    readable = [o for o in catalog.current().objects.values() if caller.may(o, "read")]
    keys = [o.key for o in readable if objects is None or o.key in objects]
    if not keys or after >= until:
        return [], max(after, until), False
    rows = db.rows(
        Sql(
            "SELECT id, at, object_key, record_id, action, version, actor_id, door, batch, diff FROM records_change "
            f"WHERE id > %s AND id <= %s ORDER BY id LIMIT {MOST}",
            (after, until),
        )
    )
    seen = _seen(caller, rows, keys)
    told: list[Told] = []
    for row in rows:
        if len(told) == limit:
            return told, told[-1].position, True
        if (row[2], row[3]) in seen and (one := _told(caller, row)) is not None:
            told.append(one)
    more = len(rows) == MOST
    return told, rows[-1][0] if more else until, more


def _seen(caller: Caller, rows: list[tuple[Any, ...]], keys: list[str]) -> set[tuple[str, int]]:
    """Objects and records among the rows that the caller may read, in the trash or not."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row[2] in keys:
            wanted.setdefault(row[2], set()).add(row[3])
    found: set[tuple[str, int]] = set()
    for key, ids in wanted.items():
        obj = catalog.current()[key]
        allowed = rights(caller, obj, "read", "t")
        if allowed.text == "1 = 1":
            found.update((key, i) for i in ids)
            continue
        where = all_of([fixed(obj, "t"), allowed])
        for part in db.chunks(sorted(ids)):
            text = f'SELECT t.id FROM "{obj.table}" t WHERE t.id IN ({db.marks(part)}) AND {where.text}'
            found.update((key, r[0]) for r in db.rows(Sql(text, (*part, *where.params))))
    return found


def _told(caller: Caller, row: tuple[Any, ...]) -> Told | None:
    """What the caller is told of a change; None for one to fields alone that the caller may not see."""
    position, at, key, record_id, action, version, actor, door, batch, diff = row
    seen = caller.visible_fields(catalog.current()[key])
    changed = json.column(diff)
    names = tuple(name for name in changed if name in seen)
    if action in {"update", "move"} and not names:
        return None
    return Told(position, _DATETIME.from_json(at), key, record_id, action, version, actor, door, batch, names)
