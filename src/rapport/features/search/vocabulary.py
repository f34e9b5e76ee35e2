"""Words of names, found by what somebody typed: with one letter wrong, missing, added or two swapped, or from inside.

Each word is filed under itself, under itself without one letter, and under its endings. Two words that differ by one
slip share such a key, so a look-up is a few exact keys, and the inside of a word is how one of its endings begins. A
half-typed word with a slip is, without one letter, how such a key begins. What is found is compared before it is used.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

from rapport.lib.sql import Sql
from rapport.records import db

SHORTEST, LONGEST, INNER, BEGUN = 3, 30, 4, 5
"""Lengths of words that are learnt, of the shortest inside that is looked for, of the shortest half-typed word."""
MOST = 30
_LAST = chr(0x10FFFF)


def learnable(words: Iterable[str]) -> list[str]:
    """Those of the words that can be mistyped: letters only, neither very short nor very long."""
    return sorted(w for w in set(words) if SHORTEST <= len(w) <= LONGEST and w.isalpha())


def slips(word: str) -> set[str]:
    """The word, and the word without each of its letters."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def keys(word: str) -> set[str]:
    """Everything that a word is filed under."""
    return slips(word) | {word[i:] for i in range(1, len(word) - INNER + 1)}


def learn(words: Iterable[str]) -> None:
    """File words that are not known yet. Filed by two transactions at once, one is there twice, harmlessly."""
    wanted = learnable(words)
    fresh = set(wanted) - known(wanted)
    rows = sorted((key, word) for word in fresh for key in keys(word))
    if not rows:
        return
    if db.dialect().vendor == "sqlite":
        db.execute_many("INSERT OR IGNORE INTO search_key (key, word) VALUES (%s, %s)", rows)
    else:
        db.insert_many("search_key", ("key", "word"), rows)


def known(words: Iterable[str]) -> set[str]:
    """Those of the words that are filed."""
    found: set[str] = set()
    for part in db.chunks(list(words)):
        text = f"SELECT word FROM search_key WHERE key IN ({db.marks(part)}) AND word = key"
        found.update(w for (w,) in db.rows(Sql(text, tuple(part))))
    return found


def forget(words: Iterable[str]) -> None:
    """Remove words and all that they are filed under."""
    rows = [(key, word) for word in words for key in keys(word)]
    if rows:
        db.execute_many("DELETE FROM search_key WHERE key = %s AND word = %s", rows)


def mistyped(token: str) -> list[str]:
    """Known words that differ from the token by one letter or one swap."""
    if len(token) < SHORTEST - 1 or len(token) > LONGEST + 1:
        return []
    wanted = sorted(slips(token) - {""})
    text = f"SELECT DISTINCT word FROM search_key WHERE key IN ({db.marks(wanted)})"
    found = (w for (w,) in db.rows(Sql(text, tuple(wanted))))
    near = [w for w in found if OSA.distance(token, w, score_cutoff=1) == 1]
    return sorted(near, key=lambda w: (abs(len(w) - len(token)), w))[:MOST]


def begun(token: str) -> list[str]:
    """Known words of which a half-typed token is the beginning but for one letter or one swap, short ones first."""
    if not BEGUN <= len(token) <= LONGEST:
        return []
    wanted = sorted(slips(token))
    one = "SELECT * FROM (SELECT word FROM search_key WHERE key >= %s AND key < %s LIMIT 60) s"
    params = tuple(value for slip in wanted for value in (slip, slip + _LAST))
    found = {w for (w,) in db.rows(Sql(" UNION ALL ".join(one for _slip in wanted), params)) if not w.startswith(token)}
    lengths = [len(token) + more for more in (-1, 0, 1)]
    near = [w for w in found if any(OSA.distance(token, w[:n], score_cutoff=1) == 1 for n in lengths if n < len(w))]
    return sorted(near, key=lambda w: (len(w), w))[:MOST]


def containing(token: str) -> list[str]:
    """Known words with the token inside, short ones first."""
    if len(token) < INNER:
        return []
    text = "SELECT DISTINCT word FROM search_key WHERE key >= %s AND key < %s LIMIT 1000"
    found = (w for (w,) in db.rows(Sql(text, (token, token + _LAST))))
    inside = [w for w in found if token in w[1:]]
    return sorted(inside, key=lambda w: (len(w), w))[:MOST]
