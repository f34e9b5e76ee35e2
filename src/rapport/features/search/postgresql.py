"""PostgreSQL: an inverted index of lexemes, each with its object's number.

The index knows no order, and collects everything that begins as asked before it gives anything. So of large objects the
newest entries are read first: they tell what is too common to be collected, and hold enough of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapport.features.search.index import Found, Index, holds
from rapport.features.search.query import Piece, Term
from rapport.features.search.texts import ID_BITS
from rapport.lib.sql import Sql
from rapport.records import db

NEAR, FAR = 200, 1_000
"""Newest entries that tell how common something is, and that are read where it is common."""
HEAVY = 20_000
"""Entries that begin alike, from which on the index takes too long to collect them."""
MOST = 400
"""Hits of one look into the index that are read, for each object."""
FEWEST, FEWEST_IN_TEXTS = 20, 5
"""With as many hits among the newest entries, what is common is not collected; for words in long texts too."""
SHORT = 2
"""Beginnings of up to this length are common in any object."""
MANY = 6
"""Ways to be found, from which on reading takes longer than the index."""
_PUT = (
    "INSERT INTO search_entry (id, text) VALUES (%s, %s) "
    "ON CONFLICT (id) DO UPDATE SET text = excluded.text WHERE search_entry.text <> excluded.text"
)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the newest entries of an object say: hits, and which terms are common."""

    docs: list[int]
    heavy: list[bool]


class Gin(Index):
    """PostgreSQL: the newest entries, and an inverted index of lexemes."""

    source, key = "search_entry s", "s.id"
    held = "search_lexemes(s.id, s.text) @@ %s::tsquery"
    conjunction, disjunction = " & ", " | "
    listed = "unnest(%s::bigint[]) o(number)"

    def piece(self, piece: Piece, number: int) -> str:
        return f"'{number}.{piece.token}'{':*' if piece.prefix else ''}"

    def put(self, rows: Sequence[tuple[int, str]], *, fresh: bool) -> None:
        if fresh:
            db.insert_many("search_entry", ("id", "text"), rows)
        elif rows:
            db.execute_many(_PUT, rows)

    def find(self, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> Found:
        typed = [t for t in terms if not t.is_limit]
        is_short = len(typed) == 1 and 0 < len(typed[0].word) <= SHORT
        looks: dict[int, _Look] = {}
        if sum(len(t.options) for t in typed) <= MANY:
            looks = self._looks(terms, numbers, NEAR, 0 if is_short else HEAVY)
        common = [n for n, look in looks.items() if all(h or t.is_limit for h, t in zip(look.heavy, terms))]
        looks |= self._looks(terms, common, FAR, HEAVY) if common else {}
        docs = {doc for look in looks.values() for doc in look.docs[:quota]}
        fewest = FEWEST if all(len(t.options) == 1 for t in typed) else FEWEST_IN_TEXTS
        enough = {n for n, look in looks.items() if (is_short or n in common) and len(look.docs) >= fewest}
        enough.update(common if len(typed) == 1 else ())
        exact = [t.exact() for t in terms]
        wanted: list[tuple[int, Sequence[Term]]] = []
        for number in numbers:
            if number not in enough:
                heavy = looks[number].heavy if number in looks else [False] * len(terms)
                wide = [e if h else t for h, e, t in zip(heavy, exact, terms)]
                wanted += [(number, exact), (number, wide)] if wide != exact else [(number, exact)]
        docs.update(self._hits(wanted, quota))
        counts = Counter(doc >> ID_BITS for doc in docs)
        return Found(sorted(docs, reverse=True), {number for number in counts if counts[number] >= quota}, whole=True)

    def scrub(self) -> None:
        db.execute(Sql("VACUUM search_entry"))
        db.execute(Sql("REINDEX INDEX CONCURRENTLY search_entry_words"))

    def occurs(self, token: str) -> bool:
        text = "SELECT id >> %s FROM search_entry WHERE id > %s ORDER BY id LIMIT 1"
        number = -1
        while found := db.row(Sql(text, (ID_BITS, (number + 1 << ID_BITS) - 1))):
            number = found[0]
            if self._hits([(number, [Term(((Piece(token, prefix=False),),))])], 1):
                return True
        return False

    def _looks(self, terms: Sequence[Term], numbers: Sequence[int], depth: int, size: int) -> dict[int, _Look]:
        """The newest entries of each object that is larger than `size`, compared with the terms."""
        held = [holds([t], "x.text") for t in terms]
        names = [f"h{i}" for i in range(len(held))]
        of_object = f"e.id >= o.number << {ID_BITS} AND e.id < (o.number + 1) << {ID_BITS}"
        text = f"""
            SELECT o.number, o.size, l.docs, l.counts FROM (
                SELECT o.number, (SELECT e.id FROM search_entry e WHERE {of_object} ORDER BY e.id DESC LIMIT 1)
                    - (SELECT e.id FROM search_entry e WHERE {of_object} ORDER BY e.id LIMIT 1) AS size
                FROM {self.listed}
            ) o CROSS JOIN LATERAL (
                SELECT array_agg(n.id ORDER BY n.id DESC) FILTER (WHERE {" AND ".join(names)}) AS docs,
                    ARRAY[{", ".join(f"count(*) FILTER (WHERE {name})" for name in names)}] AS counts
                FROM (
                    SELECT x.id, {", ".join(f"{h.text} AS {n}" for h, n in zip(held, names, strict=True))} FROM (
                        SELECT e.id, e.text FROM search_entry e WHERE {of_object} ORDER BY e.id DESC LIMIT {int(depth)}
                    ) x OFFSET 0
                ) n
            ) l WHERE o.size >= {int(size)}
        """
        rows = db.rows(Sql(text, (list(numbers), *(value for h in held for value in h.params))))
        return {
            number: _Look(docs or [], [count * size > HEAVY * depth for count in counts])
            for number, size, docs, counts in rows
        }

    def _hits(self, wanted: Sequence[tuple[int, Sequence[Term]]], quota: int) -> list[int]:
        """What the index finds for terms of objects, the newest among the first of each."""
        queries = [self.match(terms, number) for number, terms in wanted]
        if not queries:
            return []
        return [doc for (doc,) in db.rows(Sql("SELECT * FROM search_hits(%s::text[], %s, %s)", (queries, quota, MOST)))]
