"""What somebody typed, as terms: each must be found, in any order, in one of several ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rapport.features.search import vocabulary
from rapport.features.search.texts import IN_BODY, OWNER, TEAM
from rapport.features.search.words import BACKWARDS, digits, is_unspaced, tokens
from rapport.lib.folding import fold

MOST_CHARACTERS, MOST_TERMS = 200, 8
PHONE_DIGITS = 4
"""From this many digits on, a number may be the beginning or the ending of a phone number."""
BODY_PREFIX = 4
"""Shorter tokens must be whole words of a long text: too many begin with them."""
MISTYPED, INSIDE, BEGUN = 0.45, 0.4, 0.35
"""What a word is worth that was found by one slip, by letters inside, by a slip in its beginning; 1 is one as typed."""

_NUMBER = re.compile(r"(?<!\w)\+?\(?[0-9][0-9 ()/.\-]*[0-9](?!\w)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A token to be found; `prefix`: at the beginning of a longer one too."""

    token: str
    prefix: bool = True
    worth: float = 1.0

    @property
    def in_body(self) -> bool:
        """Whether it is looked for in long texts."""
        return self.token.startswith(IN_BODY)

    def finds(self, token: str) -> bool:
        """Whether the piece finds this token."""
        return token.startswith(self.token) if self.prefix else token == self.token


Option = tuple[Piece, ...]
"""Pieces that must all be found."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that must be found, by any of the options."""

    options: tuple[Option, ...]

    @property
    def word(self) -> str:
        """The token that was typed; empty when it was more than one."""
        return self.options[0][0].token if len(self.options[0]) == 1 else ""

    @property
    def is_limit(self) -> bool:
        """Whether it was not typed, but limits hits to records of some owners and teams."""
        return self.options[0][0].token.startswith((OWNER, TEAM))

    def exact(self, longer_than: int = 0) -> Term:
        """The same, as whole tokens only; with `longer_than`, shorter ones may be beginnings still."""
        return Term(
            tuple(
                tuple(replace(p, prefix=p.prefix and len(p.token) <= longer_than) for p in option)
                for option in self.options
            )
        )

    def with_body(self) -> Term:
        """The same, in long texts too."""
        added = tuple(tuple(_in_body(p) for p in o) for o in self.options if not o[0].token.startswith(BACKWARDS))
        return Term((*self.options, *added))

    def widened(self) -> Term:
        """The same, with known words that differ by a slip, or hold it inside, or begin with it but for a slip."""
        word = self.word
        if not word.isalpha() or is_unspaced(word):
            return self
        near = dict.fromkeys(vocabulary.mistyped(word), MISTYPED)
        inner = dict.fromkeys(vocabulary.containing(word), INSIDE)
        begun = dict.fromkeys([] if near else vocabulary.begun(word), BEGUN)
        return Term((*self.options, *((Piece(w, False, worth),) for w, worth in (begun | inner | near).items())))


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, folded, and its terms."""

    text: str
    terms: tuple[Term, ...]


def parse(text: str) -> Query:
    """The query that a text makes; without terms when there is nothing in it to search for."""
    folded = fold(text[:MOST_CHARACTERS])
    terms = tuple(dict.fromkeys(_terms(folded)))[:MOST_TERMS]
    return Query(" ".join(folded.split()), terms)


def _terms(folded: str) -> Iterator[Term]:
    at = 0
    for match in _NUMBER.finditer(folded):
        yield from _words(folded[at : match.start()])
        yield from _numbers(match[0])
        at = match.end()
    yield from _words(folded[at:])


def _words(text: str) -> Iterator[Term]:
    for token in tokens(text):
        yield Term(((Piece(token, not is_unspaced(token) or len(token) == 1),),))


def _numbers(run: str) -> Iterator[Term]:
    """Digits: a phone number however it is written, or simply numbers."""
    number = digits(run)
    if len(number) < PHONE_DIGITS:
        yield from _words(run)
        return
    options: list[Option] = [tuple(Piece(t) for t in tokens(run)), (Piece(number),), (Piece(BACKWARDS + number[::-1]),)]
    yield Term(tuple(dict.fromkeys(options)))


def _in_body(piece: Piece) -> Piece:
    return Piece(IN_BODY + piece.token, piece.prefix and len(piece.token) >= BODY_PREFIX, piece.worth)
