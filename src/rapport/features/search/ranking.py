"""How well a record answers a query: each term by its best field, the title above all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.fuzz import ratio

from rapport.features.search.query import Option, Piece, Query, Term
from rapport.features.search.texts import BODY, BODY_CHARACTERS, IN_BODY, NAME, PHONE, Searched, pieces
from rapport.features.search.words import is_cut, joined, phone_tokens, tokens
from rapport.lib.folding import fold

TITLE, MAIN, LONG = 1.0, 0.7, 0.35
"""What a field is worth: the title, another one, a long text."""
WHOLE, BEGINNING = 1.0, 0.6
"""What a token is worth that is the whole one, or its first letters; between them by how much is left."""
LIKENESS, START = 0.25, 0.1
"""What a title adds that is like the whole query, or begins with it."""
SNIPPET = 80
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Match:
    """What was found outside the title: the field and the text in it, shortened around the find."""

    field: str
    text: str


@dataclass(slots=True)
class Verdict:
    """How well a record answers, 0 to 1 (0: it does not); whether it holds all terms as typed, as whole words."""

    score: float = 0.0
    whole: bool = False
    finds: list[tuple[str, str, str]] = field(default_factory=list)

    def matches(self) -> tuple[Match, ...]:
        """What was found outside the title."""
        return tuple(dict.fromkeys(Match(name, snippet(text, token)) for name, text, token in self.finds))


class _Text:
    """A text of a field, made ready for being compared with many pieces."""

    def __init__(self, text: str, group: str) -> None:
        # Words are looked for in the text as it is; where tokens are not its words, among these.
        self.folded = fold(text[:BODY_CHARACTERS])
        self.body = group == BODY
        self.tokens: list[str] = joined(self.folded) if group == NAME else []
        if group == PHONE:
            self.folded, self.tokens = "", phone_tokens(text)
        elif is_cut(self.folded):
            self.folded, self.tokens = "", self.tokens + tokens(self.folded)

    def worth(self, piece: Piece) -> float:
        """How well a piece is found: 0 not at all, 1 as a whole word."""
        if piece.in_body != self.body:
            return 0.0
        token = piece.token[len(IN_BODY) :] if self.body else piece.token
        lengths = [length for length in self._words(token) if piece.prefix or length == len(token)]
        lengths += [len(t) for t in self.tokens if (t.startswith(token) if piece.prefix else t == token)]
        if not lengths:
            return 0.0
        length = min(lengths)
        return piece.worth * (WHOLE if length == len(token) else BEGINNING + (WHOLE - BEGINNING) * len(token) / length)

    def best(self, words: Mapping[str, float]) -> float:
        """The worth of the best of the text's words, given what some words are worth."""
        if self.body:
            return 0.0
        return max((words.get(word, 0.0) for word in {*_WORD.findall(self.folded), *self.tokens}), default=0.0)

    def _words(self, token: str) -> Iterator[int]:
        """Lengths of the words of the text that begin with a token; one that is the token ends it."""
        text, size = self.folded, len(token)
        at = text.find(token)
        while at >= 0:
            if at == 0 or not text[at - 1].isalnum():
                end = at + size
                while end < len(text) and text[end].isalnum():
                    end += 1
                yield end - at
                if end == at + size:
                    return
            at = text.find(token, at + size)


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
    plans = [_Wanted(term) for term in terms]
    best = [0.0] * len(terms)
    whole = [False] * len(terms)
    finds: list[tuple[str, str, str] | None] = [None] * len(terms)
    for spec, group in plan.fields:
        for piece in pieces(spec, get(spec.name)):
            worth = LONG if group == BODY else TITLE if piece == title else MAIN
            if min(best) >= worth:
                continue
            text = _Text(piece, group)
            for i, term in enumerate(terms):
                found = plans[i].worth(text)
                if found * worth > best[i]:
                    best[i], whole[i] = found * worth, found == WHOLE
                    finds[i] = None if piece == title else (spec.name, piece, term.word.removeprefix(IN_BODY))
    if not all(best):
        return Verdict()
    heading = fold(title)
    score = sum(best) / len(best) + LIKENESS * ratio(query.text, heading) / 100
    score += START if heading.startswith(query.text) else 0
    return Verdict(score / (1 + LIKENESS + START), all(whole), [find for find in finds if find])


class _Wanted:
    """A term, made ready for being looked for in many texts: known words by what they are worth, other options."""

    def __init__(self, term: Term) -> None:
        self.words: dict[str, float] = {}
        self.options: list[Option] = []
        for option in term.options:
            piece = option[0]
            if len(option) > 1 or piece.prefix or piece.in_body or not piece.token.isalnum():
                self.options.append(option)
            else:
                self.words[piece.token] = max(piece.worth, self.words.get(piece.token, 0.0))

    def worth(self, text: _Text) -> float:
        """The worth of the best option in one text."""
        best = text.best(self.words) if self.words else 0.0
        for option in self.options:
            worth = 1.0
            for piece in option:
                worth = min(worth, text.worth(piece))
                if worth <= best:
                    break
            best = max(best, worth)
            if best == WHOLE:
                break
        return best


def snippet(text: str, token: str) -> str:
    """The text, or what stands around a token when it is long."""
    text = " ".join(text.split())
    if len(text) <= SNIPPET:
        return text
    at = max(0, fold(text).find(token) - SNIPPET // 4)
    at = text.rfind(" ", 0, at) + 1 if at else 0
    cut = text[at : at + SNIPPET]
    return ("…" if at else "") + cut.rstrip() + ("…" if at + SNIPPET < len(text) else "")
