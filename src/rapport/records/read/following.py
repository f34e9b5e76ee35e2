"""Filters that were kept while records were merged: they name those in which the others stand by now.

Nothing is written for it, so a merge that is taken back leaves them as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rapport.records.accounts.caller import Caller
from rapport.records.filters.compiler import DEPTH
from rapport.records.merging.finding import successors
from rapport.records.read.visible import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject

REFERENCES = frozenset({"reference", "references"})
Swap = Callable[[str, int], int]


def following(caller: Caller, obj: RegisteredObject, filter_: Mapping[str, Any]) -> Mapping[str, Any]:
    """The filter with survivors in place of records that were merged. A statement for each object that it names.

    Survivors that the caller may not see stay untold. What is wrong with a filter stays as it is: the compiler tells.
    """
    named: dict[str, set[int]] = {}

    def note(key: str, record_id: int) -> int:
        named.setdefault(key, set()).add(record_id)
        return record_id

    _swapped(obj, filter_, note)
    where = {key: found for key, ids in named.items() if (found := _seen(caller, key, successors(key, ids)))}
    if not where:
        return filter_
    swapped: Mapping[str, Any] = _swapped(obj, filter_, lambda key, at: where.get(key, {}).get(at, at))
    return swapped


def _seen(caller: Caller, key: str, found: Mapping[int, int]) -> dict[int, int]:
    """Those that lead to records that the caller may see."""
    seen = visible(caller, key).allowed(found.values()) if found else set()
    return {record_id: survivor for record_id, survivor in found.items() if survivor in seen}


def _swapped(obj: RegisteredObject, filter_: Any, swap: Swap, depth: int = 0) -> Any:
    if not isinstance(filter_, Mapping) or depth > DEPTH:
        return filter_
    if "field" in filter_:
        return {**filter_, "value": _value(obj, filter_, swap, depth)} if "value" in filter_ else filter_
    return {
        word: [_swapped(obj, one, swap, depth + 1) for one in inner]
        if isinstance(inner, list)
        else _swapped(obj, inner, swap, depth + 1)
        for word, inner in filter_.items()
    }


def _value(obj: RegisteredObject, condition: Mapping[str, Any], swap: Swap, depth: int) -> Any:
    """What a condition compares with: records, or a filter over those that point here."""
    value, objects = condition["value"], catalog.current().objects
    head, _dot, rest = str(condition["field"]).partition(".")
    if (field := obj.fields.get(head)) is None:
        return _related(obj, head, value, swap, depth)
    if field.target not in objects or field.type.key not in REFERENCES or depth > DEPTH:
        return value
    if rest:
        return _value(objects[field.target], {**condition, "field": rest}, swap, depth + 1)
    if isinstance(value, list):
        return [_record(field.target, one, swap) for one in value]
    return _record(field.target, value, swap)


def _related(obj: RegisteredObject, name: str, value: Any, swap: Swap, depth: int) -> Any:
    relation = catalog.current().relations[obj.key].get(name)
    if relation is None or not isinstance(value, Mapping):
        return value
    target = catalog.current().objects[relation.target]
    if "where" in value:
        return {**value, "where": _swapped(target, value["where"], swap, depth + 1)}
    return _swapped(target, value, swap, depth + 1)


def _record(key: str, value: Any, swap: Swap) -> Any:
    try:
        at = int(value)
    except (TypeError, ValueError, OverflowError):
        return value
    return swap(key, at) if 0 < at < 2**63 else value
