"""Where a column goes: a field, a part of an address, a labelled contact point; recognised by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from django.utils.translation import gettext as _

from rapport.records.accounts.caller import Caller
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.contacts import ADDRESS_PARTS, ContactsType

GRAMMAR = re.compile(r"(?P<field>[a-z][a-z0-9_]*)(?::(?P<label>[a-z]+))?(?:\.(?P<part>[a-z]+))?")

# What other systems call things: by name of a field, by type of a field, by part of an address.
BY_FIELD = {
    "first_name": ("first", "given name", "givenname", "forename", "vorname", "prénom"),
    "last_name": ("last", "surname", "family name", "familyname", "nachname", "nom"),
    "birthday": ("date of birth", "dob", "birth date", "birthdate"),
    "job": ("job title", "title", "position", "role"),
    "description": ("notes", "comment", "comments"),
}
BY_TYPE: dict[str, dict[str, tuple[str, ...]]] = {
    "emails": {"": ("email", "e-mail", "mail", "email address", "e-mail address"), "work": ("work email",),
               "home": ("private email", "personal email")},
    "phones": {"": ("phone", "telephone", "tel", "phone number"), "mobile": ("mobile", "cell", "mobile phone"),
               "work": ("work phone", "business phone"), "home": ("home phone",)},
    "domains": {"": ("domain", "domain name")},
}  # fmt: skip
ORGANISATION = ("organisation", "organization", "org", "employer")
"""What a reference to something that has domains is called."""
BY_PART = {
    "street": ("street", "address", "address 1", "address line 1", "street address", "straße", "strasse"),
    "extra": ("address 2", "address line 2"),
    "city": ("city", "town", "suburb", "locality", "ort", "stadt"),
    "region": ("state", "region", "province", "county"),
    "postcode": ("postcode", "zip", "zip code", "postal code", "plz"),
    "country": ("country", "land"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A field, and where it has parts or labels, which: `addresses:home.city`, `emails:work`, `last_name`."""

    field: FieldSpec
    label: str = ""
    part: str = ""

    def __str__(self) -> str:
        label, part = self.label and f":{self.label}", self.part and f".{self.part}"
        return f"{self.field.name}{label}{part}"


def parse(caller: Caller, obj: RegisteredObject, text: str) -> Target:
    """The target that a mapping names. Raises ValueError with a sentence for the user."""
    found = GRAMMAR.fullmatch(text)
    field = obj.fields.get(found["field"]) if found else None
    if found is None or field is None or not caller.sees(obj, field):
        raise ValueError(_("There is no field %(name)s.") % {"name": text[:80]})
    if not caller.edits(obj, field):
        raise ValueError(_("The field %(name)s can't be imported.") % {"name": text})
    label, part = found["label"] or "", found["part"] or ""
    if part and (field.type.key not in {"address", "addresses"} or part not in ADDRESS_PARTS):
        raise ValueError(_("%(name)s: choose one of %(parts)s.") % {"name": text, "parts": ", ".join(ADDRESS_PARTS)})
    if label:
        labels = [c.value for c in field.type.labels] if isinstance(field.type, ContactsType) else []
        if label not in labels:
            raise ValueError(_("%(name)s: choose one of %(parts)s.") % {"name": text, "parts": ", ".join(labels)})
    return Target(field, label, part)


def offered(caller: Caller, obj: RegisteredObject) -> Iterator[Target]:
    """Every target of an object that the caller may set, addresses in their parts."""
    for field in obj.fields.values():
        if not caller.sees(obj, field) or not caller.edits(obj, field) or field.type.key == "file":
            continue
        if field.type.key in {"address", "addresses"}:
            yield from (Target(field, part=part) for part in ADDRESS_PARTS)
        else:
            yield Target(field)


def is_organisation(field: FieldSpec) -> bool:
    """Whether a field refers to organisations: to something that has domains."""
    target = catalog.current().objects.get(field.target) if field.type.key == "reference" else None
    return target is not None and any(f.type.key == "domains" for f in target.fields.values())


class Recogniser:
    """Knows the targets of an object by the names that columns have."""

    def __init__(self, caller: Caller, obj: RegisteredObject) -> None:
        self.caller, self.obj = caller, obj
        self.names: dict[str, Target] = {}
        for target in offered(caller, obj):
            for name in (str(target), target.field.name, str(target.field.label)):
                if not target.part or "." in name:
                    self._add(name, target)
        for target in offered(caller, obj):
            self._aliases(target)

    def _add(self, name: str, target: Target) -> None:
        self.names.setdefault(plain(name), target)

    def _aliases(self, target: Target) -> None:
        field = target.field
        if target.part:
            self._add(f"{field.label} {target.part}", target)
        more = ORGANISATION if is_organisation(field) else ()
        for name in (*BY_FIELD.get(field.name, ()), *BY_PART.get(target.part, ()), *more):
            self._add(name, target)
        for label, names in BY_TYPE.get(field.type.key, {}).items():
            for name in names:
                self._add(name, Target(field, label))

    def find(self, column: str) -> Target | None:
        """The target of a column by its name, or by what a mapping would say: `emails:work`, `addresses:home.city`."""
        found = self.names.get(plain(column))
        if found is None and ":" in column:
            with suppress(ValueError):
                return parse(self.caller, self.obj, column.strip())
        return found


def plain(text: str) -> str:
    """A name without case, spaces and punctuation."""
    return "".join(c for c in text.casefold() if c.isalnum() or c == ".")
