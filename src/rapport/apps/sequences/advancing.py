"""The job that goes on with sequences: makes what is due, each step once, with the rights of whoever works on it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from rapport.apps.sequences import planning, stopping, timing
from rapport.apps.sequences.models import Reason, State, StepKind
from rapport.apps.sequences.steps import Step
from rapport.features.wording import placeholders
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound, Outdated, RecordsError
from rapport.records.read import visible
from rapport.records.write import create, update
from rapport.registry.extensions import Job
from rapport.registry.types.dates import DateTimeType

DOOR = "sequence"
AT_ONCE = 200
_MOMENT = DateTimeType()
_STEP = ("kind", "subject", "body", "template", "priority")
logger = logging.getLogger(__name__)


def advance(context: Any) -> int:
    """Make all steps that are due; how many. Each is a transaction of its own with the place behind it."""
    count = 0
    while part := _due(timezone.now()):
        for key in part:
            count += _one(key)
            context.progress(count)
    return count


def _due(now: dt.datetime) -> list[int]:
    text = (
        "SELECT e.id FROM sequences_enrollment e JOIN sequences_sequence s ON s.id = e.sequence_id "
        "WHERE e.state = 'running' AND e.deleted_at IS NULL AND e.next_at <= %s AND s.active AND s.deleted_at IS NULL "
        f"ORDER BY e.next_at, e.id LIMIT {AT_ONCE}"
    )
    return [r[0] for r in db.rows(Sql(text, (db.dialect().moment(now),)))]


def _one(key: int) -> int:
    """One enrollment; 1 when a step was made. What can't be made stops it, so that it holds up no other."""
    try:
        return step(key)
    except (OperationalError, Outdated):
        raise
    except RecordsError as error:
        stopping.stop([key], Reason.FAILED, note=_words(error))
    except Exception:
        logger.exception("a step of enrollment %s could not be made", key)
        stopping.stop([key], Reason.FAILED)
    return 0


def _words(error: RecordsError) -> str:
    errors = getattr(error, "errors", None) or {}
    return next((str(text) for texts in errors.values() for text in texts), str(error.message))[:300]


@transaction.atomic
def step(key: int) -> int:
    """Make the next step of an enrollment if it is due, or end it; 1 when one was made. Raises RecordsError."""
    found = _locked(key)
    if found is None:
        return 0
    owner, person, deal, planned = found
    caller = callers.of_user(owner or 0)
    if reason := _hindrance(caller, person, deal):
        stopping.stop([key], reason)
        return 0
    assert caller is not None
    _way, following = planning.upcoming([key])[key]
    if following.step is None:
        update(callers.system(DOOR), planning.KEY, key, {"state": State.FINISHED.value})
        return 0
    with translation.override(caller.language), timezone.override(caller.zone):
        make(caller.through(DOOR), key, following.step, person, deal, planned)
    return 1


def _locked(key: int) -> tuple[int | None, int, int | None, dt.datetime] | None:
    """Owner, person, deal and the moment of an enrollment that is due, locked; None when it is not any more."""
    suffix = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    row = db.row(
        Sql(
            "SELECT owner_id, person_id, deal_id, next_at FROM sequences_enrollment WHERE id = %s "
            f"AND state = 'running' AND deleted_at IS NULL AND next_at <= %s{suffix}",
            (key, db.dialect().moment(timezone.now())),
        )
    )
    planned = _MOMENT.from_json(row[3]) if row else None
    return (row[0], row[1], row[2], planned) if row and planned else None


def _hindrance(caller: Caller | None, person: int, deal: int | None) -> Reason | None:
    """Why an enrollment can't go on."""
    if caller is None:
        return Reason.OWNER
    if not visible(caller, "person").allowed([person]):
        return Reason.UNSEEN
    if deal is not None:
        if stopping.closed_deals([deal]):
            return Reason.DEAL
        if not visible(caller, "deal").allowed([deal]):
            return Reason.UNSEEN
    return None


def make(caller: Caller, enrollment: int, step: Step, person: int, deal: int | None, planned: dt.datetime) -> None:
    """Make a step for somebody and note that, in the transaction at hand. Raises RecordsError."""
    values = visible(callers.system(DOOR), "sequence_step").get(step.id).values
    about = {"person": person, "company": _company(caller, person), "deal": deal}
    made: dict[str, int | None] = {"task": None, "mail": None}
    if values["kind"] == StepKind.MAIL:
        made["mail"] = create(caller, "outgoing_mail", _mail(caller, values, about))
    else:
        made["task"] = create(caller, "task", _task(caller, values, about, planned))
    now = db.dialect().moment(timezone.now())
    db.insert_many(
        "sequences_steprun", ("enrollment_id", "step_id", "position", "day", "at", "task_id", "mail_id"),
        [(enrollment, step.id, step.position, step.day, now, made["task"], made["mail"])],
    )  # fmt: skip
    planning.plan([enrollment])


def _company(caller: Caller, person: int) -> int | None:
    company = visible(caller, "person").get(person).values.get("company")
    return company if company and visible(caller, "company").allowed([company]) else None


def _mail(caller: Caller, values: Mapping[str, Any], about: Mapping[str, int | None]) -> dict[str, Any]:
    if values.get("template"):
        text = {"template": values["template"]}
    else:
        text = {name: placeholders.fill(values[name], caller, about) for name in ("subject", "body")}
    return {**about, **text, "draft": True}


def _task(
    caller: Caller, values: Mapping[str, Any], about: Mapping[str, int | None], planned: dt.datetime
) -> dict[str, Any]:
    notes = [placeholders.fill(values["body"], caller, about)]
    if values["kind"] == StepKind.CALL:
        notes += _numbers(caller, about["person"] or 0)
    return {
        **about, "subject": placeholders.fill(values["subject"], caller, about)[:250], "priority": values["priority"],
        "assignee": caller.user_id, "due_at": timing.evening(max(planned, timezone.now()), caller.env().zone),
        "description": "\n\n".join(note for note in notes if note),
    }  # fmt: skip


def _numbers(caller: Caller, person: int) -> list[str]:
    """Where to call, as far as the caller may see it."""
    try:
        points = visible(caller, "person").get(person).values.get("phones") or ()
    except NotFound:
        return []
    return [_("Phone: %(number)s") % {"number": point["value"]} for point in points]


JOB = Job(
    name="advance-sequences", run=advance, label=translation.gettext_lazy("Go on with sequences"),
    every=dt.timedelta(minutes=1),
)  # fmt: skip
