"""Arguments that several tools take."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext as _

from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.objects import ACTIONS

BIGGEST = 2**63 - 1
Object = Annotated[str, msgspec.Meta(description="Key of an object, as describe_objects names it.")]
Id = Annotated[int, msgspec.Meta(ge=1, le=BIGGEST, description="Number of the record.")]
Filter = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description='Conditions: {"all": [...], "any": [...], "not": ...} over {"field", "op", "value"}. '
        "describe_objects names the operators of each field."
    ),
]
Fields = Annotated[list[str], msgspec.Meta(description='Names of fields; empty: the usual ones; ["all"]: all of them.')]
Values = Annotated[dict[str, Any], msgspec.Meta(description="Values of fields, by name. null empties a field.")]


class Arguments(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Arguments of a tool that reads."""


def found(caller: Caller, key: str) -> RegisteredObject:
    """The object that was named, by key or plural. Raises Invalid for one that the caller has nothing to do with."""
    current = catalog.current()
    obj = current.objects.get(key) or current.by_plural.get(key)
    if obj is None or not any(caller.may(obj, action) for action in ACTIONS):
        raise Invalid({"object": [_("There is no object %(name)s here.") % {"name": key[:60]}]})
    return obj
