"""What of a record is searched: the fields of its object, in groups that are indexed each in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from rapport.features.search.words import joined, phone_tokens, tokens
from rapport.lib.folding import fold
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.contacts import address_line

NAME, CONTACT, PHONE, BODY = "name", "contact", "phone", "body"
GROUPS = {
    "text": NAME, "address": NAME, "addresses": NAME, "domains": NAME,
    "email": CONTACT, "emails": CONTACT, "handles": CONTACT, "url": CONTACT, "number": CONTACT, "decimal": CONTACT,
    "phone": PHONE, "phones": PHONE, "longtext": BODY,
}  # fmt: skip
"""Field type to group. Names tolerate typos; long texts are searched after everything else."""
CUSTOM = frozenset({"text", "email", "phone", "url"})
"""Types of custom fields that are searched unless their option `searchable` is off."""
IN_BODY = "¬"
"""Before each token of a long text, so that common words of notes do not crowd out names."""
OWNER, TEAM = "¦o", "¦t"
"""Before the key of owner and team, which are tokens too, so that one's own records are found among all others."""
BODY_CHARACTERS, MOST_TOKENS = 20_000, 1_000
ID_BITS = 42
CODE_OBJECTS = 1 << 20
"""Numbers below are of objects declared in code, above of custom ones."""
_PLACES = (NAME, CONTACT, PHONE, BODY)
_NOISE = frozenset({"http", "https", "www"})

Get = Callable[[str], Any]


def pieces(field: FieldSpec, value: Any) -> Sequence[str]:
    """The texts of a value: one, or one for each contact point."""
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, tuple):
        return [point["value"] for point in value]
    if isinstance(value, dict):
        return (address_line(value),) if value else ()
    return () if value is None else (str(value),)


def piece_tokens(group: str, folded: str) -> list[str]:
    """The tokens of folded text of a field in this group."""
    if group == PHONE:
        return phone_tokens(folded)
    if group == NAME:
        return tokens(folded) + joined(folded)
    return tokens(folded[:BODY_CHARACTERS])


@dataclass(frozen=True, slots=True)
class Searched:
    """The searched fields of an object, with the group of each. Built once for each definition of the object."""

    number: int
    fields: tuple[tuple[FieldSpec, str], ...]
    names: frozenset[str]
    watched: frozenset[str]
    """Fields whose change changes the entry."""
    places: tuple[tuple[FieldSpec, str, int], ...]
    """Fields with name and place of their group among all."""

    @property
    def has_body(self) -> bool:
        """Whether a long text is among the fields."""
        return any(group == BODY for _field, group in self.fields)

    def entry(self, get: Get, words: set[str]) -> str:
        """What the index holds of a record; the words of names are added to `words`."""
        texts: tuple[list[str], ...] = ([], [], [], [])
        for field, name, place in self.places:
            if value := get(name):
                if type(value) is str:
                    texts[place].append(value)
                else:
                    texts[place].extend(pieces(field, value))
        names, contacts, phones, bodies = texts
        found = piece_tokens(NAME, fold(" ".join(names)))
        words.update(found)
        if contacts:
            found += [t for t in tokens(fold(" ".join(contacts))) if t not in _NOISE]
        for number in phones:
            found += phone_tokens(number)
        held = list(dict.fromkeys(found))[:MOST_TOKENS]
        if owner := get("owner"):
            held.append(f"{OWNER}{owner}")
        if team := get("team"):
            held.append(f"{TEAM}{team}")
        if bodies:
            body = piece_tokens(BODY, fold(" ".join(bodies)))
            held += [IN_BODY + t for t in dict.fromkeys(body)][:MOST_TOKENS]
        return " ".join(held)

    def doc(self, record_id: int) -> int:
        """The key of a record's entry in the index."""
        return self.number << ID_BITS | record_id


def searched(obj: RegisteredObject) -> Searched:
    """The plan of an object; without fields when nothing of it is searched."""
    kept = obj.__dict__.get("_searched")
    if kept is None:
        fields = tuple(_fields(obj))
        names = frozenset(f.name for f, _g in fields)
        places = tuple((f, f.name, _PLACES.index(group)) for f, group in fields)
        kept = obj.__dict__["_searched"] = Searched(number_of(obj), fields, names, names | {"owner", "team"}, places)
    plan: Searched = kept
    return plan


def _fields(obj: RegisteredObject) -> Iterator[tuple[FieldSpec, str]]:
    for name, field in obj.fields.items():
        wanted = name in obj.spec.search or (
            field.custom and field.type.key in CUSTOM and field.options.get("searchable", True)
        )
        if wanted and field.type.storage == "column" and field.type.key in GROUPS:
            yield field, GROUPS[field.type.key]


def number_of(obj: RegisteredObject) -> int:
    """A number for an object that stays as long as its key does."""
    if obj.custom_object:
        return CODE_OBJECTS + int(obj.spec.fixed["object_id"])
    return crc32(obj.key.encode()) % CODE_OBJECTS


def doc_range(number: int) -> tuple[int, int]:
    """First and last key of the entries of an object."""
    return number << ID_BITS, (number + 1 << ID_BITS) - 1


def record_of(doc: int) -> tuple[int, int]:
    """Number of the object and key of the record of an entry."""
    return doc >> ID_BITS, doc & ((1 << ID_BITS) - 1)
