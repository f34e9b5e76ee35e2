"""`search`: what a person may see that answers what they typed, best first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from django.db import connection, transaction

from rapport.features.search.backends import back_end
from rapport.features.search.index import merged
from rapport.features.search.query import Piece, Query, Term, parse
from rapport.features.search.ranking import Match, glance, judge
from rapport.features.search.texts import ID_BITS, OWNER, TEAM, Searched, record_of, searched
from rapport.lib.format import format_date, format_datetime
from rapport.lib.sql import TRUE, Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import rights, shares
from rapport.records.errors import TooSlow
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry import objects as levels
from rapport.registry.catalog import RegisteredObject

CANDIDATES, LEAST = 200, 50
"""Newest hits among which the best are chosen, over all objects and of each."""
SHARES = 1_000
"""Newest of the records shared with somebody that are searched."""
FEW = 5
"""With fewer hits, what may have been meant is searched too."""
SECONDS = 0.25
"""How long somebody who sees a part of an object waits for hits that are not among the newest."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that answers: its title, a line that tells it from others, how well it answers (0 to 1) and by what."""

    object_key: str
    id: int
    title: str
    detail: str
    score: float
    matched: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class _Scope:
    """Objects that are searched together: their numbers, and the term that limits hits to what the caller may see."""

    numbers: tuple[int, ...]
    limit: tuple[Term, ...] = ()


@dataclass(slots=True)
class _Search:
    """One search under way: who asks for what, what was seen already, what was found."""

    caller: Caller
    query: Query
    limit: int
    objects: dict[int, RegisteredObject]
    scopes: list[_Scope]
    hits: list[Hit] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)


def search(caller: Caller, text: str, objects: Iterable[str] | None = None, limit: int = 20) -> list[Hit]:
    """Live records that the caller may see and that hold every word of the text, the best first.

    Words may be beginnings, in any order and field; with few hits also words with one slip and insides of words.
    A field that the caller may not see finds nothing. `objects` are keys to search in; any other than a registered one
    that the caller may read is passed over.
    """
    query = parse(text)
    chosen = _searchable(caller, objects)
    if not query.terms or not chosen:
        return []
    run = _Search(caller, query, max(1, limit), chosen, _scopes(caller, chosen))
    _collect(run, query.terms)
    if len(run.hits) < run.limit:
        _collect(run, [t.with_body() for t in query.terms])
    if len(run.hits) < min(FEW, run.limit):
        wider = [t.widened() for t in query.terms]
        if wider != list(query.terms):
            _collect(run, wider)
    run.hits.sort(key=lambda hit: (-hit.score, -hit.id))
    return run.hits[: run.limit]


def _searchable(caller: Caller, objects: Iterable[str] | None) -> dict[int, RegisteredObject]:
    everything = catalog.current().objects
    keys = everything if objects is None else [key for key in dict.fromkeys(objects) if key in everything]
    chosen = (everything[key] for key in keys)
    return {searched(o).number: o for o in chosen if searched(o).fields and caller.may(o, "read")}


def _scopes(caller: Caller, objects: dict[int, RegisteredObject]) -> list[_Scope]:
    """The objects by how far reading reaches. What else limits it is checked on what was found."""
    by_level: dict[str, list[int]] = {}
    for number, obj in objects.items():
        free = obj.spec.scope is not None or obj.spec.parent
        by_level.setdefault(levels.ALL if free else caller.level(obj, "read"), []).append(number)
    own = (Piece(f"{OWNER}{caller.user_id}", prefix=False),)
    team = tuple((Piece(f"{TEAM}{key}", prefix=False),) for key in caller.teams)
    limits = {levels.ALL: (), levels.OWN: (Term((own,)),), levels.TEAM: (Term((own, *team)),)}
    return [_Scope(tuple(numbers), limits[level]) for level, numbers in by_level.items() if level in limits]


