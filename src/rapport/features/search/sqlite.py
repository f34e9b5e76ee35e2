"""SQLite: the full-text index FTS5, which is read from its newest end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db import connection

from rapport.features.search.index import Found, Index, holds
from rapport.features.search.query import Piece, Term
from rapport.features.search.texts import ID_BITS, doc_range
from rapport.features.search.words import LONGEST
from rapport.lib.sql import Sql, all_of
from rapport.records import db

WIDE = 200
"""Hits of a first look over all objects; with more of them, each object is looked at by itself."""
INDEXED = 6
"""Beginnings up to this length are indexed, as the migration says; longer ones take a merge of all their words."""
COMMON = 3
"""Length of a beginning with which many words begin."""
WINDOW = 500
"""Newest entries with the indexed beginning among which the whole of a longer one is looked for."""
MERGES, MERGE_PAGES = 1_000, 200
_PUT = "INSERT INTO search_entry (id, text) VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET text = excluded.text"
_ADD = "INSERT INTO search_words (rowid, text) VALUES (%s, %s)"
_DROP = "INSERT INTO search_words (search_words, rowid, text) VALUES ('delete', %s, %s)"


class Fts5(Index):
    """SQLite: a full-text index that is read from its newest end."""

    source, key, held = "search_words", "search_words.rowid", "search_words MATCH %s"
    conjunction, disjunction = " AND ", " OR "

    def __init__(self, indexed: int = INDEXED) -> None:
        self.indexed = indexed

    def piece(self, piece: Piece) -> str:
        return f'"{piece.token[: self.indexed]}"*' if piece.prefix else f'"{piece.token}"'

    def helps(self, piece: Piece) -> bool:
        return True

    def says_all(self, piece: Piece) -> bool:
        return not piece.prefix or len(piece.token) <= self.indexed

    def put(self, rows: Sequence[tuple[int, str]], *, fresh: bool) -> None:
        # Not by triggers: within them the index is flushed after each row, which takes six times as long.
        if not fresh:
            old = self._texts([doc for doc, _text in rows])
            rows = [(doc, text) for doc, text in rows if old.get(doc) != text]
            db.execute_many(_DROP, [(doc, old[doc]) for doc, _text in rows if doc in old])
        db.execute_many(_PUT, rows)
        db.execute_many(_ADD, rows)

    def tend(self) -> None:
        # Many small segments make every look-up dearer; they are merged in steps, so that no writer waits long.
        for _step in range(MERGES):
            connection.ensure_connection()
            before = connection.connection.total_changes
            db.execute(Sql("INSERT INTO search_words (search_words, rank) VALUES ('merge', %s)", (MERGE_PAGES,)))
            if connection.connection.total_changes - before < 2:
                break

    def _texts(self, docs: Sequence[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for part in db.chunks(docs):
            text = f"SELECT id, text FROM search_entry WHERE id IN ({db.marks(part)})"
            found.update(db.rows(Sql(text, tuple(part))))
        return found

    def occurs(self, token: str) -> bool:
        match = self.piece(Piece(token, prefix=False))
        return db.row(Sql(f"SELECT 1 FROM {self.source} WHERE {self.held} LIMIT 1", (match,))) is not None

    def _indexed(self, match: str, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> Found:
        if len(numbers) > 1 and not self._is_common(terms):
            docs = self._newest(match, terms, None, WIDE)
            if len(docs) < WIDE:
                wanted = set(numbers)
                return Found([doc for doc in docs if doc >> ID_BITS in wanted])
        docs = self._each(match, terms, numbers, quota)
        counts = Counter(doc >> ID_BITS for doc in docs)
        return Found(docs, {number for number, count in counts.items() if count >= quota})

    def _is_common(self, terms: Sequence[Term]) -> bool:
        """Whether there is surely more than fits in a first look: one short beginning."""
        return len(terms) == 1 and 0 < len(terms[0].word) <= COMMON

    def _each(self, match: str, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> list[int]:
        """The newest of each object."""
        if not self.shapes(terms):
            parts = [self._hits(match, number, quota) for number in numbers]
            text = " UNION ALL ".join(f"SELECT id FROM ({p.text})" for p in parts)
            return [doc for (doc,) in db.rows(Sql(text, tuple(v for p in parts for v in p.params)))]
        # Long beginnings cost most: they are taken for whole words first, which is what most of them are.
        firm = [t.exact(longer_than=self.indexed) for t in terms]
        docs = self._each(self.match(firm), firm, numbers, quota)
        counts = Counter(doc >> ID_BITS for doc in docs)
        for number in numbers:
            if counts[number] < quota:
                docs += self._newest(match, terms, number, quota)
        return list(dict.fromkeys(docs))

    def _newest(self, match: str, terms: Sequence[Term], number: int | None, limit: int) -> list[int]:
        shapes = self.shapes(terms)
        if not shapes:
            return [doc for (doc,) in db.rows(self._hits(match, number, limit))]
        hits, held = self._hits(match, number, WINDOW), holds(shapes, "e.text")
        text = f"SELECT w.id, {held.text} FROM ({hits.text}) w CROSS JOIN search_entry e ON e.id = w.id"
        rows = db.rows(Sql(text, (*held.params, *hits.params)))
        docs = sorted((doc for doc, is_held in rows if is_held), reverse=True)[:limit]
        if len(docs) < limit and len(rows) >= WINDOW:
            whole = Fts5(indexed=2 * LONGEST)
            return whole._newest(whole.match(terms), terms, number, limit)
        return docs

    def _hits(self, match: str, number: int | None, limit: int) -> Sql:
        parts = [Sql(self.held, (match,))]
        if number is not None:
            parts.append(Sql(f"{self.key} BETWEEN %s AND %s", doc_range(number)))
        where = all_of(parts)
        text = f"SELECT {self.key} AS id FROM {self.source} WHERE {where.text} ORDER BY {self.key} DESC LIMIT {limit}"
        return Sql(text, where.params)
