"""What an act or a step asks for before it is done, as controls of a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rapport.records.accounts.caller import Caller
from rapport.records.bulk.changing import needed
from rapport.registry.catalog import RegisteredObject
from rapport.surfaces.web import fields


def together(caller: Caller, obj: RegisteredObject, names: Iterable[str]) -> list[str]:
    """The fields, and what an action of the object asks for along with one of them, as far as the caller may set it."""
    found = dict.fromkeys(names)
    for action in obj.spec.actions:
        if found.keys() & set(action.asks):
            found |= dict.fromkeys(action.asks)
    return [n for n in found if caller.edits(obj, obj.fields[n])]


def controls(
    caller: Caller, obj: RegisteredObject, names: Sequence[str], values: Mapping[str, Any], *,
    labels: Mapping[str, Any] | None = None, errors: Mapping[str, Sequence[Any]] | None = None, prefix: str = "a-",
) -> list[dict[str, Any]]:  # fmt: skip
    """The controls of the fields, those marked that can't be left empty."""
    made = fields.controls(caller, obj, names, values, labels, errors, prefix)
    full = needed(obj, names)
    for position, control in enumerate(made):
        control["required"] = control["name"] in full and control["widget"] != "readonly"
        if not position:
            control.setdefault("attrs", {})["autofocus"] = True
    return made
