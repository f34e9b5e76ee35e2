"""Objects and their fields as they are, and making custom ones."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.utils.text import capfirst

from rapport.records.accounts import users
from rapport.records.accounts.caller import Caller
from rapport.records.customising import actions, sync
from rapport.records.customising.definitions import FieldDefinition, ObjectDefinition
from rapport.records.customising.models import CustomField
from rapport.records.errors import NotFound
from rapport.registry import catalog
from rapport.registry.catalog import Catalog, RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import ACTIONS
from rapport.surfaces.api.calls import Call, Reply

UNSET = msgspec.UNSET
Line = Annotated[str, msgspec.Meta(max_length=300)]
Set = msgspec.UnsetType


class Option(msgspec.Struct):
    """An option: its value never changes, its label may."""

    value: str
    label: str
    tone: str


class FieldAnswer(msgspec.Struct):
    """A field. `custom_id` is the number by which a custom one is changed, for administrators."""

    name: str
    type: str
    label: str
    help: str
    custom: bool
    editable: bool
    required: bool
    unique: bool
    indexed: bool
    matching: bool
    sortable: bool
    groupable: bool
    operators: list[str]
    options: list[Option]
    target: str | None
    custom_id: int | None = None


class ObjectAnswer(msgspec.Struct):
    """An object with the fields that the caller may see; `relations` are what points at it."""

    key: str
    plural: str
    label: str
    label_plural: str
    custom: bool
    title: str
    rights: dict[str, str]
    fields: list[FieldAnswer]
    relations: dict[str, str]


class Objects(msgspec.Struct):
    """The objects that the caller may read or make."""

    items: list[ObjectAnswer]


class ObjectGiven(msgspec.Struct, forbid_unknown_fields=True):
    """A custom object as it shall be. `key` can be given to a new one only."""

    label: Line
    label_plural: Line
    key: str = ""
    icon: str = "box"
    columns: list[str] = []
    search: list[str] = []
    board: str = ""
    calendar: str = ""
    access: dict[str, str] = {}


class OptionGiven(msgspec.Struct, forbid_unknown_fields=True):
    """An option; without a value, one is made of its label."""

    label: Line
    value: str = ""
    tone: str = "neutral"


class FieldGiven(msgspec.Struct, forbid_unknown_fields=True):
    """A custom field as it shall be. `type`, `key` and `target` can be given to a new one only."""

    label: Line
    type: str = ""
    key: str = ""
    target: str = ""
    help: Line = ""
    required: bool = False
    required_if: dict[str, Any] | None = None
    unique: bool = False
    indexed: bool = False
    options: list[OptionGiven] = []
    settings: dict[str, Any] = {}


def list_objects(call: Call) -> Reply:
    """All objects that the caller may read or make."""
    ids, current = _custom_ids(call.caller), catalog.current()
    return Reply(Objects([_object(call.caller, o, ids, current) for o in current.objects.values() if _known(call, o)]))


def get_object(call: Call) -> Reply:
    """One object by its key."""
    obj = catalog.current().objects.get(str(call.path["key"]))
    if obj is None or not _known(call, obj):
        raise NotFound
    return Reply(_object(call.caller, obj, _custom_ids(call.caller), catalog.current()))


def _known(call: Call, obj: RegisteredObject) -> bool:
    return call.caller.may(obj, "read") or call.caller.may(obj, "create")


def _custom_ids(caller: Caller) -> dict[tuple[str, str], int]:
    if not caller.is_admin:
        return {}
    return {(row.object_key, row.key): row.pk for row in CustomField.objects.filter(removed_at=None)}


def _object(caller: Caller, obj: RegisteredObject, ids: dict[tuple[str, str], int], current: Catalog) -> ObjectAnswer:
    relations = {
        name: relation.target
        for name, relation in current.relations[obj.key].items()
        if caller.may(there := current[relation.target], "read") and caller.sees(there, there.fields[relation.field])
    }
    return ObjectAnswer(
        key=obj.key, plural=obj.plural, label=capfirst(str(obj.label)), label_plural=capfirst(str(obj.label_plural)),
        custom=obj.custom_object, title=obj.spec.title, rights={a: caller.level(obj, a) for a in ACTIONS},
        fields=[_field(caller, obj, f, ids) for f in caller.visible_fields(obj).values()], relations=relations,
    )  # fmt: skip


def _field(caller: Caller, obj: RegisteredObject, field: FieldSpec, ids: dict[tuple[str, str], int]) -> FieldAnswer:
    return FieldAnswer(
        name=field.name, type=field.type.key, label=capfirst(str(field.label)), help=str(field.help or ""),
        custom=field.custom, editable=caller.edits(obj, field), required=field.required, unique=field.unique,
        indexed=field.indexed, matching=field.name in obj.matching, sortable=field.type.sortable,
        groupable=field.type.groupable,
        operators=[o.key for o in field.type.operators_for(field)],
        options=[Option(c.value, str(c.label), c.tone) for c in field.choices], target=field.target or None,
        custom_id=ids.get((obj.key, field.name)) if field.custom else None,
    )  # fmt: skip


def _wanted_object(body: ObjectGiven) -> ObjectDefinition:
    return ObjectDefinition(
        label=body.label, label_plural=body.label_plural, icon=body.icon, columns=body.columns, search=body.search,
        board=body.board, calendar=body.calendar, access=body.access,
    )  # fmt: skip


def _reply(call: Call, key: str, status: int = 200) -> Reply:
    built = sync.build(0)
    return Reply(_object(call.caller, built[key], _custom_ids(call.caller), built), status)


def create_object(call: Call) -> Reply:
    """A new custom object."""
    made = actions.add_object(call.caller, _wanted_object(call.body), key=call.body.key)
    return _reply(call, made.key, 201)


def update_object(call: Call) -> Reply:
    """Change a custom object."""
    key = str(call.path["key"])
    actions.update_object(call.caller, key, _wanted_object(call.body))
    return _reply(call, key)


def delete_object(call: Call) -> Reply:
    """Take a custom object out; its records stay until it is deleted for good in the settings."""
    actions.remove_object(call.caller, str(call.path["key"]))
    return Reply(status=204)


def restore_object(call: Call) -> Reply:
    """Bring a custom object back."""
    key = str(call.path["key"])
    actions.restore_object(call.caller, key)
    return _reply(call, key)


def _wanted_field(body: FieldGiven) -> FieldDefinition:
    return FieldDefinition(
        label=body.label, help=body.help, required=body.required, required_if=body.required_if, unique=body.unique,
        indexed=body.indexed, choices=[msgspec.to_builtins(o) for o in body.options], options=body.settings,
    )  # fmt: skip


def create_field(call: Call) -> Reply:
    """A new custom field of an object."""
    body, key = call.body, str(call.path["key"])
    made = actions.add_field(call.caller, key, body.type, _wanted_field(body), key=body.key, target=body.target)
    return _reply_field(call, made, 201)


def _reply_field(call: Call, row: CustomField, status: int = 200) -> Reply:
    obj = sync.build(0)[row.object_key]
    return Reply(_field(call.caller, obj, obj.fields[row.key], _custom_ids(call.caller)), status)


def update_field(call: Call) -> Reply:
    """Change a custom field."""
    return _reply_field(call, actions.update_field(call.caller, call.id, _wanted_field(call.body)))


def delete_field(call: Call) -> Reply:
    """Take a custom field out; its values stay until it is deleted for good in the settings."""
    actions.remove_field(call.caller, call.id)
    return Reply(status=204)


def restore_field(call: Call) -> Reply:
    """Bring a custom field back with its values."""
    users.check_administrator(call.caller)
    actions.restore_field(call.caller, call.id)
    return _reply_field(call, CustomField.objects.get(pk=call.id))
