"""Blocking keys: numbers that records have in common which may be one, so that few of a million need be compared.

A key is a hash of what it stands for, below the number of its object, so that nothing of a person can be read in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterator
from hashlib import blake2b
from zlib import crc32

import jellyfish

from rapport.features.duplicates.facts import Facts
from rapport.registry import extensions
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import Identity

HASH_BITS = 42
MOST_WORDS = 6
"""Words of a firm's name that are keys."""
_SHORTEST_LOCAL = 5
_OFFICES = (
    "admin buchhaltung contact einkauf hallo hello info kontakt kundenservice mail marketing office order orders "
    "personal post presse reception sales service support team verkauf vertrieb webmaster zentrale"
)
_COMMON_LOCAL = frozenset(_OFFICES.split())
"""What stands before the @ of addresses of a whole firm."""

NAMED = "full"
"""The kind of the key of a whole name: how many share it tells how common the name is."""


def number_of(object_key: str) -> int:
    """The number that stands above the keys of an object."""
    return crc32(object_key.encode()) & 0xFFFFF


def key_range(object_key: str) -> tuple[int, int]:
    """First and last key of an object."""
    return number_of(object_key) << HASH_BITS, (number_of(object_key) + 1 << HASH_BITS) - 1


def keys_of(obj: RegisteredObject, facts: Facts) -> set[int]:
    """The keys that a record with these facts is kept under."""
    return {key_of(obj, text) for text in _texts(facts, identified(obj))}


def asked(obj: RegisteredObject, facts: Facts) -> dict[int, str]:
    """The keys under which records may be kept that are meant by these facts, with the kind of each.

    Besides its own: first and last name exchanged, day and month exchanged.
    """
    texts = [*_texts(facts, identified(obj))]
    if facts.given and facts.family:
        texts += _named(facts.family, facts.given)
    for name, day in facts.dates.items():
        if (turned := turned_day(day)) is not None:
            texts.append(f"date {name} {turned.isoformat()}")
    return {key_of(obj, text): text.partition(" ")[0] for text in texts}


def key_of(obj: RegisteredObject, text: str) -> int:
    """The key of a text that says what records have in common."""
    digest = blake2b(f"{obj.key} {text}".encode(), digest_size=6).digest()
    return number_of(obj.key) << HASH_BITS | int.from_bytes(digest) & ((1 << HASH_BITS) - 1)


def turned_day(day: dt.date) -> dt.date | None:
    """The date with day and month exchanged, if that is another date."""
    return dt.date(day.year, day.day, day.month) if day.day <= 12 and day.day != day.month else None


def sound(word: str) -> str:
    """How a word sounds, roughly; of other scripts than Latin how it begins."""
    letters = "".join(c for c in word if c.isalpha())
    return jellyfish.soundex(letters) if letters.isascii() and letters else (letters or word)[:3]


def local_part(email: str) -> str:
    """What stands before the @, where it may tell who somebody is."""
    local = email.partition("@")[0].partition("+")[0].replace(".", "")
    return "" if len(local) < _SHORTEST_LOCAL or local in _COMMON_LOCAL else local


def identified(obj: RegisteredObject) -> dict[str, Identity]:
    """Fields whose contact points, unless they are shared, are looked up elsewhere."""
    return {i.field: i for i in extensions.all_of(Identity) if i.object_key == obj.key}


def _texts(facts: Facts, elsewhere: Container[str]) -> Iterator[str]:
    yield from _named(facts.given, facts.family)
    if facts.organisation:
        found = facts.organisation.split()
        yield from (f"word {word}" for word in dict.fromkeys(found[:MOST_WORDS]) if len(word) > 1)
        yield f"heard {sound(''.join(found))}{sound(found[-1])}"
    for email, (name, shared) in facts.emails.items():
        if shared or name not in elsewhere:
            yield f"email {email}"
        if local := local_part(email):
            yield f"local {local}"
    for number, (name, shared) in facts.phones.items():
        if shared or name not in elsewhere:
            yield f"phone {number}"
    yield from (f"handle {handle}" for handle in facts.handles)
    yield from (f"domain {domain}" for domain in facts.domains)
    for place in facts.places:
        if place.number and (place.postcode or place.city):
            yield f"place {place.postcode or place.city} {place.number}"
    for name, day in facts.dates.items():
        yield f"date {name} {day.isoformat()}"
    yield from (f"code {name} {code}" for name, code in facts.codes.items())


def _named(given: str, family: str) -> Iterator[str]:
    """Of each part of a last name how it sounds, with the first letter and with the sound of the first name; and how
    it begins, with the whole first name."""
    first = given.partition(" ")[0]
    if not family:
        if first:
            yield f"lone {first}"
        return
    for part in dict.fromkeys(family.split()[-2:]):
        yield f"initial {sound(part)} {first[:1]}"
        if first:
            yield f"{NAMED} {sound(part)} {sound(first)}"
            yield f"begin {part[:3]} {first}"
