"""SQLite: the full-text index FTS5, which is read from its newest end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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
WINDOW = 500
"""Newest entries with the indexed beginning among which the whole of a longer one is looked for."""
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
        if len(numbers) > 1:
            docs = self._newest(match, terms, None, WIDE)
            if len(docs) < WIDE:
                wanted = set(numbers)
                return Found([doc for doc in docs if doc >> ID_BITS in wanted])
        docs = self._each(match, terms, numbers, quota)
        counts = Counter(doc >> ID_BITS for doc in docs)
        return Found(docs, {number for number, count in counts.items() if count >= quota})

    def _each(self, match: str, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> list[int]:
        """The newest of each object."""
        if self.shapes(terms):
            return [doc for number in numbers for doc in self._newest(match, terms, number, quota)]
        parts = [self._hits(match, number, quota) for number in numbers]
        text = " UNION ALL ".join(f"SELECT id FROM ({p.text})" for p in parts)
        return [doc for (doc,) in db.rows(Sql(text, tuple(v for p in parts for v in p.params)))]

    def _newest(self, match: str, terms: Sequence[Term], number: int | None, limit: int) -> list[int]:
        shapes = self.shapes(terms)
        if not shapes:
            return [doc for (doc,) in db.rows(self._hits(match, number, limit))]
        hits, held = self._hits(match, number, WINDOW), holds(shapes, "e.text")
        # Without an order of its own the statement stops at the limit, having walked the hits from the newest on.
        text = (
            f"SELECT w.id FROM ({hits.text}) w CROSS JOIN search_entry e ON e.id = w.id WHERE {held.text} "
            f"LIMIT {int(limit)}"
        )
        docs = [doc for (doc,) in db.rows(Sql(text, (*hits.params, *held.params)))]
        if len(docs) < limit and len(db.rows(hits)) >= WINDOW:
            whole = Fts5(indexed=2 * LONGEST)
            return whole._newest(whole.match(terms), terms, number, limit)
        return sorted(docs, reverse=True)

    def _hits(self, match: str, number: int | None, limit: int) -> Sql:
        parts = [Sql(self.held, (match,))]
        if number is not None:
            parts.append(Sql(f"{self.key} BETWEEN %s AND %s", doc_range(number)))
        where = all_of(parts)
        text = f"SELECT {self.key} AS id FROM {self.source} WHERE {where.text} ORDER BY {self.key} DESC LIMIT {limit}"
        return Sql(text, where.params)
