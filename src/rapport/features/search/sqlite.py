"""SQLite: the full-text index FTS5, which is read from its newest end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from rapport.features.search.index import Found, Index, holds
from rapport.features.search.query import Piece, Term
from rapport.features.search.texts import ID_BITS, doc_range
from rapport.features.search.words import LONGEST
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.write import together

INDEXED = 4
"""Beginnings up to this length are indexed, as the migration says; longer ones take a merge of all their words."""
PROBE, WINDOW, RARE = 60, 500, 6
"""Newest entries with the indexed beginning among which the whole of a longer one is looked for: some, and more unless
fewer than one in so many of those hold it."""
MERGES, MERGE_PAGES = 1_000, 200
_PUT = "INSERT INTO search_entry (id, text) VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET text = excluded.text"
_ADD = "INSERT INTO search_words (rowid, text) VALUES (%s, %s)"
_MERGE = "INSERT INTO search_words (search_words, rank) VALUES ('merge', %s)"
_DROP = "INSERT INTO search_words (search_words, rowid, text) VALUES ('delete', %s, %s)"


class Fts5(Index):
    """SQLite: a full-text index that is read from its newest end."""

    source, key, held = "search_words", "search_words.rowid", "search_words MATCH %s"
    conjunction, disjunction = " AND ", " OR "
    few = 300
    listed = "(SELECT value AS number FROM json_each(%s)) o"

    def numbers_as(self, numbers: list[int]) -> Any:
        return json.dumps(numbers)

    def __init__(self, indexed: int = INDEXED) -> None:
        self.indexed = indexed

    def piece(self, piece: Piece, number: int = 0) -> str:
        return f'"{piece.token[: self.indexed]}"*' if piece.prefix else f'"{piece.token}"'

    def says_all(self, piece: Piece) -> bool:
        return not piece.prefix or len(piece.token) <= self.indexed

    def put(self, rows: Sequence[tuple[int, str]], *, fresh: bool) -> None:
        # Not by triggers: within them the index is flushed after each row, which takes six times as long.
        if not fresh:
            together.settle()
            old = self._texts([doc for doc, _text in rows])
            rows = [(doc, text) for doc, text in rows if old.get(doc) != text]
            db.execute_many(_DROP, [(doc, old[doc]) for doc, _text in rows if doc in old])
        db.execute_many(_PUT, rows)
        together.put_off(_add, rows)

    def remove(self, docs: Sequence[int]) -> None:
        together.settle()
        super().remove(docs)

    def tend(self) -> None:
        # Many small segments make every look-up dearer.
        self._merge()

    def scrub(self) -> None:
        # What was deleted stays in its segment until that is merged with the one that says so.
        db.execute(Sql("PRAGMA secure_delete = ON"))
        try:
            db.execute(Sql(_MERGE, (-MERGE_PAGES,)))
            self._merge()
        finally:
            db.execute(Sql("PRAGMA secure_delete = OFF"))

    def _merge(self) -> None:
        """Merge segments in steps, so that no writer waits long."""
        for _step in range(MERGES):
            connection.ensure_connection()
            before = connection.connection.total_changes
            db.execute(Sql(_MERGE, (MERGE_PAGES,)))
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

    def find(self, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> Found:
        # Long beginnings cost most: they are taken for whole words first, which is what most of them are.
        firm = [t.exact(longer_than=self.indexed) for t in terms]
        docs = self._newest(self.match(firm, 0), numbers, quota)
        whole = firm == [t.exact() for t in terms]
        if firm != list(terms) and len(docs) < quota:
            docs, whole = sorted({*docs, *self._longer(terms, numbers, quota)}, reverse=True), False
        counts = Counter(doc >> ID_BITS for doc in docs)
        return Found(docs, {number for number, count in counts.items() if count >= quota}, whole)

    def _newest(self, match: str, numbers: Sequence[int], quota: int) -> list[int]:
        """The newest of each object, found in one walk that leaves out what is not wanted.

        A walk within bounds would be one for each object: the index looks at what lies between two hits all the same.
        """
        docs: list[int] = []
        counts: dict[int, int] = dict.fromkeys(numbers, 0)
        top = doc_range(max(numbers))[1]
        text = f"SELECT {self.key} FROM {self.source} WHERE {self.held} AND {self.key} <= %s ORDER BY {self.key} DESC"
        while top:
            hits = [doc for (doc,) in db.rows(Sql(f"{text} LIMIT {int(quota)}", (match, top)))]
            for doc in hits:
                number = doc >> ID_BITS
                if counts.get(number, quota) < quota:
                    counts[number] += 1
                    docs.append(doc)
            if len(hits) < quota:
                break
            last = hits[-1] >> ID_BITS
            if counts.get(last, quota) < quota:
                top = hits[-1] - 1
            else:
                top = max((doc_range(number)[1] for number in numbers if number < last), default=0)
        return docs

    def _longer(self, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> list[int]:
        """Entries with long beginnings: of the newest with the indexed part those that hold the whole.

        When few of them do, the whole is so rare that the index merges its words quickly.
        """
        wanted = set(numbers)
        for depth in (PROBE, WINDOW):
            rows = self._compared(terms, depth)
            docs = [doc for doc, is_held in rows if is_held and doc >> ID_BITS in wanted]
            if len(docs) >= quota or len(rows) < depth:
                return docs
            if sum(is_held for _doc, is_held in rows) < depth // RARE:
                break
        # Where a word is common as it stands, those that are longer are left out: all their hits would be merged.
        wide = [Term(tuple(tuple(map(self._bounded, o)) for o in t.options)) for t in terms]
        return docs + self._newest(_WHOLE.match(wide, 0), numbers, quota)

    def _compared(self, terms: Sequence[Term], depth: int) -> list[tuple[int, bool]]:
        """The newest entries with the indexed part of the terms, and whether they hold the whole."""
        hits = f"SELECT {self.key} AS id FROM {self.source} WHERE {self.held} ORDER BY {self.key} DESC LIMIT {depth}"
        held = holds(self.shapes(terms), "e.text")
        text = f"SELECT w.id, {held.text} FROM ({hits}) w CROSS JOIN search_entry e ON e.id = w.id"
        return [(doc, bool(is_held)) for doc, is_held in db.rows(Sql(text, (*held.params, self.match(terms, 0))))]

    def _bounded(self, piece: Piece) -> Piece:
        if self.says_all(piece):
            return piece
        exact = replace(piece, prefix=False)
        text = f"SELECT 1 FROM {self.source} WHERE {self.held} LIMIT 1 OFFSET {WINDOW}"
        return exact if db.row(Sql(text, (self.piece(exact),))) else piece


def _add(rows: Sequence[tuple[int, str]]) -> None:
    if rows:
        db.execute_many(_ADD, sorted(rows))  # Behind a later key, the index would write down what it has gathered.


_WHOLE = Fts5(indexed=2 * LONGEST)
