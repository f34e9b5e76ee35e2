"""Handing records over: a new owner, a note for them, and the open tasks too if that is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.collaboration.notices import assignment_key
from rapport.features.notifications.telling import Note, tell
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.read import visible
from rapport.records.write import create_many, update_many
from rapport.registry import catalog
from rapport.registry.extensions import Act, Notice
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import Action
from rapport.registry.types import TYPES

OBJECTS = ("person", "company", "deal", "ticket")
KIND = "hand-over"
NOTICE = Notice(
    name=KIND, label=gettext_lazy("Hand-overs"), text=gettext_lazy("{who} handed {record} over to you"),
    icon="switch-horizontal", tone="teal", mail="now",
)  # fmt: skip


def hand_over(key: str, caller: Caller, ids: Sequence[int], values: Mapping[str, Any]) -> str:
    """Give records to another owner (of tickets, to work on them as well). Raises Forbidden, Invalid, NotFound."""
    to = _receiver(key, ids, values.get("to"))
    note = str(values.get("note") or "").strip()
    obj = catalog.current()[key]
    given = {name: to for name in ("owner", "assignee") if name in obj.fields and caller.edits(obj, obj.fields[name])}
    if "owner" not in given:
        raise Forbidden
    with transaction.atomic():
        if note:
            comments = [{"object_key": key, "record_id": i, "body": _told(to, note)} for i in ids]
            create_many(caller, "comment", comments)
        if errors := update_many(caller, key, ids, given):
            raise Invalid(next(iter(errors.values())))
        if str(values.get("tasks") or "").lower() == "true":
            _tasks(key, caller, ids, to)
        _tell(key, caller, ids, to, note)
    text = ngettext("%(count)d record handed over to %(name)s.", "%(count)d records handed over to %(name)s.", len(ids))
    return text % {"count": len(ids), "name": _name(to)}


def _receiver(key: str, ids: Sequence[int], raw: Any) -> int:
    """The user who is to get the records, who must be there. Raises Invalid."""
    to = int(raw) if str(raw or "").isascii() and str(raw or "").isdecimal() else 0
    if not to or callers.of_user(to) is None:
        raise Invalid({"to": [_("Choose who gets it.")]})
    return to


def _told(to: int, note: str) -> str:
    return _("Handed over to %(name)s: %(note)s") % {"name": _name(to), "note": note}


def _name(user_id: int) -> str:
    found = callers.of_user(user_id)
    return found.name if found else ""


def _tasks(key: str, caller: Caller, ids: Sequence[int], to: int) -> None:
    """Give the open tasks about the records along, those that the caller may edit."""
    about = {"field": key, "op": "in", "value": list(ids)}
    is_open = {"field": "status", "op": "is_not", "value": "done"}
    tasks = visible(caller, "task").ids({"all": [about, is_open]}, action="edit")
    if tasks:
        update_many(caller, "task", tasks, {"assignee": to, "owner": to})


def _tell(key: str, caller: Caller, ids: Sequence[int], to: int, note: str) -> None:
    """Tell the new owner, in place of the notification that an assignment makes by itself."""
    if to == caller.user_id:
        return
    notes = []
    for part in db.chunks(list(ids)):
        text = (
            "SELECT record_id, MAX(id) FROM records_change WHERE object_key = %s AND action = 'update' "
            f"AND record_id IN ({db.marks(part)}) GROUP BY record_id"
        )
        for record_id, change in db.rows(Sql(text, (key, *part))):
            notes.append(
                Note(
                    user_id=to, kind=KIND, key=assignment_key(key, record_id, change), object_key=key,
                    record_id=record_id, actor_id=caller.user_id, detail={"text": note[:500]},
                )
            )  # fmt: skip
    tell(notes)


def _acts() -> tuple[Act, ...]:
    inputs = (
        FieldSpec(name="to", type=TYPES["user"], label=gettext_lazy("to"), target="records.User", required=True),
        FieldSpec(name="note", type=TYPES["longtext"], label=gettext_lazy("note"),
                  help=gettext_lazy("What the new owner should know. It stands on the timeline too.")),
        FieldSpec(name="tasks", type=TYPES["boolean"], label=gettext_lazy("open tasks too")),
    )  # fmt: skip
    return tuple(
        Act(
            name=f"hand-over-{key}", object_key=key,
            action=Action(
                key="hand-over", label=gettext_lazy("Hand over"), icon="switch-horizontal", run=partial(hand_over, key),
                inputs=inputs,
            ),
        )
        for key in OBJECTS
    )  # fmt: skip


ACTS = _acts()
