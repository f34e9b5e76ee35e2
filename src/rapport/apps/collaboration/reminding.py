"""Reminders of tasks: told once when their time has come, also when no worker ran at that moment."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rapport.features.notifications.telling import Note, tell
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.write import derive
from rapport.registry.extensions import Notice
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()
KIND = "task-due"
NOTICE = Notice(
    name=KIND, label=_("Reminders of tasks"), text=_("Remember: {record}"), icon="clock", tone="orange", mail="now",
)  # fmt: skip


def remind(context: Any) -> int:
    """Tell of the tasks whose reminder has come; how many. Each reminder is told in the transaction that notes it."""
    count = 0
    while part := _due():
        with transaction.atomic():
            tell(
                [
                    Note(
                        user_id=user, kind=KIND, key=f"{KIND}:{task}:{at.isoformat()}", object_key="task",
                        record_id=task, at=at,
                    )
                    for task, user, at in part
                    if user
                ]
            )  # fmt: skip
            derive("task", "reminded_at", {task: at for task, _user, at in part})
        count += len(part)
        context.progress(count)
    return count


def _due() -> list[tuple[int, int | None, Any]]:
    """Open tasks whose reminder has come and was not told: task, whom to tell, the moment that was set."""
    rows = db.rows(
        Sql(
            "SELECT id, COALESCE(assignee_id, owner_id), remind_at FROM collaboration_task "
            "WHERE deleted_at IS NULL AND remind_at IS NOT NULL AND NOT (status = 'done') AND remind_at <= %s "
            f"AND (reminded_at IS NULL OR reminded_at < remind_at) ORDER BY remind_at LIMIT {db.CHUNK}",
            (db.dialect().moment(timezone.now()),),
        )
    )
    return [(task, user, _DATETIME.from_json(at)) for task, user, at in rows]
