"""Who am I, and what is there."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.utils.translation import gettext_lazy as _

from rapport.features.programs import schemas
from rapport.features.programs.schemas import MAYBE, TEXT, thing
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import Tool
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import ACTIONS
from rapport.surfaces.mcp.tools.arguments import Arguments, found


class Nothing(Arguments):
    """No arguments."""


class Described(Arguments):
    """Which objects are to be described."""

    objects: Annotated[
        list[str],
        msgspec.Meta(max_length=5, description="Keys of objects to describe with their fields; empty: all, without."),
    ] = []


def who_am_i(caller: Caller, given: Nothing) -> dict[str, Any]:
    """The user in whose name the agent acts, and the rights that are left to it."""
    return {
        "id": caller.user_id, "name": caller.name, "email": caller.email, "administrator": caller.is_admin,
        "language": caller.language, "zone": caller.zone, "currency": caller.enters_in,
        "rights": {obj.key: _rights(caller, obj) for obj in _known(caller)},
    }  # fmt: skip


def describe_objects(caller: Caller, given: Described) -> dict[str, Any]:
    """All objects in short, or some with their fields."""
    if not given.objects:
        return {"objects": [_short(caller, obj) for obj in _known(caller)]}
    return {"objects": [_whole(caller, found(caller, key)) for key in dict.fromkeys(given.objects)]}


def _known(caller: Caller) -> list[RegisteredObject]:
    return [o for o in catalog.current().objects.values() if any(caller.may(o, action) for action in ACTIONS)]


def _rights(caller: Caller, obj: RegisteredObject) -> dict[str, str]:
    return {action: caller.level(obj, action) for action in ACTIONS}


def _short(caller: Caller, obj: RegisteredObject) -> dict[str, Any]:
    return {"object": obj.key, "label": str(obj.label), "plural": str(obj.label_plural), "rights": _rights(caller, obj)}


def _whole(caller: Caller, obj: RegisteredObject) -> dict[str, Any]:
    seen = caller.visible_fields(obj)
    related = {
        name: relation.target
        for name, relation in catalog.current().relations[obj.key].items()
        if caller.may(catalog.current()[relation.target], "read")
    }
    return {
        **_short(caller, obj),
        "title_field": obj.spec.title,
        "fields": [_field(caller, obj, field) for field in seen.values()],
        "relations": related,
    }


def _field(caller: Caller, obj: RegisteredObject, field: FieldSpec) -> dict[str, Any]:
    edits = caller.edits(obj, field)
    return {
        "name": field.name,
        "label": str(field.label),
        "type": field.type.key,
        "required": bool(field.required and field.name not in obj.defaults),
        "editable": edits,
        "sortable": bool(field.type.sortable),
        "groupable": bool(field.type.groupable),
        "target": field.target or None,
        "operators": [operator.key for operator in field.type.operators_for(field)],
        "schema": schemas.written(field) if edits else schemas.read(field),
    }


_RIGHTS = {"type": "object", "additionalProperties": {"enum": ["none", "own", "team", "all"]}}
_FIELD = thing(
    {
        "name": TEXT, "label": TEXT, "type": TEXT, "required": {"type": "boolean"}, "editable": {"type": "boolean"},
        "sortable": {"type": "boolean"}, "groupable": {"type": "boolean"}, "target": MAYBE,
        "operators": {"type": "array", "items": TEXT}, "schema": {"type": "object"},
    }
)  # fmt: skip
_OBJECT = thing(
    {
        "object": TEXT, "label": TEXT, "plural": TEXT, "rights": _RIGHTS, "title_field": TEXT,
        "fields": {"type": "array", "items": _FIELD},
        "relations": {"type": "object", "additionalProperties": TEXT},
    },
    ("object", "label", "plural", "rights"),
)  # fmt: skip
_ME = thing(
    {
        "id": {"type": "integer"}, "name": TEXT, "email": TEXT, "administrator": {"type": "boolean"}, "language": TEXT,
        "zone": TEXT, "currency": TEXT, "rights": {"type": "object", "additionalProperties": _RIGHTS},
    }
)  # fmt: skip

TOOLS = (
    Tool(
        name="who_am_i", title=_("Who am I"), takes=Nothing, answer=_ME, run=who_am_i, order=10,
        help="The user in whose name you act, with zone and language, and what you may do with each kind of object. "
        "A right reaches none, own, team or all records.",
    ),
    Tool(
        name="describe_objects", title=_("Describe objects"), takes=Described, order=20, run=describe_objects,
        answer=thing({"objects": {"type": "array", "items": _OBJECT}}),
        help="Without arguments: the kinds of objects there are. With keys: their fields, what each takes, which "
        "operators filters know for it, and which objects refer to it. Ask this before you filter or write.",
    ),
)  # fmt: skip
