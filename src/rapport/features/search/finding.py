"""`search`: what a person may see that answers what they typed, best first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from rapport.features.search import reach
from rapport.features.search.backends import back_end
from rapport.features.search.index import Found, merged
from rapport.features.search.query import Query, Term, parse
from rapport.features.search.ranking import Match, Verdict, glance, judge
from rapport.features.search.texts import ID_BITS, searched
from rapport.lib.format import format_date, format_datetime
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import RowView
from rapport.registry.catalog import RegisteredObject

CANDIDATES, LEAST = 160, 40
"""Newest hits among which the best are chosen, over all objects and of each."""
HIDING = 500
"""Newest hits of each object of which the caller may not see all searched fields: many may turn out to be none."""
FEW = 5
"""With fewer hits, what may have been meant is searched too."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that answers: its title, a line that tells it from others, how well it answers (0 to 1) and by what."""

    object_key: str
    id: int
    title: str
    detail: str
    score: float
    matched: tuple[Match, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As programs are told."""
        return {
            "id": self.id, "object": self.object_key, "title": self.title, "detail": self.detail,
            "score": round(self.score, 4), "matched": sorted({match.field for match in self.matched}),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Answer:
    obj: RegisteredObject
    row: RowView
    verdict: Verdict


@dataclass(slots=True)
class _Search:
    """One search under way: who asks for what, what was seen already, what answers."""

    caller: Caller
    query: Query
    limit: int
    objects: reach.Objects
    scopes: list[reach.Scope]
    answers: list[_Answer] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    @property
    def is_sure(self) -> bool:
        """Whether something holds all of several words as they were typed, so that nothing else was meant."""
        return len(self.query.terms) > 1 and any(a.verdict.whole for a in self.answers)

    def further(self, terms: Sequence[Term]) -> Sequence[Term]:
        """Terms without what was searched before; empty when nothing is left of one."""
        typed = self.query.terms
        if len(terms) > 1:
            return () if tuple(terms) == typed else terms
        options = tuple(o for o in terms[0].options if o not in typed[0].options)
        return (Term(options),) if options else ()

    def among_long_texts(self) -> _Search:
        """The same search, in objects that have long texts."""
        objects = {n: o for n, o in self.objects.items() if searched(o).has_body}
        return replace(self, objects=objects, scopes=reach.scopes(self.caller, objects))


def search(caller: Caller, text: str, objects: Iterable[str] | None = None, limit: int = 20) -> list[Hit]:
    """Live records that the caller may see and that hold every word of the text, the best first.

    Words may be beginnings, in any order and field; with few hits also words with one slip and insides of words.
    A field that the caller may not see finds nothing. `objects` are keys to search in; any other than a registered one
    that the caller may read is passed over.
    """
    query, limit = parse(text), max(1, limit)
    chosen = reach.objects_of(caller, objects) if query.terms else {}
    chosen = {number: chosen[number] for number in sorted(back_end().present(chosen))} if chosen else {}
    if not chosen:
        return []
    run = _Search(caller, query, limit, chosen, reach.scopes(caller, chosen))
    _collect(run, query.terms, limit + limit // 2)
    if len(run.answers) < limit and not run.is_sure:
        _collect(run.among_long_texts(), run.further([t.with_body() for t in query.terms]), limit - len(run.answers))
    if len(run.answers) < min(FEW, limit) and not run.is_sure:
        _collect(run, run.further([t.widened() for t in query.terms]), limit, again=False)
    run.answers.sort(key=lambda a: (-a.verdict.score, -a.row.id))
    zone = caller.env().zone
    return [_hit(caller, zone, answer) for answer in run.answers[:limit]]


def _collect(run: _Search, terms: Sequence[Term], wanted: int, *, again: bool = True) -> None:
    """Add records that hold the terms to the answers, about as many as wanted.

    `again`: of an object with more hits than are looked at, those with whole words are looked for too.
    """
    docs: list[int] = []
    if not terms:
        return
    least = max(LEAST, CANDIDATES // max(1, len(run.objects)))
    for scope in run.scopes:
        found = _newest(terms, scope, HIDING if scope.hides else least, again=again)
        docs += found.docs
        for number in found.cut:
            docs += reach.beyond(run.caller, run.objects[number], terms, run.limit)
    docs += back_end().among(terms, reach.shared(run.caller, run.objects))
    docs = [doc for doc in dict.fromkeys(docs) if doc not in run.seen]
    if len(docs) > wanted:
        titles = reach.titles(run.caller, run.objects, docs)
        docs = sorted(titles, key=lambda doc: (-glance(run.query, titles[doc]), -doc))
    goal = len(run.answers) + wanted
    for part in db.chunks(docs, wanted):
        _judge(run, terms, part)
        if len(run.answers) >= goal:
            break


def _newest(terms: Sequence[Term], scope: reach.Scope, quota: int, *, again: bool) -> Found:
    """Entries that hold the terms, at most about `quota` of each object.

    Most words are rare. To find all that hold one takes a tenth of finding those of them that are of some owners and
    teams, a term that half of the index holds, so the index is asked for these only where a word is common; whatever
    it finds is checked when it is read.
    """
    few = back_end().few
    if scope.limit and few:
        every = back_end().find(terms, scope.numbers, few)
        if len(every.docs) < few:
            return every
    return _held([*terms, *scope.limit], scope.numbers, quota, again=again)


def _held(terms: Sequence[Term], numbers: Sequence[int], quota: int, *, again: bool) -> Found:
    found = back_end().find(terms, numbers, quota)
    if found.cut and again and not found.whole:
        exact = back_end().find([t.exact() for t in terms], sorted(found.cut), quota)
        found = merged(found, exact, 2 * quota)
    return found


def _judge(run: _Search, terms: Sequence[Term], docs: Sequence[int]) -> None:
    """Read the fields of records that the caller may see, and keep those that answer by them."""
    for number, records in reach.by_object(docs).items():
        obj = run.objects[number]
        plan = searched(obj)
        for row in reach.rows(run.caller, obj, records):
            verdict = judge(run.query, terms, plan, row.title, row.values.get)
            if verdict.score:
                run.seen.add(number << ID_BITS | row.id)
                run.answers.append(_Answer(obj, row, verdict))


def _hit(caller: Caller, zone: ZoneInfo, answer: _Answer) -> Hit:
    obj, row, verdict = answer.obj, answer.row, answer.verdict
    return Hit(obj.key, row.id, row.title, _detail(caller, zone, obj, row), verdict.score, verdict.matches())


def _detail(caller: Caller, zone: ZoneInfo, obj: RegisteredObject, row: RowView) -> str:
    """The fields of the subtitle in a line."""
    parts = []
    for name in obj.spec.subtitle:
        value, label = row.values.get(name), row.labels.get(name)
        if name in row.labels:
            parts.append(label if isinstance(label, str) else "")
        elif isinstance(value, dt.datetime):
            parts.append(format_datetime(value, caller.language, zone))
        elif isinstance(value, dt.date):
            parts.append(format_date(value, caller.language, zone))
        elif value is not None:
            parts.append(obj.fields[name].type.to_text(obj.fields[name], value))
    return " · ".join(filter(None, parts))
