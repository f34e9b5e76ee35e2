"""How likely two records are one, by what they have in common, with the reasons.

Each comparison adds a weight: the base-2 logarithm of how much more often it is met among records that are one than
among others. Their sum, with what speaks against any two records from the start, gives the probability. The weights are
round numbers of the size that Fellegi-Sunter models learn for such fields; the nightly pass learns its own.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass

import jellyfish
from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from rapport.features.duplicates.facts import Facts, Place
from rapport.features.duplicates.keys import local_part, sound, turned_day
from rapport.features.duplicates.suggesting import Reason
from rapport.registry.catalog import RegisteredObject

START = -5.0
"""The weight that candidates begin with: most that share a key are different records."""
LEAST = 0.5
"""From this probability on a record counts as a match."""
SURE = 0.95
"""What a record gets at least that has an identity in common: it is the same for every door."""
SAME, ALIKE, SOUNDS, TURNED, TYPO, PART, DIFFERENT, INITIAL, SHARED = (
    "same", "alike", "sounds", "turned", "typo", "part", "different", "initial", "shared",
)  # fmt: skip
"""How two values compare: `Reason.how`."""


@dataclass(frozen=True, slots=True)
class Score:
    """`score` is a probability; `exact` says that an identity is the same."""

    score: float
    exact: bool
    reasons: tuple[Reason, ...]


def compare(obj: RegisteredObject, one: Facts, other: Facts, *, namesakes: int = 1) -> Score:
    """How likely records with these facts are one. `namesakes` is how many records have a name that sounds so."""
    names = list(_names(obj, one, other))
    rarity = -0.5 * math.log2(max(1, namesakes)) if sum(r.weight for r in names) > 0 else 0.0
    identities = list(_identities(one, other))
    exact = any(reason.how == SAME and reason.weight >= _EXACT for reason in identities)
    reasons = [*identities, *names, *_facts(obj, one, other)]
    weight = START + rarity + sum(reason.weight for reason in reasons)
    score = 1 / (1 + 2.0**-weight)
    reasons.sort(key=lambda reason: -reason.weight)
    return Score(max(score, SURE) if exact else score, exact, tuple(reasons))


_EXACT = 9.0


def _identities(one: Facts, other: Facts) -> Iterator[Reason]:
    """E-mail addresses, phone numbers, handles, numbers of someone's."""
    for mine, theirs, shared in ((one.emails, other.emails, 3.0), (one.phones, other.phones, 2.5)):
        for value in mine.keys() & theirs.keys():
            free = not mine[value][1] and not theirs[value][1]
            yield Reason(mine[value][0], SAME if free else SHARED, 10.0 if free else shared)
            break
        else:
            if mine and theirs:
                yield Reason(next(iter(mine.values()))[0], DIFFERENT, -0.5)
    if not one.emails.keys() & other.emails.keys():
        locals_ = {local_part(email) for email in one.emails} & {local_part(email) for email in other.emails} - {""}
        if any(not _tells_the_name(local, one) for local in locals_):
            yield Reason(next(iter(one.emails.values()))[0], PART, 3.5)
    for handle in one.handles.keys() & other.handles.keys():
        yield Reason(one.handles[handle], SAME, _EXACT)
    for name in one.codes.keys() & other.codes.keys():
        yield _code(name, one.codes[name], other.codes[name])


def _tells_the_name(local: str, facts: Facts) -> bool:
    """Whether an address says before its @ only what the name says: namesakes at two companies have the same."""
    return any(word and word in local for word in (*facts.family.split(), *facts.given.split()) if len(word) > 2)


def _code(name: str, one: str, other: str) -> Reason:
    if one == other:
        return Reason(name, SAME, 10.0)
    if min(len(one), len(other)) > 4 and DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1:
        return Reason(name, TYPO, 4.0)
    return Reason(name, DIFFERENT, -3.0)


