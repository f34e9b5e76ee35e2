"""`find`: the records that may be the same as what somebody enters, exact identities first, then near ones.

Candidates come from identities and from blocking keys, the rarest first, a bounded number however many records there
are; only those that the caller may see are compared, and only by fields that the caller may see.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapport.features.duplicates import keys
from rapport.features.duplicates.facts import Facts, Get, facts_of
from rapport.features.duplicates.scoring import LEAST, compare
from rapport.features.duplicates.suggesting import Reason
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldError

DEPTH = 300
"""Records that are looked up under one key; of a name that more have, the newest."""
MOST = 60
"""Candidates that are compared."""
KEYS = "duplicates_key"


@dataclass(frozen=True, slots=True)
class Match:
    """A record that may be the one that is meant: probability `score` from 0 to 1, with reasons, the weightiest first.

    `exact`: they have an identity in common, such as an e-mail address that is not shared.
    """

    id: int
    score: float
    exact: bool
    reasons: tuple[Reason, ...]
    title: str = ""


@dataclass(slots=True)
class _Asked:
    """What one record is compared with: candidates with how rare what they have in common is."""

    facts: Facts
    rarity: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    namesakes: int = 1

    def candidates(self) -> list[int]:
        found = sorted(self.rarity, key=lambda record: (-self.rarity[record], -record))
        return found[:MOST]


def find(
    caller: Caller, obj: RegisteredObject, values: Mapping[str, Any], *, limit: int = 5, but: int | None = None
) -> list[Match]:
    """Live records that may be the one with these cleaned values, best first; `but` is the record's own key.

    Asks three statements or four, whatever the number of records. Nothing is told, not even a number, of records that
    the caller may not see, or by fields that they may not see.
    """
    return find_each(caller, obj, [(but, values.get)], limit=limit)[0]


def find_each(
    caller: Caller, obj: RegisteredObject, asked: Sequence[tuple[int | None, Get]], *, limit: int = 5
) -> list[list[Match]]:
    """`find` for several at once, each given by its own key (None for what is not kept yet) and its values."""
    seen = caller.visible_fields(obj)
    matching = {name: match for name, match in obj.matching.items() if name in seen}
    if not matching or not caller.may(obj, "read"):
        return [[] for _each in asked]
    wanted = [_Asked(facts_of(matching, get)) for _but, get in asked]
    _by_identity(obj, wanted)
    for one, (but, _get) in zip(wanted, asked, strict=True):
        _by_keys(obj, one)
        one.rarity.pop(but or 0, None)
    candidates = {record for one in wanted for record in one.candidates()}
    if not candidates:
        return [[] for _each in asked]
    rows = {row.id: row for row in visible(caller, obj).some(sorted(candidates), tuple(matching))}
    facts = {record: facts_of(matching, row.get) for record, row in rows.items()}
    found = []
    for one in wanted:
        matches = []
        for record in one.candidates():
            if record in facts:
                made = compare(obj, one.facts, facts[record], namesakes=one.namesakes)
                if made.score >= LEAST:
                    matches.append(Match(record, made.score, made.exact, made.reasons, rows[record].title))
        matches.sort(key=lambda match: (not match.exact, -match.score, -match.id))
        found.append(matches[:limit])
    return found


def cleaned(caller: Caller, obj: RegisteredObject, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The matching values of an input that can be read; what a field refuses is left out."""
    env, found = caller.env(), {}
    for name in obj.matching.keys() & raw.keys():
        spec = obj.fields[name]
        try:
            value = spec.type.clean(spec, raw[name], env)
        except FieldError:
            continue
        if not spec.type.is_empty(value):
            found[name] = value
    return found


def _by_identity(obj: RegisteredObject, wanted: Sequence[_Asked]) -> None:
    """Holders of contact points that identify, all of a field in one statement."""
    for name, identity in keys.identified(obj).items():
        askers: dict[str, list[_Asked]] = {}
        for one in wanted:
            for points in (one.facts.emails, one.facts.phones):
                for value, (of, shared) in points.items():
                    if of == name and not shared:
                        askers.setdefault(identity.normal(value), []).append(one)
        if askers:
            for value, record in identity.find(sorted(askers)).items():
                for one in askers[value]:
                    one.rarity[record] += DEPTH


def _by_keys(obj: RegisteredObject, one: _Asked) -> None:
    """Records under the same keys, at most `DEPTH` of each, in one statement."""
    kinds = keys.asked(obj, one.facts)
    if not kinds:
        return
    part = f"SELECT * FROM (SELECT key, record_id FROM {KEYS} WHERE key = %s ORDER BY record_id DESC LIMIT {DEPTH}) k"
    rows = db.rows(Sql(" UNION ALL ".join([part] * len(kinds)), tuple(kinds)))
    sizes = Counter(key for key, _record in rows)
    for key, record in rows:
        one.rarity[record] += 1 / sizes[key]
    one.namesakes = max((sizes[key] for key, kind in kinds.items() if kind == keys.NAMED), default=1)
