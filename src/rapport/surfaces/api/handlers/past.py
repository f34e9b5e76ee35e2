"""The history of a record, taking an act back, and the feed of all changes."""

from __future__ import annotations

from typing import Any

import msgspec
from django.utils.translation import gettext as _

from rapport.features.programs import shapes
from rapport.features.programs.problems import Problem
from rapport.records.errors import Invalid
from rapport.records.history import following, reading, reverting
from rapport.registry import catalog
from rapport.surfaces.api.calls import Call, Key, Reply
from rapport.surfaces.api.handlers.records import answer


class Revert(msgspec.Struct, forbid_unknown_fields=True):
    """Which act is to be taken back, and of which fields only."""

    change: Key
    fields: list[str] | None = None


def history(call: Call) -> Reply:
    """The acts on a record, newest first."""
    before = call.query["before"]
    acts, following_ = reading.acts(call.caller, call.object.key, call.id, before=before, limit=call.query["size"])
    return Reply({"items": [shapes.act(act) for act in acts], "next": following_})


def revert(call: Call) -> Reply:
    """Take back one act on a record."""
    found = reverting.revert(call.caller, call.object.key, call.id, call.body.change, only=call.body.fields)
    if found.kept and not found.fields:
        detail = _("These fields have been changed since.")
        raise Problem(409, "conflict", detail, errors=[{"field": n, "detail": str(detail)} for n in found.kept])
    reply = answer(call, call.id) if _is_live(call) else Reply({"id": call.id, "object": call.object.key})
    reply.data |= {"reverted": found.fields, "kept": found.kept}
    return reply


def _is_live(call: Call) -> bool:
    from rapport.records.read import visible

    return bool(visible(call.caller, call.object).allowed([call.id]))


def changes(call: Call) -> Reply:
    """What happened behind a position, in order."""
    after, objects = call.query["after"], call.query["objects"]
    if after == "latest":
        return Reply({"items": [], "next": str(following.end()), "more": False})
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise Invalid({"after": [_("Give the `next` of an earlier answer, latest, or 0 to begin.")]})
    if unknown := [key for key in objects if key not in catalog.current().objects]:
        raise Invalid({"objects": [_("There is no object %(name)s here.") % {"name": unknown[0][:60]}]})
    told, position, more = following.follow(
        call.caller, int(after), objects=frozenset(objects) or None, limit=call.query["size"]
    )
    return Reply({"items": [_told(one) for one in told], "next": str(position), "more": more})


def _told(one: following.Told) -> dict[str, Any]:
    return {
        "position": str(one.position), "at": one.at, "object": one.object_key, "id": one.record_id,
        "action": one.action, "version": one.version, "actor": one.actor_id, "door": one.door,
        "batch": one.batch or None, "fields": list(one.fields),
    }  # fmt: skip
