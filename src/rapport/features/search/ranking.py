"""How well a record answers a query: each term by its best field, the title above all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.fuzz import ratio

from rapport.features.search.query import Piece, Query, Term
from rapport.features.search.texts import BODY, IN_BODY, Searched, piece_tokens, pieces
from rapport.features.search.words import fold, tokens

TITLE, MAIN, LONG = 1.0, 0.7, 0.35
"""What a field is worth: the title, another one, a long text."""
WHOLE, BEGINNING = 1.0, 0.6
"""What a token is worth that is the whole one, or its first letters; between them by how much is left."""
LIKENESS, START = 0.25, 0.1
"""What a title adds that is like the whole query, or begins with it."""
SNIPPET = 80


@dataclass(frozen=True, slots=True)
class Match:
    """What was found outside the title: the field and the text in it, shortened around the find."""

    field: str
    text: str


@dataclass(slots=True)
class Verdict:
    """How well a record answers, 0 to 1, and by what. 0: it does not."""

    score: float = 0.0
    matched: list[Match] = field(default_factory=list)


def glance(query: Query, title: str) -> float:
    """A quick order by title alone, to choose whose fields are read."""
    folded = fold(title)
    score = ratio(query.text, folded) / 100
    if folded.startswith(query.text):
        score += 1
    padded = f" {folded} "
    for term in query.terms:
        if (token := term.word) and f" {token}" in padded:
            score += 2 if f" {token} " in padded else 1
    return score


def judge(query: Query, terms: Sequence[Term], plan: Searched, title: str, get: Callable[[str], Any]) -> Verdict:
    """The verdict on a record of which `get` gives the fields that the caller may see."""
    best = [0.0] * len(terms)
    where: list[Match | None] = [None] * len(terms)
    for spec, group in plan.fields:
        for piece in pieces(spec, get(spec.name)):
            worth = LONG if group == BODY else TITLE if piece == title else MAIN
            if min(best) >= worth:
                continue
            folded = fold(piece)
            found = piece_tokens(group, folded)
            for i, term in enumerate(terms):
                value = worth * _term(term, found, group == BODY)
                if value > best[i]:
                    best[i] = value
                    where[i] = None if piece == title else Match(spec.name, snippet(piece, folded, term))
    if not all(best):
        return Verdict()
    score = sum(best) / len(best)
    heading = fold(title)
    score += LIKENESS * ratio(query.text, heading) / 100 + (START if heading.startswith(query.text) else 0)
    return Verdict(score / (1 + LIKENESS + START), list(dict.fromkeys(m for m in where if m)))


def _term(term: Term, found: Sequence[str], body: bool) -> float:
    """The worth of the best option of a term among the tokens of one text."""
    best = 0.0
    for option in term.options:
        if option[0].in_body != body:
            continue
        worth = 1.0
        for piece in option:
            worth = min(worth, _piece(piece, found))
            if worth <= best:
                break
        best = max(best, worth)
    return best


def _piece(piece: Piece, found: Sequence[str]) -> float:
    token = piece.token.removeprefix(IN_BODY)
    if token in found:
        return piece.worth * WHOLE
    if not piece.prefix:
        return 0.0
    lengths = [len(t) for t in found if t.startswith(token)]
    if not lengths:
        return 0.0
    return piece.worth * (BEGINNING + (WHOLE - BEGINNING) * 0.9 * len(token) / min(lengths))


def snippet(text: str, folded: str, term: Term) -> str:
    """The text, or what stands around the find when it is long."""
    text = " ".join(text.split())
    if len(text) <= SNIPPET:
        return text
    at = max(0, min((folded.find(t) for t in tokens(term.word) if t in folded), default=0) - SNIPPET // 4)
    at = text.rfind(" ", 0, at) + 1 if at else 0
    cut = text[at : at + SNIPPET]
    return ("…" if at else "") + cut.rstrip() + ("…" if at + SNIPPET < len(text) else "")
