"""Which pairs are looked at: records that share a key, of keys that few records share. SQL of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MOST, MOST_NAMED = 60, 12
"""Records that may share a key; one that more of them share tells nothing, and its pairs would be too many. Of a name
alone there must be fewer still."""
NAMES = frozenset({"given", "family"})
LISTED = {"emails": "email", "phones": "phone", "handles": "handle", "domains": "domain"}

# What records must share, by columns; a rule without one of its columns is left out.
RULES: tuple[tuple[str, ...], ...] = (
    ("mailbox",),
    ("given",),
    ("family",),
    ("given", "city"),
    ("given", "family"),
    ("given_root", "family_sound"),
    ("family", "given", "city"),
    ("family_sound", "postcode"),
    ("given_sound", "postcode"),
    ("family", "city"),
    ("street", "number"),
    ("street", "postcode"),
    ("street", "family"),
    ("street", "given"),
    ("extra", "city"),
    ("number", "postcode"),
    ("organisation",),
    ("organisation_words",),
    ("organisation_sound", "postcode"),
    ("organisation_sound", "city"),
    ("organisation_sound", "street"),
    ("employer", "given"),
    ("employer", "family"),
)
DATED: tuple[tuple[str, ...], ...] = (
    (), ("given_sound",), ("family_sound",), ("postcode",), ("city",), ("street",), ("mailbox",),
)  # fmt: skip
"""What is shared beside a date."""
DATED_PARTS: tuple[tuple[str, ...], ...] = (
    ("given", "family"), ("given_sound", "family_sound"), ("family", "city"), ("given", "city"),
    ("given_root", "family"),
)  # fmt: skip
"""What is shared beside a part of a date: its year, its month and day."""

TRAINING: tuple[tuple[str, ...], ...] = (("given", "family"), ("street", "postcode"), ("email",), ("organisation",))
"""What pairs share from which the training learns how often the rest is alike; dates and codes besides."""


def keys(columns: Sequence[str]) -> Iterator[str]:
    """Statements that yield (key, id) of the table `records`, each record once for a key of it."""
    there = set(columns)
    for number, rule in enumerate(RULES):
        if there.issuperset(rule):
            yield _key(f"{'n' if len(rule) == 1 and rule[0] in NAMES else 'r'}{number}", [f'"{c}"' for c in rule])
    for name in columns:
        if name in LISTED:
            yield f"SELECT 'l{name} ' || value, id FROM (SELECT id, unnest(\"{name}\") AS value FROM records)"
        elif name.startswith("code_"):
            yield _key(name, [f'"{name}"'])
        elif name.startswith("date_"):
            yield from _dated(name, there)
    if there >= {"given", "family"}:
        # In each other's place, they share what is sorted.
        yield _key("both", ['least("given", "family")', 'greatest("given", "family")'])


def _dated(name: str, there: set[str]) -> Iterator[str]:
    for number, rule in enumerate(DATED):
        if there.issuperset(rule):
            yield _key(f"{name}{number}", [f'"{c}"' for c in (name, *rule)])
    parts = {"y": f'"{name}"[1:4]', "d": f'"{name}"[5:8]', "m": f'"{name}"[1:6]'}
    for number, rule in enumerate(DATED_PARTS):
        if there.issuperset(rule):
            for part, text in parts.items():
                yield _key(f"{name}{part}{number}", [text, *(f'"{c}"' for c in rule)])


def _key(rule: str, parts: Sequence[str]) -> str:
    given = " AND ".join(f"{part} IS NOT NULL" for part in parts)
    text = " || '|' || ".join(parts)
    return f"SELECT '{rule} ' || {text}, id FROM records WHERE {given}"


def statements(columns: Sequence[str]) -> Iterator[str]:
    """Make the table `pairs` (join_key_l, join_key_r, match_key) of the table `records`."""
    union = " UNION ALL ".join(keys(columns)) or "SELECT '', id FROM records WHERE false"
    yield f"CREATE TEMP TABLE keys AS SELECT hash(key) AS key, key[1] = 'n' AS named, id FROM ({union}) AS t(key, id)"
    yield (
        "CREATE TEMP TABLE shared AS SELECT key, list(id) AS ids FROM keys GROUP BY key "
        f"HAVING count(*) BETWEEN 2 AND CASE WHEN bool_or(named) THEN {MOST_NAMED} ELSE {MOST} END"
    )
    yield "DROP TABLE keys"
    yield (
        "CREATE TABLE pairs AS SELECT DISTINCT l AS join_key_l, r AS join_key_r, '0' AS match_key FROM "
        "(SELECT l, unnest(ids) AS r FROM (SELECT ids, unnest(ids) AS l FROM shared)) WHERE l < r"
    )
    yield "DROP TABLE shared"
