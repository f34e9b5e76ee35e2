"""Text to tokens, the same for what is indexed and for what is searched.

Case, diacritics and ligatures are folded (`Ångström` → `angstrom`, `Straße` → `strasse`); anything but letters and
digits separates; runs of Chinese, Japanese and Korean script, which has no spaces, become overlapping pairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

LONGEST = 40
"""Characters of a token; a longer run of letters and digits is cut into several."""
BACKWARDS = "§"
"""Before the reversed digits of a phone number, so that its ending is a beginning."""

_ASCII_WORD = re.compile(f"[a-z0-9]{{1,{LONGEST}}}")
# Letters and digits of any script, with the vowel signs of Indic and South-East Asian scripts, which are no letters.
_SIGNS = "\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u102b-\u103e\u17b4-\u17d3\u3099"
_WORD = re.compile(f"(?:[^\\W_]|[{_SIGNS}]){{1,{LONGEST}}}")
_CJK = "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0002fa1f]"
_UNSPACED = re.compile(f"{_CJK}+")
_BRIDGE = re.compile(f"({_CJK}) +(?=({_CJK}))")
_JOINED = re.compile("[^\\W_]+(?:['’.&-][^\\W_]+)+")
_JOINTS = re.compile("['’.&-]")
_NO_DIGIT = re.compile("[^0-9]")
_COUNTRY_CODES = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def tokens(folded: str) -> list[str]:
    """The tokens of folded text in their order, each as often as it occurs."""
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return [part for word in _WORD.findall(folded) for part in _pairs(word)]


def _pairs(word: str) -> Iterable[str]:
    """A word, its stretches of unspaced script cut into overlapping pairs of characters."""
    if not _UNSPACED.search(word):
        return (word,)
    parts = [part for part in re.split(f"({_UNSPACED.pattern})", word) if part]
    cut = (
        [part[i : i + 2] for i in range(max(1, len(part) - 1))] if _UNSPACED.match(part) else [part] for part in parts
    )
    return [token for found in cut for token in found]


def is_cut(folded: str) -> bool:
    """Whether tokens of the text may begin or end within a word."""
    if not folded.isascii() and _UNSPACED.search(folded):
        return True
    return len(folded) > LONGEST and any(len(word) > LONGEST for word in folded.split())


def is_unspaced(token: str) -> bool:
    """Whether a token is a pair (or a single character) of unspaced script."""
    return not token.isascii() and bool(_UNSPACED.match(token))


def joined(folded: str) -> list[str]:
    """What names become when their apostrophes, dots, hyphens and CJK spaces are left out: `o'brien` → `obrien`."""
    found = [] if folded.isascii() else [first + last for first, last in _BRIDGE.findall(folded)]
    if _JOINTS.search(folded):
        words = (_JOINED.search(word) for word in folded.split() if not word.isalnum())
        found += [_JOINTS.sub("", match[0])[:LONGEST] for match in words if match]
    return found


def digits(text: str) -> str:
    """The digits of a text, without zeros at the start, which only say how far one dials."""
    return _NO_DIGIT.sub("", text).lstrip("0")


def national(number: str) -> str:
    """Digits of an international number without the country code; empty when it has none that is known."""
    for length in (1, 2, 3):
        if number[:length] in _COUNTRY_CODES:
            return number[length:].lstrip("0")
    return ""


def phone_tokens(value: str) -> list[str]:
    """Tokens of a phone number: it is found by how it begins, with and without country code, and by how it ends."""
    number = digits(value.partition(";")[0])[:LONGEST]
    if not number:
        return []
    found = [number, BACKWARDS + number[::-1]]
    if value.startswith("+") and (start := national(number)):
        found.append(start)
    return found
