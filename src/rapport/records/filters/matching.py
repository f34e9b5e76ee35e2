"""A filter over one record in hand, for conditions such as "required if": equality, lists and emptiness only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rapport.registry.catalog import RegisteredObject
from rapport.registry.env import Env

OPERATORS = ("is", "is_not", "in", "not_in", "empty", "not_empty")


def matches(obj: RegisteredObject, filter_: Mapping[str, Any], get: Callable[[str], Any], env: Env) -> bool:
    """Whether a record whose values `get` gives satisfies the filter. Raises KeyError for what it can't judge."""
    if "field" in filter_:
        return _holds(obj, filter_, get, env)
    return all(
        not matches(obj, inner, get, env)
        if word == "not"
        else (all if word == "all" else any)(matches(obj, item, get, env) for item in inner)
        for word, inner in filter_.items()
    )


def _holds(obj: RegisteredObject, condition: Mapping[str, Any], get: Callable[[str], Any], env: Env) -> bool:
    field = obj.fields[condition["field"]]
    value, op, wanted = get(field.name), condition["op"], condition.get("value")
    if op in {"empty", "not_empty"}:
        empty: bool = field.type.is_empty(value)
        return empty if op == "empty" else not empty
    items = wanted if isinstance(wanted, list) else [wanted]
    found: bool = _plain(value) in [_plain(field.type.clean(field, item, env)) for item in items]
    if op not in OPERATORS:
        raise KeyError(op)
    return found == (op in {"is", "in"})


def _plain(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
