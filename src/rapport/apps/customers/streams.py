"""The newest interactions of someone, read from the streams of their identities and never by a scan.

Each identity has its own stream in the index (identity, at, interaction). A join over several identities would sort all
of their history; a limited select per stream reads only what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rapport.features.timeline.entries import Before
from rapport.features.timeline.sql import older
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible

MOST = 400
"""Identities of a company's people that are listened to: those of the people heard from last."""
AT_ONCE = 100
"""Streams of one statement; SQLite takes at most 500 selects in a compound."""

Hit = tuple[Any, int]
"""Moment as the database gives it, key of the interaction."""


def newest(caller: Caller, key: str, record_id: int, before: Before, limit: int) -> list[int]:
    """Keys of the newest interactions of a record that the caller may see, newest first."""
    hits: list[Hit] = []
    if key == "person":
        hits = _of_identities(caller, _identities("person_id = %s", record_id), before, limit)
    elif key == "company":
        people = _identities(
            "person_id IN (SELECT id FROM customers_person WHERE company_id = %s AND deleted_at IS NULL "
            f"ORDER BY last_contact_at DESC NULLS LAST, id DESC LIMIT {MOST})",
            record_id,
        )
        hits = _of_column(caller, "company_id", record_id, before, limit)
        hits += _of_many(caller, people[:MOST], before, limit)
    else:
        hits = _of_column(caller, f"{key}_id", record_id, before, limit)
    return _merged(hits, limit)


def _merged(hits: Iterable[Hit], limit: int) -> list[int]:
    """The newest of all streams, each interaction once."""
    return list(dict.fromkeys(key for _at, key in sorted(hits, reverse=True)))[:limit]


def _identities(where: str, record_id: int) -> list[int]:
    return [r[0] for r in db.rows(Sql(f"SELECT id FROM customers_identity WHERE {where}", (record_id,)))]


def _of_column(caller: Caller, column: str, record_id: int, before: Before, limit: int) -> list[Hit]:
    """The stream of a company or a deal: interactions that name it."""
    where = all_of(
        [
            Sql(f"t.{column} = %s", (record_id,)),
            older("t.at", "t.id", before),
            visible(caller, "interaction").where(),
        ]
    )
    order = f"ORDER BY t.at DESC, t.id DESC LIMIT {limit}"
    text = f"SELECT t.at, t.id FROM customers_interaction t WHERE {where.text} {order}"
    return [(at, key) for at, key in db.rows(Sql(text, where.params))]


def _of_many(caller: Caller, identities: Sequence[int], before: Before, limit: int) -> list[Hit]:
    """The streams of those who were heard from last, as many as the newest can stand in."""
    heads = sorted(_heads(caller, identities, before), reverse=True)
    hits: list[Hit] = []
    for part in db.chunks(heads, limit):
        newest_first = sorted(set(hits), reverse=True)
        if len(newest_first) >= limit and newest_first[limit - 1][0] > part[0][0]:
            break
        hits += _of_identities(caller, [identity for _at, identity in part], before, limit)
    return hits


def _heads(caller: Caller, identities: Sequence[int], before: Before) -> list[tuple[Any, int]]:
    """When each identity was heard from last, and its key; without those that never were."""
    found: list[tuple[Any, int]] = []
    for part in db.chunks(identities):
        one = _stream(caller, "i.id", before, 1)
        text = (
            f"SELECT (SELECT s.at FROM ({one.text}) s), i.id FROM customers_identity i WHERE i.id IN ({db.marks(part)})"
        )
        found += [(at, key) for at, key in db.rows(Sql(text, (*one.params, *part))) if at is not None]
    return found


def _of_identities(caller: Caller, identities: Sequence[int], before: Before, limit: int) -> list[Hit]:
    hits: list[Hit] = []
    for part in db.chunks(identities, AT_ONCE):
        hits += [(at, key) for at, key in db.rows(_streams(caller, part, before, limit))]
    return hits


def _streams(caller: Caller, identities: Sequence[int], before: Before, limit: int) -> Sql:
    """One statement over several streams: LATERAL on PostgreSQL, a compound of selects on SQLite."""
    if db.dialect().vendor == "postgresql":
        one = _stream(caller, "i.id", before, limit)
        text = f"SELECT s.at, s.key FROM unnest(%s::bigint[]) AS i(id), LATERAL ({one.text}) s"
        return Sql(text, (list(identities), *one.params))
    one = _stream(caller, "%s", before, limit)
    text = " UNION ALL ".join([f"SELECT * FROM ({one.text})"] * len(identities))
    return Sql(text, tuple(v for identity in identities for v in (identity, *one.params)))


def _stream(caller: Caller, identity: str, before: Before, limit: int) -> Sql:
    """The newest of one stream that the caller may see: `at` and `key`."""
    seen = visible(caller, "interaction").where()
    position = older("p.at", "p.interaction_id", before)
    # CROSS JOIN keeps SQLite's planner from starting at the interactions; PostgreSQL orders its joins well.
    join = "JOIN" if db.dialect().vendor == "postgresql" else "CROSS JOIN"
    text = (
        "SELECT p.at AS at, p.interaction_id AS key FROM customers_participant p "
        f"{join} customers_interaction t ON t.id = p.interaction_id "
        f"WHERE p.identity_id = {identity} AND {position.text} AND {seen.text} "
        f"ORDER BY p.at DESC, p.interaction_id DESC LIMIT {limit}"
    )
    return Sql(text, (*position.params, *seen.params))
