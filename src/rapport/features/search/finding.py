"""`search`: what a person may see that answers what they typed, best first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from django.db import connection, transaction

from rapport.features.search.backends import back_end
from rapport.features.search.index import Index, merged
from rapport.features.search.query import Query, Term, parse
from rapport.features.search.ranking import Match, glance, judge
from rapport.features.search.texts import ID_BITS, Searched, record_of, searched
from rapport.lib.format import format_date, format_datetime
from rapport.lib.sql import TRUE, Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import rights
from rapport.records.errors import TooSlow
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject

QUOTA = 100
"""Newest hits of each object among which the best are chosen."""
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


@dataclass(slots=True)
class _Search:
    """One search under way: who asks for what, what was seen already, what was found."""

    caller: Caller
    query: Query
    limit: int
    objects: dict[int, RegisteredObject]
    hits: list[Hit] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)


def search(caller: Caller, text: str, objects: Iterable[str] | None = None, limit: int = 20) -> list[Hit]:
    """Live records that the caller may see and that hold every word of the text, the best first.

    Words may be beginnings, in any order and field; with few hits also words with one slip and insides of words.
    A field that the caller may not see finds nothing. `objects` are keys to search in; any other than a registered one
    that the caller may read is passed over.
    """
    query = parse(text)
    run = _Search(caller, query, max(1, limit), _searchable(caller, objects))
    if not query.terms or not run.objects:
        return []
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
    chosen = (
        everything.values() if objects is None else [everything[k] for k in dict.fromkeys(objects) if k in everything]
    )
    return {searched(o).number: o for o in chosen if searched(o).fields and caller.may(o, "read")}


def _collect(run: _Search, terms: Sequence[Term]) -> None:
    """Add what holds the terms to the hits."""
    index, numbers = back_end(), list(run.objects)
    found = index.find(terms, numbers, QUOTA)
    if found.cut:
        exact = [t.exact() for t in terms]
        found = merged(found, index.find(exact, sorted(found.cut), QUOTA), 2 * QUOTA)
    titles = _readable(run, [doc for doc in found.docs if doc not in run.seen])
    for number in found.cut:
        obj = run.objects[number]
        readable = sum(doc >> ID_BITS == number for doc in titles)
        if readable < run.limit and not _sees_all(run.caller, obj):
            titles |= _readable(run, _reach(run, index, terms, number))
    run.seen.update(titles)
    order = sorted(titles, key=lambda doc: (-glance(run.query, titles[doc]), -doc))
    wanted = len(run.hits) + 2 * run.limit
    for part in db.chunks(order, max(20, 2 * run.limit)):
        _judge(run, terms, part)
        if len(run.hits) >= wanted:
            break


def _sees_all(caller: Caller, obj: RegisteredObject) -> bool:
    return rights(caller, obj, "read", "t") == TRUE


def _reach(run: _Search, index: Index, terms: Sequence[Term], number: int) -> list[int]:
    """Entries beyond the newest, for somebody who may not see most of those."""
    obj = run.objects[number]
    scope = visible(run.caller, obj).where()
    savepoint = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with savepoint, db.time_limit(SECONDS):
            records = index.within(terms, number, obj.table, scope, QUOTA)
    except TooSlow:
        return []
    return [doc for doc in (searched(obj).doc(r) for r in records) if doc not in run.seen]


def _readable(run: _Search, docs: Sequence[int]) -> dict[int, str]:
    """Titles by entry, of records that the caller may see: one statement for all objects."""
    keys: dict[int, list[int]] = {}
    for doc in docs:
        number, record = record_of(doc)
        keys.setdefault(number, []).append(record)
    parts = []
    for number, records in keys.items():
        obj = run.objects[number]
        where = all_of([Sql(f"t.id IN ({', '.join(map(str, records))})"), visible(run.caller, obj).where()])
        title = obj.fields[obj.spec.title].column
        text = f'SELECT {number << ID_BITS} + t.id, t."{title}" FROM "{obj.table}" t WHERE {where.text}'
        parts.append(Sql(text, where.params))
    if not parts:
        return {}
    union = Sql(" UNION ALL ".join(p.text for p in parts), tuple(v for p in parts for v in p.params))
    return {doc: str(title) for doc, title in db.rows(union)}


def _judge(run: _Search, terms: Sequence[Term], docs: Sequence[int]) -> None:
    """Read the fields of records that the caller may see, and keep those that answer by them."""
    keys: dict[int, list[int]] = {}
    for doc in docs:
        number, record = record_of(doc)
        keys.setdefault(number, []).append(record)
    for number, records in keys.items():
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
