"""PostgreSQL: an inverted index of lexemes, reached through a function that keeps the planner to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rapport.features.search.index import Found, Index, merged, pattern
from rapport.features.search.query import Piece, Term
from rapport.features.search.texts import ID_BITS
from rapport.lib.sql import Sql
from rapport.records import db

MOST = 2_000
"""Hits of one look that are read; the index knows no order, so the newest entries are looked at beside these."""
SHORT = 2
"""Beginnings of up to this length stand before too many lexemes: the text of an entry is compared instead."""
_PUT = (
    "INSERT INTO search_entry (id, text) VALUES (%s, %s) "
    "ON CONFLICT (id) DO UPDATE SET text = excluded.text WHERE search_entry.text <> excluded.text"
)


class Gin(Index):
    """PostgreSQL: an inverted index of lexemes."""

    source, key = "search_entry s", "s.id"
    held = "array_to_tsvector(string_to_array(s.text, ' ')) @@ %s::tsquery"
    conjunction, disjunction = " & ", " | "

    def piece(self, piece: Piece) -> str:
        return f"'{piece.token}':*" if piece.prefix else f"'{piece.token}'"

    def helps(self, piece: Piece) -> bool:
        return not piece.prefix or len(piece.token) > SHORT

    def says_all(self, piece: Piece) -> bool:
        return self.helps(piece)

    def put(self, rows: Sequence[tuple[int, str]], *, fresh: bool) -> None:
        if fresh:
            db.insert_many("search_entry", ("id", "text"), rows)
        elif rows:
            db.execute_many(_PUT, rows)

    def occurs(self, token: str) -> bool:
        match = self.piece(Piece(token, prefix=False))
        return db.row(Sql("SELECT 1 FROM search_hits(%s::tsquery, NULL, NULL, 1, 1)", (match,))) is not None

    def _indexed(self, match: str, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> Found:
        patterns = [pattern(t) for t in self.shapes(terms)] or None
        statement = "SELECT id, total FROM search_hits(%s::tsquery, %s::bigint[], %s::text[], %s, %s)"
        rows = db.rows(Sql(statement, (match, list(numbers), patterns, quota, MOST)))
        docs = [doc for doc, _total in rows]
        if rows and rows[0][1] >= MOST:
            return merged(Found(docs, set(numbers)), self._window(terms, numbers, quota), quota)
        counts = Counter(doc >> ID_BITS for doc in docs)
        return Found(docs, {number for number, count in counts.items() if count >= quota})