def _collect(run: _Search, terms: Sequence[Term]) -> None:
    """Add what holds the terms to the hits."""
    titles: dict[int, str] = {}
    quota = max(LEAST, CANDIDATES // len(run.objects))
    for scope in run.scopes:
        limited = [*terms, *scope.limit]
        found = back_end().find(limited, scope.numbers, quota)
        if found.cut:
            exact = back_end().find([t.exact() for t in limited], sorted(found.cut), quota)
            found = merged(found, exact, 2 * quota)
        titles |= _readable(run, found.docs)
        for number in found.cut:
            if sum(doc >> ID_BITS == number for doc in titles) < run.limit and not scope.limit:
                titles |= _readable(run, _beyond(run, terms, number))
    titles |= _readable(run, back_end().among(terms, _shared(run)))
    run.seen.update(titles)
    order = sorted(titles, key=lambda doc: (-glance(run.query, titles[doc]), -doc))
    wanted = len(run.hits) + run.limit
    for part in db.chunks(order, run.limit + run.limit // 2):
        _judge(run, terms, part)
        if len(run.hits) >= wanted:
            break


def _beyond(run: _Search, terms: Sequence[Term], number: int) -> list[int]:
    """Entries that are not among the newest, of an object with rights of its own that lets see few of those."""
    obj = run.objects[number]
    scope = rights(run.caller, obj, "read", "t")
    if scope == TRUE:
        return []
    savepoint = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with savepoint, db.time_limit(SECONDS):
            records = back_end().within(terms, number, obj.table, scope, run.limit)
    except TooSlow:
        return []
    return [searched(obj).doc(record) for record in records]


def _shared(run: _Search) -> list[int]:
    """Entries of records that are shared with the caller."""
    docs = []
    for obj in run.objects.values():
        if obj.key in run.caller.shared and rights(run.caller, obj, "read", "t") != TRUE:
            shared = shares(run.caller, obj, "read", "t")
            text = f'SELECT t.id FROM "{obj.table}" t WHERE {shared.text} ORDER BY t.id DESC LIMIT {SHARES}'
            docs += [searched(obj).doc(record) for (record,) in db.rows(Sql(text, shared.params))]
    return docs


def _readable(run: _Search, docs: Sequence[int]) -> dict[int, str]:
    """Titles by entry, of records that the caller may see: one statement for all objects."""
    parts = []
    for number, records in _by_object(doc for doc in docs if doc not in run.seen).items():
        obj = run.objects[number]
        where = all_of([Sql(f"t.id IN ({', '.join(map(str, records))})"), visible(run.caller, obj).where()])
        title = obj.fields[obj.spec.title].column
        text = f'SELECT {number << ID_BITS} + t.id, t."{title}" FROM "{obj.table}" t WHERE {where.text}'
        parts.append(Sql(text, where.params))
    if not parts:
        return {}
    union = Sql(" UNION ALL ".join(p.text for p in parts), tuple(v for p in parts for v in p.params))
    return {doc: str(title) for doc, title in db.rows(union)}


def _by_object(docs: Iterable[int]) -> dict[int, list[int]]:
    keys: dict[int, list[int]] = {}
    for doc in docs:
        number, record = record_of(doc)
        keys.setdefault(number, []).append(record)
    return keys


def _judge(run: _Search, terms: Sequence[Term], docs: Sequence[int]) -> None:
    """Read the fields of records that the caller may see, and keep those that answer by them."""
    for number, records in _by_object(docs).items():
        obj, plan = run.objects[number], searched(run.objects[number])
        columns = tuple(dict.fromkeys((*plan.names, *obj.spec.subtitle)))
        page = visible(run.caller, obj).page(columns=columns, ids=records, size=len(records))
        for row in page.rows:
            if hit := _hit(run, terms, plan, obj, row):
                run.hits.append(hit)


def _hit(run: _Search, terms: Sequence[Term], plan: Searched, obj: RegisteredObject, row: RowView) -> Hit | None:
    verdict = judge(run.query, terms, plan, row.title, row.values.get)
    if not verdict.score:
        return None
    return Hit(obj.key, row.id, row.title, _detail(run.caller, obj, row), verdict.score, tuple(verdict.matched))


def _detail(caller: Caller, obj: RegisteredObject, row: RowView) -> str:
    """The fields of the subtitle in a line."""
    parts = []
    for name in obj.spec.subtitle:
        value, label = row.values.get(name), row.labels.get(name)
        if name in row.labels:
            parts.append(label if isinstance(label, str) else "")
        elif isinstance(value, dt.datetime):
            parts.append(format_datetime(value, caller.language, caller.env().zone))
        elif isinstance(value, dt.date):
            parts.append(format_date(value, caller.language, caller.env().zone))
        elif value is not None:
            parts.append(obj.fields[name].type.to_text(obj.fields[name], value))
    return " · ".join(filter(None, parts))
