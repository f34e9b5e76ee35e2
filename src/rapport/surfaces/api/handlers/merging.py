"""Merging records, taking it back, and the merges of a record."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from django.db import transaction

from rapport.records import write
from rapport.records.merging.finding import merges_of
from rapport.records.read import visible
from rapport.surfaces.api.calls import Call, Key, Reply
from rapport.surfaces.api.handlers.records import answer


class MergeGiven(msgspec.Struct, forbid_unknown_fields=True):
    """The records that go, and per field the one whose value wins, or `all` for a list of all of theirs."""

    others: Annotated[list[Key], msgspec.Meta(min_length=1, max_length=49)]
    fields: dict[str, Key | Literal["all"]] = {}
    dry_run: bool = False


class UnmergeGiven(msgspec.Struct, forbid_unknown_fields=True):
    """Which merge is taken back."""

    merge: Key


def merge(call: Call) -> Reply:
    """Others into the record of the address."""
    key, body = call.object.key, call.body
    with transaction.atomic():
        found = write.preview_merge(call.caller, key, call.id, body.others, body.fields)
        made = write.merge(call.caller, key, call.id, body.others, body.fields)
        reply = answer(call, call.id)
        reply.data |= {
            "merge": None if body.dry_run else made.pk, "merged": sorted(made.others), "dry_run": body.dry_run,
            "moves": {m.obj.plural: m.count for m in found.moving},
        }  # fmt: skip
        if body.dry_run:
            transaction.set_rollback(True)
            reply.headers.pop("ETag", None)
            reply.record = None
    return reply


def unmerge(call: Call) -> Reply:
    """A merge into the record of the address, back."""
    visible(call.caller, call.object).get(call.id)
    merges = {row.pk for row in merges_of(call.object.key, call.id).values()}
    done = write.unmerge(call.caller, call.object.key, call.body.merge if call.body.merge in merges else 0)
    reply = answer(call, call.id)
    reply.data |= {"unmerged": list(done.ids), "kept": list(done.kept)}
    return reply


def merges(call: Call) -> Reply:
    """The merges whose survivor the record is, the first one first."""
    visible(call.caller, call.object).get(call.id)
    rows = merges_of(call.object.key, call.id).values()
    return Reply(
        {
            "items": [
                {"id": row.pk, "at": row.at, "merged": row.others, "undone_at": row.undone_at, "erased": row.emptied}
                for row in rows
            ]
        }
    )
