"""Which entries hold the terms: what both back ends share. Newest first for each object, bounded whatever the query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.features.search.query import Option, Piece, Term
from rapport.features.search.texts import ID_BITS, doc_range
from rapport.lib.sql import Sql, all_of, any_of
from rapport.records import db


@dataclass(slots=True)
class Found:
    """Keys of entries, newest first for each object; `cut` are the numbers of objects that may have more.

    `whole`: they hold the terms as whole words.
    """

    docs: list[int] = field(default_factory=list)
    cut: set[int] = field(default_factory=set)
    whole: bool = False


class Index:
    """What both back ends share."""

    source: str
    """The table that is searched."""
    key: str
    """The key of an entry in `source`."""
    held: str
    """The condition on `source` under which an entry holds what `match` says."""
    few = 0
    """Fewer hits than this, where as many are asked for, are all that there are; 0 where that can't be said."""
    conjunction: str
    disjunction: str
    listed: str
    """Rows with a column `number`, of one parameter that `numbers_as` makes."""

    def present(self, numbers: Iterable[int]) -> set[int]:
        """The numbers of those objects that have entries at all."""
        held = f"id >= o.number << {ID_BITS} AND id < (o.number + 1) << {ID_BITS}"
        text = f"SELECT o.number FROM {self.listed} WHERE EXISTS (SELECT 1 FROM search_entry WHERE {held})"
        return {number for (number,) in db.rows(Sql(text, (self.numbers_as(list(numbers)),)))}

    def numbers_as(self, numbers: list[int]) -> Any:
        """Numbers as a parameter for `listed`."""
        return numbers

    def find(self, terms: Sequence[Term], numbers: Sequence[int], quota: int) -> Found:
        """Entries of objects with these numbers that hold all terms, at most `quota` of each object.

        Name objects that are `present` only: a walk for others would look at everything that lies between.
        """
        raise NotImplementedError

    def within(self, terms: Sequence[Term], number: int, table: str, scope: Sql, limit: int) -> list[int]:
        """Keys of records that hold the terms, newest first, of those rows `t` of a table that `scope` allows.

        It looks at every hit: put a time limit around it.
        """
        first = number << ID_BITS
        source, key, parts = self.source, self.key, [Sql(self.held, (self.match(terms, number),))]
        if rest := self.shapes(terms):
            source, parts = f"{source} JOIN search_entry e ON e.id = {key}", [*parts, holds(rest, "e.text")]
        where = all_of([*parts, Sql(f"{key} BETWEEN %s AND %s", doc_range(number)), scope])
        text = (
            f'SELECT t.id FROM {source} JOIN "{table}" t ON t.id = {key} - {first} AND {key} = t.id + {first} '
            f"WHERE {where.text} ORDER BY {key} DESC LIMIT {int(limit)}"
        )
        return [record for (record,) in db.rows(Sql(text, where.params))]

    def among(self, terms: Sequence[Term], docs: Sequence[int]) -> list[int]:
        """Those of the entries that hold the terms."""
        held = holds(terms, "e.text")
        found = []
        for part in db.chunks(docs):
            text = f"SELECT e.id FROM search_entry e WHERE e.id IN ({db.marks(part)}) AND {held.text}"
            found += [doc for (doc,) in db.rows(Sql(text, (*part, *held.params)))]
        return found

    def match(self, terms: Iterable[Term], number: int) -> str:
        """The terms in the language of the index, as far as it helps, for entries of the object with this number."""
        conjunction, disjunction = self.conjunction, self.disjunction
        parts = (
            grouped(disjunction, (grouped(conjunction, (self.piece(p, number) for p in o)) for o in term.options))
            for term in terms
        )
        return grouped(conjunction, parts)

    def shapes(self, terms: Iterable[Term]) -> list[Term]:
        """Terms of which `match` does not say everything: the text of an entry must be compared too."""
        return [t for t in terms if not all(self.says_all(p) for o in t.options for p in o)]

    def says_all(self, piece: Piece) -> bool:
        """Whether what the index finds for a piece holds it."""
        return True

    def piece(self, piece: Piece, number: int) -> str:
        """One token in the language of the index."""
        raise NotImplementedError

    def put(self, rows: Sequence[tuple[int, str]], *, fresh: bool) -> None:
        """Write entries, given as key and text; `fresh` ones are not there yet."""
        raise NotImplementedError

    def remove(self, docs: Sequence[int]) -> None:
        """Take entries out."""
        for part in db.chunks(docs):
            db.execute(Sql(f"DELETE FROM search_entry WHERE id IN ({db.marks(part)})", tuple(part)))

    def tend(self) -> None:
        """What the index needs now and then to stay fast."""

    def scrub(self) -> None:
        """Leave nothing readable of entries that were taken out; outside of any transaction, it takes a while."""
        raise NotImplementedError

    def occurs(self, token: str) -> bool:
        """Whether any entry holds a token, outside long texts."""
        raise NotImplementedError


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
    # Tokens are letters and digits: nothing in them means anything to LIKE.
    return all_of(
        Sql(f"' ' || {expression} || ' ' LIKE %s", (f"% {p.token}%" if p.prefix else f"% {p.token} %",)) for p in option
    )


def grouped(glue: str, parts: Iterable[str]) -> str:
    """The parts with `glue` between them, in parentheses when there are several."""
    found = list(parts)
    return found[0] if len(found) == 1 else f"({glue.join(found)})" if found else ""
