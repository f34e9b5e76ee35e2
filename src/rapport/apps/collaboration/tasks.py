"""What follows from a task: its stamps, its next repetition, and the next step of what it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.collaboration.models import Repeat, Status
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.write import Batch, Entry, create_many, derive, update_many
from rapport.registry.objects import Action
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()
ABOUT = ("person", "company", "deal", "ticket")
_COPIED = ("subject", "priority", "repeat", "assignee", *ABOUT, "description", "owner", "team", "tags")


def prepare(batch: Batch) -> None:
    """Whoever adds a task does it, unless someone else is named; done is when the status says so."""
    for entry in batch.entries:
        if batch.action == "create" and entry.get("assignee") is None:
            entry.values["assignee"] = entry.get("owner")
        if entry.changes("status"):
            entry.values["done_at"] = batch.moment(entry) if entry.values["status"] == Status.DONE else None


def effects(batch: Batch) -> None:
    """A repeating task that is done comes again."""
    done = [e for e in batch.entries if batch.action == "update" and e.changes("status") and e.get("repeat")]
    again = [_next(e, batch.at, batch) for e in done if e.values["status"] == Status.DONE]
    if again:
        create_many(batch.caller, "task", again)


def _next(entry: Entry, at: dt.datetime, batch: Batch) -> dict[str, Any]:
    due = entry.get("due_at") or at
    later = following(Repeat(entry.get("repeat")), due.astimezone(batch.env.zone), at)
    remind = entry.get("remind_at")
    values = {name: entry.get(name) for name in _COPIED}
    return {**values, "due_at": later, "remind_at": later - (due - remind) if remind else None}


def following(repeat: Repeat, due: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The first moment of a repetition after `due` that is not past; wall-clock time of the reader's zone is kept."""
    for count in range(1, 5000):
        match repeat:
            case Repeat.DAILY:
                later = due + relativedelta(days=count)
            case Repeat.WEEKDAYS:
                later = due + relativedelta(days=count)
                if later.weekday() > 4:
                    continue
            case Repeat.WEEKLY:
                later = due + relativedelta(weeks=count)
            case Repeat.MONTHLY:
                later = due + relativedelta(months=count)
            case _:
                later = due + relativedelta(years=count)
        if later > now:
            return later
    return due


def complete(caller: Caller, ids: list[int]) -> str:
    """Mark tasks as done. Raises NotFound, Forbidden."""
    update_many(caller, "task", ids, {"status": Status.DONE})
    return ngettext("%(count)d task done.", "%(count)d tasks done.", len(ids)) % {"count": len(ids)}


def reopen(caller: Caller, ids: list[int]) -> str:
    """Open tasks again. Raises NotFound, Forbidden."""
    update_many(caller, "task", ids, {"status": Status.OPEN})
    return ngettext("%(count)d task open again.", "%(count)d tasks open again.", len(ids)) % {"count": len(ids)}


COMPLETE = Action(
    key="complete", label=gettext_lazy("Mark as done"), icon="check", run=complete,
    offered={"field": "status", "op": "is_not", "value": "done"},
)  # fmt: skip
REOPEN = Action(
    key="reopen", label=gettext_lazy("Open again"), icon="rotate", run=reopen,
    offered={"field": "status", "op": "is", "value": "done"},
)  # fmt: skip


TELLING = tuple(
    f"task.{act}" for act in ("create", "update", "delete", "restore", "move", "merge", "merged", "unmerge", "unmerged")
)


def follow_next_step(events: Sequence[Any]) -> None:
    """Keep the next step (the earliest due open task) of what tasks are or were about."""
    for ids in db.chunks(sorted({key for event in events for key in event.ids})):
        for key in ABOUT:
            marks = db.marks(ids)
            about = f"SELECT {key}_id FROM collaboration_task WHERE id IN ({marks}) AND {key}_id IS NOT NULL"
            keys = {r[0] for r in db.rows(Sql(about, tuple(ids)))} | _left(ids, key)
            if keys:
                _derive(key, sorted(keys))


def _left(ids: Any, key: str) -> set[int]:
    """What the tasks were about before, by the change log."""
    text = f"SELECT diff FROM records_change WHERE object_key = 'task' AND record_id IN ({db.marks(ids)})"
    diffs = (json.column(r[0]) for r in db.rows(Sql(text, tuple(ids))))
    return {diff[key][0] for diff in diffs if key in diff and diff[key][0]}


def _derive(key: str, ids: list[int]) -> None:
    text = (
        f"SELECT {key}_id, MIN(due_at) FROM collaboration_task WHERE {key}_id IN ({db.marks(ids)}) "
        f"AND deleted_at IS NULL AND status <> 'done' GROUP BY {key}_id"
    )
    found = dict(db.rows(Sql(text, tuple(ids))))
    derive(key, "next_step_at", {i: _DATETIME.from_json(found.get(i)) for i in ids})
