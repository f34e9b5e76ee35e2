"""The two back ends: which entries hold the terms. Newest first for each object, bounded whatever the query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapport.features.search.query import Option, Piece, Term
from rapport.features.search.texts import ID_BITS, doc_range
from rapport.lib.sql import Sql, all_of, any_of
from rapport.records import db

WIDE = 400
"""Hits of a first look over all objects; with more of them, each object is looked at by itself."""
WINDOW = 3_000
"""Newest entries of an object that are read where no index helps."""
MOST = 5_000
"""Hits of one look that PostgreSQL, whose index knows no order, reads before it takes the newest."""


@dataclass(slots=True)
class Found:
    """Keys of entries, newest first for each object; `cut` are the numbers of objects that may have more."""

    docs: list[int] = field(default_factory=list)
    cut: set[int] = field(default_factory=set)


class Index:
    """What both back ends share."""

    short: int
    """Beginnings of up to this length are no help to the index: the text of the entry is compared instead."""
    source: str
    """The table that is searched."""
    key: str
    """The key of an entry in `source`."""
    held: str
    """The condition on `source` under which an entry holds what `match` says."""
    conjunction: str
    disjunction: str

    def find(self, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> Found:
        """Entries of objects with these numbers that hold all terms, at most `quota` of each object."""
        if match := self.match(terms):
            return self._indexed(match, terms, numbers, quota)
        exact = [t.exact() for t in terms]
        found = self._indexed(self.match(exact), exact, numbers, quota)
        return merged(found, self._window(terms, numbers, quota), quota)

    def within(self, terms: Sequence[Term], number: int, table: str, scope: Sql, limit: int) -> list[int]:
        """Keys of records that hold the terms, newest first, of those rows `t` of a table that `scope` allows.

        It looks at every hit: put a time limit around it.
        """
        first = number << ID_BITS
        match, rest = self.match(terms), self.shapes(terms)
        source, key, parts = (self.source, self.key, [Sql(self.held, (match,))]) if match else ("", "e.id", [])
        if rest:
            join = f"{source} JOIN search_entry e ON e.id = {self.key}" if match else "search_entry e"
            source, parts = join, [*parts, holds(rest, "e.text")]
        where = all_of([*parts, Sql(f"{key} BETWEEN %s AND %s", doc_range(number)), scope])
        text = (
            f'SELECT t.id FROM {source} JOIN "{table}" t ON t.id = {key} - {first} AND {key} = t.id + {first} '
            f"WHERE {where.text} ORDER BY {key} DESC LIMIT {int(limit)}"
        )
        return [record for (record,) in db.rows(Sql(text, where.params))]

    def match(self, terms: Iterable[Term]) -> str:
        """The terms in the language of the index, as far as it helps; empty when it does not."""
        parts = []
        for term in terms:
            options = [[self.piece(p) for p in o if self._helps(p)] for o in term.options]
            if all(options):
                parts.append(_grouped(self.disjunction, (_grouped(self.conjunction, o) for o in options)))
        return _grouped(self.conjunction, parts)

    def shapes(self, terms: Iterable[Term]) -> list[Term]:
        """Terms that `match` leaves out, in whole or in part."""
        return [t for t in terms if not all(self._helps(p) for o in t.options for p in o)]

    def piece(self, piece: Piece) -> str:
        """One token in the language of the index."""
        raise NotImplementedError

    def occurs(self, token: str) -> bool:
        """Whether any entry holds a token, outside long texts."""
        raise NotImplementedError

    def _helps(self, piece: Piece) -> bool:
        return not piece.prefix or len(piece.token) > self.short

    def _indexed(self, match: str, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> Found:
        raise NotImplementedError

    def _window(self, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> Found:
        """Among the newest entries of each object, those whose text holds the terms."""
        held = holds(terms, "w.text")
        newest = f"SELECT id, text FROM search_entry WHERE id BETWEEN %s AND %s ORDER BY id DESC LIMIT {WINDOW}"
        each = f"SELECT * FROM (SELECT w.id FROM ({newest}) w WHERE {held.text} LIMIT {int(quota)}) n"
        params = tuple(value for number in numbers for value in (*doc_range(number), *held.params))
        docs = (doc for (doc,) in db.rows(Sql(" UNION ALL ".join(each for _number in numbers), params)))
        return Found(sorted(docs, reverse=True), set(numbers))


class Fts5(Index):
    """SQLite: a full-text index that is read from its newest end."""

    short = 1
    source, key, held = "search_words", "search_words.rowid", "search_words MATCH %s"
    conjunction, disjunction = " AND ", " OR "

    def piece(self, piece: Piece) -> str:
        return f'"{piece.token}"*' if piece.prefix else f'"{piece.token}"'

    def occurs(self, token: str) -> bool:
        match = self.piece(Piece(token, prefix=False))
        return db.row(Sql(f"SELECT 1 FROM {self.source} WHERE {self.held} LIMIT 1", (match,))) is not None

    def _indexed(self, match: str, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> Found:
        if len(numbers) > 1:
            docs = self._newest(match, terms, None, WIDE)
            if len(docs) < WIDE:
                wanted = set(numbers)
                return Found([doc for doc in docs if doc >> ID_BITS in wanted])
        found = Found()
        for number in sorted(numbers, reverse=True):
            docs = self._newest(match, terms, number, quota)
            found.docs += docs
            if len(docs) >= quota:
                found.cut.add(number)
        return found

    def _newest(self, match: str, terms: Sequence[Term], number: int | None, limit: int) -> list[int]:
        parts, join = [Sql(self.held, (match,))], ""
        if number is not None:
            parts.append(Sql(f"{self.key} BETWEEN %s AND %s", doc_range(number)))
        if shapes := self.shapes(terms):
            parts.append(holds(shapes, "e.text"))
            join = f"JOIN search_entry e ON e.id = {self.key}"
        where = all_of(parts)
        text = f"SELECT {self.key} FROM {self.source} {join} WHERE {where.text} ORDER BY {self.key} DESC"
        return [doc for (doc,) in db.rows(Sql(f"{text} LIMIT {int(limit)}", where.params))]


class Gin(Index):
    """PostgreSQL: an inverted index of lexemes."""

    short = 2
    source, key = "search_entry s", "s.id"
    held = "array_to_tsvector(string_to_array(s.text, ' ')) @@ %s::tsquery"
    conjunction, disjunction = " & ", " | "

    def piece(self, piece: Piece) -> str:
        return f"'{piece.token}':*" if piece.prefix else f"'{piece.token}'"

    def occurs(self, token: str) -> bool:
        match = self.piece(Piece(token, prefix=False))
        return db.row(Sql("SELECT 1 FROM search_hits(%s::tsquery, NULL, NULL, 1, 1)", (match,))) is not None

    def _indexed(self, match: str, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> Found:
        patterns = [_pattern(t) for t in self.shapes(terms)] or None
        statement = "SELECT id, total FROM search_hits(%s::tsquery, %s::bigint[], %s::text[], %s, %s)"
        rows = db.rows(Sql(statement, (match, list(numbers), patterns, quota, MOST)))
        docs = [doc for doc, _total in rows]
        if rows and rows[0][1] >= MOST:
            return merged(Found(docs, set(numbers)), self._window(terms, numbers, quota), quota)
        counts: dict[int, int] = {}
        for doc in docs:
            counts[doc >> ID_BITS] = counts.get(doc >> ID_BITS, 0) + 1
        return Found(docs, {number for number, count in counts.items() if count >= quota})


def back_end() -> Index:
    """The back end of the database at hand."""
    return {"sqlite": Fts5, "postgresql": Gin}[db.dialect().vendor]()


def merged(first: Found, second: Found, quota: int) -> Found:
    """Both, each entry once, at most `quota` of each object."""
    kept: dict[int, int] = {}
    docs = []
    for doc in sorted({*first.docs, *second.docs}, reverse=True):
        number = doc >> ID_BITS
        kept[number] = kept.get(number, 0) + 1
        if kept[number] <= quota:
            docs.append(doc)
    return Found(docs, first.cut | second.cut)


def holds(terms: Sequence[Term], expression: str) -> Sql:
    """The condition that the text of an entry holds the terms, without an index."""
    return all_of(any_of(_option(o, expression) for o in t.options) for t in terms)


def _option(option: Option, expression: str) -> Sql:
    # Tokens are letters and digits: nothing in them means anything to LIKE, nor to a regular expression.
    return all_of(
        Sql(f"' ' || {expression} || ' ' LIKE %s", (f"% {p.token}%" if p.prefix else f"% {p.token} %",)) for p in option
    )


def _pattern(term: Term) -> str:
    options = ("".join(f"(?=.* {p.token}{'' if p.prefix else ' '})" for p in o) for o in term.options)
    return f"^(?:{'|'.join(options)})"


def _grouped(glue: str, parts: Iterable[str]) -> str:
    found = list(parts)
    return found[0] if len(found) == 1 else f"({glue.join(found)})" if found else ""
