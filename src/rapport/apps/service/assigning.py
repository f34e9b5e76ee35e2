"""What a queue makes of tickets that come into it: who works on them, and how urgent they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from rapport.apps.service.models import How, Priority, Status
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.directory import members
from rapport.records.write import Batch

Queue = Mapping[str, Any]


def prepare(batch: Batch) -> None:
    """Tickets that come into a queue: refused by a retired one; given to a member, if nobody has them."""
    entries = [e for e in batch.entries if e.changes("queue") and e.values["queue"]]
    if not entries:
        return
    queues = _queues({e.values["queue"] for e in entries})
    turns = _Turns(queues.values())
    for entry in entries:
        queue = queues.get(entry.values["queue"])
        if queue is None:
            continue
        if queue["retired"]:
            text = _("The queue “%(name)s” is retired. Choose another one.") % {"name": queue["name"]}
            entry.refuse("queue", text)
            continue
        if batch.action == "create" and queue["priority"] and entry.get("priority") in ("", Priority.NORMAL):
            entry.values["priority"] = queue["priority"]
        if entry.get("assignee") is None and "assignee" not in entry.errors and (chosen := turns.next(queue)):
            entry.values["assignee"] = chosen


def _queues(ids: Iterable[int]) -> dict[int, Queue]:
    names = ("id", "name", "how", "priority", "retired", "team")
    keys = sorted(ids)
    text = f"SELECT id, name, how, priority, retired, team_id FROM service_ticketqueue WHERE id IN ({db.marks(keys)})"
    return {row[0]: dict(zip(names, row, strict=True)) for row in db.rows(Sql(text, tuple(keys)))}


class _Turns:
    """Gives tickets to the members of queues one after another; reads turns and loads once."""

    def __init__(self, queues: Iterable[Queue]) -> None:
        giving = [queue for queue in queues if queue["how"] != How.HAND]
        self.users = {queue["id"]: members(queue["team"]) for queue in giving}
        every = sorted({user for users in self.users.values() for user in users})
        self.last = _by_assignee("MAX(id)", "deleted_at IS NULL", every)
        self.load = _by_assignee("COUNT(*)", f"deleted_at IS NULL AND status <> '{Status.SOLVED}'", every)
        self.clock = max(self.last.values(), default=0)

    def next(self, queue: Queue) -> int | None:
        """Who gets the next ticket of a queue; None where tickets are taken on by hand, or nobody is there."""
        users = self.users.get(queue["id"])
        if not users:
            return None
        counts = self.load if queue["how"] == How.LOAD else self.last
        chosen = min(users, key=lambda user: (counts.get(user, 0), self.last.get(user, 0), user))
        self.clock += 1
        self.last[chosen] = self.clock
        self.load[chosen] = self.load.get(chosen, 0) + 1
        return chosen


def _by_assignee(measure: str, where: str, users: Sequence[int]) -> dict[int, int]:
    if not users:
        return {}
    text = (
        f"SELECT assignee_id, {measure} FROM service_ticket WHERE {where} AND assignee_id IN ({db.marks(users)}) "
        "GROUP BY assignee_id"
    )
    return dict(db.rows(Sql(text, tuple(users))))
