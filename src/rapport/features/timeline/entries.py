"""What a timeline consists of: entries with a title made of words and links, told by registered sources."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

LARGEST = 2**63 - 1
Before = tuple[dt.datetime, int] | None
"""Where to go on: entries older than this moment, and those of the moment with a smaller tie."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A record that a title names; surfaces make a link of it."""

    key: str
    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Refs:
    """Several records, named one after the other."""

    items: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class Strong:
    """A word that stands out, such as who did it."""

    text: str


Part = str | Ref | Refs | Strong


@dataclass(frozen=True, slots=True)
class Phrase:
    """A translated text with `{name}` where a part stands: `Phrase(_("{who} called {people}"), {...})`."""

    text: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    """Name to `Part`."""

    def split(self) -> Iterator[Part]:
        """Texts and parts in their order."""
        for position, piece in enumerate(re.split(r"\{(\w+)\}", self.text)):
            if position % 2:
                yield self.parts[piece]
            elif piece:
                yield piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. `tie` orders entries of one source at the same moment.

    `object_key` and `record_id` name the record that it is, if it is one that may be opened; `may` what the reader may
    do to it. `body` is Markdown. `badges` are (text, tone).
    """

    at: dt.datetime
    tie: int
    icon: str
    title: Phrase
    tone: str = "neutral"
    body: str = ""
    meta: str = ""
    badges: tuple[tuple[Any, str], ...] = ()
    object_key: str = ""
    record_id: int = 0
    may: frozenset[str] = frozenset()
    source: str = ""
