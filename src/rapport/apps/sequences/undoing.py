"""What a sequence leaves behind when it is stopped: open tasks are closed, drafts that nobody sent are discarded."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.write import delete, update_each

DOOR = "sequence"


def withdraw(why: Mapping[int, str]) -> None:
    """Close the open tasks and discard the drafts of the steps of enrollments; `why` says it by enrollment."""
    system = callers.system(DOOR)
    for part in db.chunks(sorted(why)):
        marks = db.marks(part)
        tasks = db.rows(
            Sql(
                "SELECT t.id, r.enrollment_id, t.description FROM sequences_steprun r "
                "JOIN collaboration_task t ON t.id = r.task_id WHERE t.deleted_at IS NULL AND t.status <> 'done' "
                f"AND r.enrollment_id IN ({marks}) ORDER BY t.id",
                tuple(part),
            )
        )
        closed = [(key, {"status": "done", "description": _noted(text, why[of])}) for key, of, text in tasks]
        if closed:
            update_each(system, "task", closed)
        drafts = db.rows(
            Sql(
                "SELECT m.id FROM sequences_steprun r JOIN mailing_outgoingmail m ON m.id = r.mail_id "
                f"WHERE m.deleted_at IS NULL AND m.state = 'draft' AND r.enrollment_id IN ({marks}) ORDER BY m.id",
                tuple(part),
            )
        )
        if drafts:
            delete(system, "outgoing_mail", [r[0] for r in drafts])


def _noted(text: str, why: str) -> str:
    """The description of a task with why it was closed."""
    note = _("Closed by the sequence. %(why)s") % {"why": why}
    return f"{text}\n\n{note}" if text else note