def _names(obj: RegisteredObject, one: Facts, other: Facts) -> Iterator[Reason]:
    fields = {match: name for name, match in obj.matching.items()}
    if one.given and one.given == other.family and one.family == other.given and one.given != one.family:
        yield Reason(fields["family"], TURNED, 6.0)
        return
    if one.family and other.family:
        yield Reason(fields["family"], *_family(one.family, other.family))
    if one.given and other.given:
        yield Reason(fields["given"], *_given(one.given, other.given))
    if one.organisation and other.organisation:
        yield Reason(fields["organisation"], *_organisation(one.organisation, other.organisation))


def _family(one: str, other: str) -> tuple[str, float]:
    if one == other:
        return SAME, 4.0
    if JaroWinkler.similarity(one, other) >= 0.93 and _one_typo(one, other):
        return TYPO, 3.0
    if set(one.split()) & set(other.split()):
        return PART, 2.0
    if sound(one) == sound(other):
        return SOUNDS, 1.5
    return DIFFERENT, -5.0


def _given(one: str, other: str) -> tuple[str, float]:
    first, second = one.split()[0], other.split()[0]
    if first == second:
        return SAME, 3.0
    if first[0] == second[0] and 1 in (len(first), len(second)):
        return INITIAL, 1.0
    if _one_typo(first, second) and min(len(first), len(second)) > 3:
        return TYPO, 2.0
    if min(len(first), len(second)) > 2 and (first.startswith(second) or second.startswith(first)):
        return PART, 1.5
    if sound(first) == sound(second):
        return SOUNDS, 1.0
    return DIFFERENT, -4.0


def _one_typo(one: str, other: str) -> bool:
    return DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1


def _organisation(one: str, other: str) -> tuple[str, float]:
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return SAME, 8.0
    if _numbers(one) != _numbers(other):
        return DIFFERENT, -4.0
    ratio = fuzz.token_sort_ratio(one, other)
    if ratio >= 92:
        return ALIKE, 6.5
    if ratio >= 84:
        return ALIKE, 5.0
    if set(one.split()) <= set(other.split()) or set(other.split()) <= set(one.split()):
        return PART, 3.0
    if ratio >= 72 and jellyfish.metaphone(one) == jellyfish.metaphone(other):
        return SOUNDS, 4.0
    return DIFFERENT, -4.0


def _numbers(name: str) -> list[str]:
    """What tells branches and years of one name apart."""
    return sorted(word for word in name.split() if word.isdigit())


def _facts(obj: RegisteredObject, one: Facts, other: Facts) -> Iterator[Reason]:
    for name in one.dates.keys() & other.dates.keys():
        yield Reason(name, *_date(one.dates[name], other.dates[name]))
    for domain in one.domains.keys() & other.domains.keys():
        yield Reason(one.domains[domain], SAME, 9.0)
        break
    else:
        if one.domains and other.domains:
            yield Reason(next(iter(one.domains.values())), DIFFERENT, -1.0)
    if one.places and other.places:
        place, how, weight = max(
            ((name, *_place(mine, theirs)) for mine, name in one.places.items() for theirs in other.places),
            key=lambda found: found[2],
        )
        yield Reason(place, how, weight)
    if one.employer is not None and other.employer is not None:
        name = next(n for n, match in obj.matching.items() if match == "employer")
        yield Reason(name, *((SAME, 2.5) if one.employer == other.employer else (DIFFERENT, -0.5)))


def _date(one: dt.date, other: dt.date) -> tuple[str, float]:
    if one == other:
        return SAME, 4.5
    if turned_day(one) == other:
        return TURNED, 3.5
    if sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True)) == 1:
        return TYPO, 2.5
    return DIFFERENT, -6.0


def _place(one: Place, other: Place) -> tuple[str, float]:
    if one == other and one.street:
        return SAME, 4.5
    near = (one.postcode and one.postcode == other.postcode) or (one.city and one.city == other.city)
    if near and one.street and other.street and fuzz.ratio(one.street, other.street) >= 80:
        return (ALIKE, 4.0) if one.number == other.number else (PART, 1.5)
    if near:
        return PART, 1.0
    return DIFFERENT, -0.5
