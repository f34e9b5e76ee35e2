"""What of a record tells who it is: the values of its matching fields in the forms in which they are compared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapport.lib.folding import fold

Get = Callable[[str], Any]

_FORMS = (
    "ab ag aktiengesellschaft aps as asa bv bvba co corp corporation cv ev eg eireli fze gbr gesellschaft gmbh "
    "inc incorporated kft kg kgaa kk limited llc llp lp ltd ltda mbh nv ohg oy oyj plc pte pty pvt sa sarl sas sasu se "
    "sl slu sp sro spa srl ug ulc vof zrt"
)
LEGAL_FORMS = frozenset(_FORMS.split())
"""Words of names of firms that say what kind of firm it is, and not which one."""
_FILLERS = frozenset({"and", "und", "et", "the", "der", "die", "das", "y", "e"})
_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b((?:\w\.){2,}\w?)")
_NUMBER = re.compile(r"\d+\s?[a-z]?\b")
_STREET = re.compile(r"(?:strasse|str|street|st|road|rd|avenue|ave|lane|ln|platz|pl|weg)\b\.?")


@dataclass(frozen=True, slots=True)
class Place:
    """A postal address: `postcode` and `number` (of the house) without spaces, `street` without its number."""

    postcode: str
    number: str
    street: str
    city: str


@dataclass(slots=True)
class Facts:
    """The matching values of one record, folded. Contact points and the like are kept with the field that holds them.

    `emails` and `phones`: value to (field, whether it is shared). `dates` and `codes`: by field.
    """

    given: str = ""
    family: str = ""
    organisation: str = ""
    employer: Any = None
    emails: dict[str, tuple[str, bool]] = field(default_factory=dict)
    phones: dict[str, tuple[str, bool]] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)
    domains: dict[str, str] = field(default_factory=dict)
    places: dict[Place, str] = field(default_factory=dict)
    dates: dict[str, dt.date] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)


def facts_of(matching: Mapping[str, str], get: Get) -> Facts:
    """The facts of a record whose cleaned values `get` gives, by the fields of `RegisteredObject.matching`."""
    found = Facts()
    for name, match in matching.items():
        value = get(name)
        if value is not None and value != "" and value != () and value != {}:
            _TAKE[match](found, name, value)
    return found


def _given(found: Facts, name: str, value: Any) -> None:
    found.given = words(value)


def _family(found: Facts, name: str, value: Any) -> None:
    found.family = words(value)


def _organisation(found: Facts, name: str, value: Any) -> None:
    found.organisation = firm_name(str(value))


def _employer(found: Facts, name: str, value: Any) -> None:
    found.employer = value


def _emails(found: Facts, name: str, value: Any) -> None:
    for text, shared in _points(value):
        found.emails.setdefault(text.lower(), (name, shared))


def _phones(found: Facts, name: str, value: Any) -> None:
    for text, shared in _points(value):
        number = "".join(c for c in text.partition(";")[0] if c.isdigit() or c == "+")
        if len(number) > 4:
            found.phones.setdefault(number, (name, shared))


def _handles(found: Facts, name: str, value: Any) -> None:
    for point in value if isinstance(value, tuple) else ():
        found.handles[f"{point.get('label', '')} {fold(point['value'])}"] = name


def _domains(found: Facts, name: str, value: Any) -> None:
    for text, _shared in _points(value):
        host = text.lower().partition("://")[2] or text.lower()
        host = re.split("[/:?#]", host, maxsplit=1)[0].removeprefix("www.")
        if "." in host:
            found.domains.setdefault(host, name)


def _places(found: Facts, name: str, value: Any) -> None:
    for address in value if isinstance(value, tuple) else (value,):
        place = place_of(address)
        if place.postcode or place.street:
            found.places[place] = name


def _date(found: Facts, name: str, value: Any) -> None:
    if isinstance(value, str):
        value = dt.date.fromisoformat(value[:10])
    found.dates[name] = value


def _code(found: Facts, name: str, value: Any) -> None:
    text = "".join(_WORD.findall(fold(str(value))))
    if text:
        found.codes[name] = text


_TAKE: dict[str, Callable[[Facts, str, Any], None]] = {
    "given": _given, "family": _family, "organisation": _organisation, "employer": _employer, "email": _emails,
    "phone": _phones, "handle": _handles, "domain": _domains, "address": _places, "date": _date, "code": _code,
}  # fmt: skip


def _points(value: Any) -> list[tuple[str, bool]]:
    """Values of contact points, or of a single one, with whether each is shared."""
    if isinstance(value, tuple):
        return [(str(point["value"]), bool(point.get("shared"))) for point in value]
    return [(str(value), False)]


def words(text: Any) -> str:
    """A name as folded words."""
    return " ".join(_WORD.findall(fold(str(text))))


@lru_cache(maxsize=4096)
def firm_name(text: str) -> str:
    """The words of a firm's name that tell which it is: without legal forms, unless nothing else is left."""
    folded = _DOTTED.sub(lambda match: match[1].replace(".", ""), fold(text))
    found = [word for word in _WORD.findall(folded) if word not in _FILLERS]
    kept = [word for i, word in enumerate(found) if i == 0 or word not in LEGAL_FORMS]
    return " ".join(kept)


def place_of(address: Mapping[str, str]) -> Place:
    """An address in the form in which it is compared."""
    street = fold(f"{address.get('street', '')}")
    number = _NUMBER.search(street)
    plain = _STREET.sub("str", street.replace(number[0], " ", 1) if number else street)
    return Place(
        postcode="".join(_WORD.findall(fold(address.get("postcode", "")))),
        number=number[0].replace(" ", "") if number else "",
        street=" ".join(_WORD.findall(plain)),
        city=words(address.get("city", "")),
    )
