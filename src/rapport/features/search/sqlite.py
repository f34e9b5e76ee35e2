"""SQLite: the full-text index FTS5, which is read from its newest end."""

from __future__ import annotations

from collections.abc import Sequence

from rapport.features.search.index import Found, Index, holds
from rapport.features.search.query import Piece, Term
from rapport.features.search.texts import ID_BITS, doc_range
from rapport.lib.sql import Sql, all_of
from rapport.records import db

WIDE = 400
"""Hits of a first look over all objects; with more of them, each object is looked at by itself."""
_PUT = "INSERT INTO search_entry (id, text) VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET text = excluded.text"
_ADD = "INSERT INTO search_words (rowid, text) VALUES (%s, %s)"
_DROP = "INSERT INTO search_words (search_words, rowid, text) VALUES ('delete', %s, %s)"


class Fts5(Index):
    """SQLite: a full-text index that is read from its newest end."""

    short = 1
    source, key, held = "search_words", "search_words.rowid", "search_words MATCH %s"
    conjunction, disjunction = " AND ", " OR "

    def piece(self, piece: Piece) -> str:
        return f'"{piece.token}"*' if piece.prefix else f'"{piece.token}"'

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
