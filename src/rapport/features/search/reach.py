"""How far a caller's search reaches: which objects, whose records, which fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from django.db import connection, transaction

from rapport.features.search.backends import back_end
from rapport.features.search.query import Piece, Term
from rapport.features.search.texts import ID_BITS, OWNER, TEAM, record_of, searched
from rapport.lib.sql import TRUE, Sql, all_of, one_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import rights, shares
from rapport.records.errors import TooSlow
from rapport.records.read import RowView, visible
from rapport.records.read.select import decode, plan
from rapport.registry import catalog
from rapport.registry import objects as levels
from rapport.registry.catalog import RegisteredObject

SECONDS = 0.25
"""How long somebody waits for hits that are not among the newest of an object with rights of its own."""
SHARES = 1_000
"""Newest of the records shared with somebody that are searched."""

Objects = dict[int, RegisteredObject]


@dataclass(frozen=True, slots=True)
class Scope:
    """Objects that are searched together: their numbers, and the term that limits hits to what the caller may see."""

    numbers: tuple[int, ...]
    limit: tuple[Term, ...] = ()
    hides: bool = False
    """Whether the caller may not see some searched field, so that hits may turn out to be none."""


def objects_of(caller: Caller, keys: Iterable[str] | None) -> Objects:
    """By number the searched objects that the caller may read, of those named."""
    everything = catalog.current().objects
    named = everything if keys is None else [key for key in dict.fromkeys(keys) if key in everything]
    chosen = (everything[key] for key in named)
    return {searched(o).number: o for o in chosen if searched(o).fields and caller.may(o, "read")}


def scopes(caller: Caller, objects: Objects) -> list[Scope]:
    """The objects by how far reading reaches. What else limits it is checked on what was found."""
    groups: dict[tuple[str, bool], list[int]] = {}
    for number, obj in objects.items():
        level = levels.ALL if _has_own_rights(obj) else caller.level(obj, "read")
        hides = not all(caller.sees(obj, spec) for spec, _group in searched(obj).fields)
        groups.setdefault((level, hides), []).append(number)
    own = (Piece(f"{OWNER}{caller.user_id}", prefix=False),)
    team = tuple((Piece(f"{TEAM}{key}", prefix=False),) for key in caller.teams)
    limits = {levels.ALL: (), levels.OWN: (Term((own,)),), levels.TEAM: (Term((own, *team)),)}
    return [
        Scope(tuple(numbers), limits[level], hides) for (level, hides), numbers in groups.items() if level in limits
    ]


def _has_own_rights(obj: RegisteredObject) -> bool:
    return obj.spec.scope is not None or bool(obj.spec.parent)


def beyond(caller: Caller, obj: RegisteredObject, terms: Sequence[Term], limit: int) -> list[int]:
    """Entries that are not among the newest, of an object with rights of its own that lets see few of those."""
    scope = rights(caller, obj, "read", "t")
    if not _has_own_rights(obj) or scope == TRUE:
        return []
    savepoint = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with savepoint, db.time_limit(SECONDS):
            records = back_end().within(terms, searched(obj).number, obj.table, scope, limit)
    except TooSlow:
        return []
    return [searched(obj).doc(record) for record in records]


def shared(caller: Caller, objects: Objects) -> list[int]:
    """Entries of records that are shared with a caller who does not see all of their kind."""
    docs = []
    for obj in objects.values():
        if obj.key in caller.shared and rights(caller, obj, "read", "t") != TRUE:
            given = shares(caller, obj, "read", "t")
            text = f'SELECT t.id FROM "{obj.table}" t WHERE {given.text} ORDER BY t.id DESC LIMIT {SHARES}'
            docs += [searched(obj).doc(record) for (record,) in db.rows(Sql(text, given.params))]
    return docs


def titles(caller: Caller, objects: Objects, docs: Iterable[int]) -> dict[int, str]:
    """Titles by entry, of live records that the caller may see: one statement for all objects."""
    parts = []
    for number, records in by_object(docs).items():
        obj = objects[number]
        where = all_of([one_of("t.id", records), visible(caller, obj).where()])
        title = obj.fields[obj.spec.title].column
        text = f'SELECT {number << ID_BITS} + t.id, t."{title}" FROM "{obj.table}" t WHERE {where.text}'
        parts.append(Sql(text, where.params))
    if not parts:
        return {}
    union = Sql(" UNION ALL ".join(p.text for p in parts), tuple(v for p in parts for v in p.params))
    return {doc: str(title) for doc, title in db.rows(union)}


def rows(caller: Caller, obj: RegisteredObject, records: Sequence[int]) -> list[RowView]:
    """Live records that the caller may see, with those of the searched and shown fields that the caller may see."""
    names = tuple(dict.fromkeys((*searched(obj).names, *obj.spec.subtitle)))
    select = plan(caller, obj, names)
    where = all_of([one_of("t.id", records), visible(caller, obj).where()])
    text = f'SELECT {select.columns.text} FROM "{obj.table}" t {select.joins.text} WHERE {where.text}'
    found = db.rows(Sql(text, (*select.columns.params, *select.joins.params, *where.params)))
    return decode(select, found, caller, obj)


def by_object(docs: Iterable[int]) -> dict[int, list[int]]:
    """Keys of records by the number of their object."""
    keys: dict[int, list[int]] = {}
    for doc in docs:
        number, record = record_of(doc)
        keys.setdefault(number, []).append(record)
    return keys
