"""Writing records of any object, through the write path."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.features.duplicates import policies, wording
from rapport.features.programs import shapes
from rapport.features.programs.problems import Problem
from rapport.features.programs.writing import WRITTEN, Writing, answer
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.history import reverting
from rapport.records.write.creating import sent_before
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import Tool
from rapport.surfaces.mcp.tools.arguments import BIGGEST, Id, Object, Values, found


class Created(Writing):
    """A new record."""

    object: Object
    fields: Values
    key: Annotated[
        str,
        msgspec.Meta(max_length=64, description="Any text that is new for each record: sent again, none is added."),
    ] = ""
    duplicates: Annotated[
        Literal["", "nothing", "warn", "block", "merge", "queue"],
        msgspec.Meta(
            description="Where such a record is there already: warn tells of it, block adds none, merge fills the gaps "
            "of the one that surely is the same, queue lets somebody look at both. Empty: as administrators chose."
        ),
    ] = ""


class Updated(Writing):
    """Other values of a record."""

    object: Object
    id: Id
    fields: Values
    version: Annotated[
        int | None,
        msgspec.Meta(description="The version you read: fields that were changed since then are not overwritten."),
    ] = None


class Chosen(Writing):
    """One record."""

    object: Object
    id: Id


class Merged(Writing):
    """Records that are one, and whose values win."""

    object: Object
    id: Id
    others: Annotated[
        list[Annotated[int, msgspec.Meta(ge=1, le=BIGGEST)]],
        msgspec.Meta(min_length=1, max_length=49, description="Numbers of the records that go."),
    ]
    fields: Annotated[
        dict[str, Annotated[int, msgspec.Meta(ge=1, le=BIGGEST)] | Literal["all"]],
        msgspec.Meta(description="Per field the number of the record whose value wins, or all for all of a list."),
    ] = {}


class Reverted(Writing):
    """An act on a record."""

    object: Object
    id: Id
    change: Annotated[int, msgspec.Meta(ge=1, le=BIGGEST, description="`id` of an act of record_history.")]


def create(caller: Caller, given: Created) -> dict[str, Any]:
    """Create a record."""
    obj = found(caller, given.object)
    if given.key and (sent := sent_before(caller, obj, given.key)) is not None:
        return _answer(caller, obj, sent)
    decision = policies.decide(caller, obj, given.fields, given.duplicates)
    matches = wording.as_json(obj, decision.matches)
    if decision.act == policies.BLOCK:
        raise Problem(409, "duplicate", _("Update the record that is there, or give other values."), matches=matches)
    if decision.act == policies.MERGE:
        policies.fill(caller, obj, decision.matches[0].id, given.fields)
        return _answer(caller, obj, decision.matches[0].id)
    made = _answer(caller, obj, write.create(caller, obj.key, given.fields, submission=given.key))
    return {**made, "duplicates": matches} if matches and decision.act == policies.WARN else made


def update(caller: Caller, given: Updated) -> dict[str, Any]:
    """Change fields of a record."""
    obj = found(caller, given.object)
    if given.version is not None and not 0 < given.version < 2**31:
        raise Invalid({"version": [_("Give the version that you read.")]})
    write.update(caller, obj.key, given.id, given.fields, version=given.version)
    return _answer(caller, obj, given.id)


def merge(caller: Caller, given: Merged) -> dict[str, Any]:
    """Merge other records into one."""
    obj = found(caller, given.object)
    write.merge(caller, obj.key, given.id, given.others, given.fields)
    return _answer(caller, obj, given.id)


def delete(caller: Caller, given: Chosen) -> dict[str, Any]:
    """Move a record to the trash."""
    write.delete(caller, found(caller, given.object).key, [given.id])
    return answer(given.id)


def restore(caller: Caller, given: Chosen) -> dict[str, Any]:
    """Take a record out of the trash."""
    obj = found(caller, given.object)
    write.restore(caller, obj.key, [given.id])
    return _answer(caller, obj, given.id)


def revert(caller: Caller, given: Reverted) -> dict[str, Any]:
    """Take one act on a record back."""
    obj = found(caller, given.object)
    done = reverting.revert(caller, obj.key, given.id, given.change)
    return {**_answer(caller, obj, given.id), "reverted": done.fields, "kept": done.kept}


def _answer(caller: Caller, obj: RegisteredObject, record_id: int) -> dict[str, Any]:
    try:
        return answer(record_id, shapes.read(caller, obj, record_id))
    except NotFound:  # in the trash, or one may write what one may not read
        return answer(record_id)


TOOLS = (
    Tool(
        name="create_record", title=gettext_lazy("Create a record"), takes=Created, answer=WRITTEN, run=create,
        writes=True, order=80,
        help="Add a record. Records that are there already and may be the same are told in `duplicates`: look at them, "
        "and merge or delete the new one where they are. With preview nothing is written.",
    ),
    Tool(
        name="update_record", title=gettext_lazy("Update a record"), takes=Updated, answer=WRITTEN, run=update,
        writes=True, destructive=True, idempotent=True, order=90,
        help="Change fields of a record; others stay. Give the version you read. With preview nothing is written.",
    ),
    Tool(
        name="merge_records", title=gettext_lazy("Merge records"), takes=Merged, answer=WRITTEN, run=merge,
        writes=True, destructive=True, order=105,
        help="Make one of records that mean the same: the others go, what refers to them refers to the one that stays. "
        "It can be taken back later. With preview nothing is written: look at it first.",
    ),
    Tool(
        name="delete_record", title=gettext_lazy("Delete a record"), takes=Chosen, answer=WRITTEN, run=delete,
        writes=True, destructive=True, order=110,
        help="Move a record to the trash, from which it can be restored. With preview nothing is written.",
    ),
    Tool(
        name="restore_record", title=gettext_lazy("Restore a record"), takes=Chosen, answer=WRITTEN, run=restore,
        writes=True, order=120, help="Take a record out of the trash.",
    ),
    Tool(
        name="revert_change", title=gettext_lazy("Take a change back"), takes=Reverted, answer=WRITTEN, run=revert,
        writes=True, destructive=True, order=130,
        help="Take back one act of record_history, field by field where the field still has the value of that act.",
    ),
)  # fmt: skip
