"""Which values the survivor of a merge gets: its own, its gaps filled by the newest of the others, lists united."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.registry.catalog import SYSTEM, RegisteredObject
from rapport.registry.fields import FieldSpec

if TYPE_CHECKING:
    from rapport.records.write.batch import Entry

ALL = "all"
"""Chosen for a field: what all of the records have, united."""
UNITED = frozenset({"references", "participants", "multichoice", "emails", "phones", "addresses", "handles", "domains"})
"""Types whose values are lists that can be united."""
Chosen = Mapping[str, Any]
"""Field to the key of the record whose value wins, or `ALL`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The value of one field: whose it is (a key or `ALL`), and what it will be. `values`: by record."""

    field: FieldSpec
    values: Mapping[int, Any]
    chosen: Any
    result: Any

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose."""
        first, *rest = (self.field.type.to_json(v) or None for v in self.values.values())
        return any(value != first for value in rest)


def mergeable(field: FieldSpec) -> bool:
    """Whether a field has a value of its own, that nothing keeps up."""
    return field.editable and not field.derived and field.type.storage != "computed" and field.name not in SYSTEM


def choose(caller: Caller, obj: RegisteredObject, entries: Sequence[Entry], chosen: Chosen) -> list[Choice]:
    """The value of each field, those that the caller may not see included; the first entry is the survivor's.

    Raises Invalid for a choice of a field that the caller may not set, or of a record that is not among them.
    """
    _check(caller, obj, entries, chosen)
    ids = {e.id for e in entries}
    made = []
    for field in obj.fields.values():
        if mergeable(field):
            values = {e.id: _outward(field, obj, e.before.get(field.name), ids) for e in entries}
            made.append(_choice(field, values, chosen.get(field.name)))
    return made


def _choice(field: FieldSpec, values: Mapping[int, Any], chosen: Any) -> Choice:
    if chosen is None:
        chosen = ALL if field.type.key in UNITED else _default(field, values)
    result = united(field, values.values()) if chosen == ALL else values[chosen]
    return Choice(field, values, chosen, result)


def _default(field: FieldSpec, values: Mapping[int, Any]) -> int:
    """The survivor, or where it has nothing the first of the others that has."""
    survivor: int = next(iter(values))
    if _fixed(field) or (field.type.key == "boolean" and values[survivor] is not None):
        return survivor
    return next((i for i, value in values.items() if not field.type.is_empty(value)), survivor)


def _fixed(field: FieldSpec) -> bool:
    """A column that is unique over the trash too can't take a value that the merged record keeps."""
    return field.unique and not field.custom


def _check(caller: Caller, obj: RegisteredObject, entries: Sequence[Entry], chosen: Chosen) -> None:
    errors: dict[str, list[Any]] = {}
    ids, survivor = {e.id for e in entries}, entries[0].id
    for name, whose in chosen.items():
        field = obj.fields.get(name)
        if field is None or not caller.sees(obj, field):
            errors[name] = [_("There is no such field.")]
        elif not mergeable(field) or not caller.edits(obj, field):
            errors[name] = [_("You may not change this field.")]
        elif whose == ALL and field.type.key not in UNITED:
            errors[name] = [_("Only lists can be united. Choose the record whose value is kept.")]
        elif whose != ALL and (isinstance(whose, bool) or whose not in ids):
            errors[name] = [_("Choose one of the records that are merged.")]
        elif _fixed(field) and whose != survivor:
            errors[name] = [_("This is unique and can't move. Choose its record as the one that stays.")]
    if errors:
        raise Invalid(errors)


def _outward(field: FieldSpec, obj: RegisteredObject, value: Any, ids: set[int]) -> Any:
    """A value without references to the merged records: nothing refers to itself afterwards."""
    if field.target != obj.key or not value:
        return value
    if field.type.storage == "external":
        return tuple(key for key in value if key not in ids)
    return None if value in ids else value


def united(field: FieldSpec, lists: Iterable[Any]) -> Any:
    """The elements of all lists, each once, in their order."""
    if field.type.storage == "external":
        return tuple(sorted({key for value in lists for key in value or ()}))
    found: dict[str, Any] = {}
    for value in lists:
        for item in value or ():
            found.setdefault(sign(item), item)
    if field.choices:
        return tuple(c.value for c in field.choices if sign(c.value) in found)
    return tuple(found.values())


def sign(item: Any) -> str:
    """What tells an element of a list apart: a contact point by its value, whatever its label."""
    if isinstance(item, dict):
        return str(item["value"]).lower() if item.get("value") else json.dumps(item)
    return str(item)


def without(field: FieldSpec, now: Any, added: Iterable[Any]) -> Any:
    """A list without elements that came with a merge."""
    gone = {sign(item) for item in added}
    return tuple(item for item in now or () if sign(item) not in gone)
