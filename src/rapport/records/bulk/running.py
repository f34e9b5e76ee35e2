"""Which records a bulk act is for, doing it and taking it back: at once up to `AT_ONCE` records, beyond that as a job.

The job walks the records in the order of their keys. Its position is written in the transaction that changes a set of
them, so that a killed worker continues behind the last set: nothing is done twice and nothing left out.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.bulk import changing, undoing
from rapport.records.bulk.changing import Act, Outcome
from rapport.records.errors import Forbidden
from rapport.records.history import reverting
from rapport.records.history.reverting import RevertedBatch
from rapport.records.jobs import queue
from rapport.records.jobs.models import JobRow
from rapport.records.read import visible

JOB, DOOR = "bulk", "bulk"
AT_ONCE, PART = 500, 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Records by key, or all that match a filter."""

    ids: tuple[int, ...] = ()
    filter: Mapping[str, Any] | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """What became of a bulk act: its outcome, or the job that works on it. `batch` marks its changes."""

    batch: str
    outcome: Outcome | None = None
    job: JobRow | None = None


def start(caller: Caller, key: str, act: Act, selection: Selection) -> Started:
    """Do a bulk act. Raises what `changing.check` raises, before anything is written."""
    changing.check(caller, key, act)
    batch = secrets.token_hex(8)
    ids = _next(caller, key, selection, 0, None, AT_ONCE + 1)
    if len(ids) <= AT_ONCE:
        with transaction.atomic():
            return Started(batch, _parts(caller.through(DOOR, batch), key, act, ids))
    last = _last(caller, key)
    total = visible(caller, key).count(selection.filter, cap=None) if selection.everything else len(selection.ids)
    arguments = {
        "object": key, "act": act.to_json(), "batch": batch, "filter": dict(selection.filter or {}),
        "ids": list(selection.ids), "everything": selection.everything, "after": 0, "last": last, "done": 0,
        "refused": 0, "reason": "",
    }  # fmt: skip
    return Started(batch, job=queue.enqueue(JOB, arguments, user_id=caller.user_id, total=total))


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of taking a bulk act back: the result, or the job that works on it."""

    result: RevertedBatch | None = None
    job: JobRow | None = None


def undo(caller: Caller, key: str, batch: str) -> Undone:
    """Take a bulk act back; `key` is the object in whose list a job is shown. Raises NotFound for one without acts.

    Of each record the caller's rights decide; who may take back what others did is asked before.
    """
    arguments = {"object": key, **undoing.begun(batch)}
    if reverting.count(batch, AT_ONCE + 1) <= AT_ONCE:
        return Undone(result=reverting.revert_batch(caller, batch))
    total = reverting.count(batch)
    return Undone(job=queue.enqueue(JOB, arguments, key=f"undo:{batch}", user_id=caller.user_id, total=total))


def _parts(caller: Caller, key: str, act: Act, ids: Sequence[int]) -> Outcome:
    outcome = Outcome()
    for part in db.chunks(ids, PART):
        outcome.add(changing.perform(caller, key, act, part))
    return outcome


def _last(caller: Caller, key: str) -> int:
    """The largest key that exists, so that records made while the job runs are left alone."""
    obj = visible(caller, key).obj
    found = db.row(Sql(f'SELECT MAX(id) FROM "{obj.table}"'))
    return int(found[0] or 0) if found else 0


def _next(caller: Caller, key: str, selection: Selection, after: int, last: int | None, limit: int) -> list[int]:
    """The next keys of a selection behind `after`, ascending."""
    if not selection.everything:
        return sorted({i for i in selection.ids if i > after})[:limit]
    found = visible(caller, key)
    conditions = [found.where(selection.filter), Sql("t.id > %s", (after,))]
    if last is not None:
        conditions.append(Sql("t.id <= %s", (last,)))
    where = all_of(conditions)
    text = f'SELECT t.id FROM "{found.obj.table}" t WHERE {where.text} ORDER BY t.id LIMIT {int(limit)}'
    return [row[0] for row in db.rows(Sql(text, where.params))]


# -- the job ----------------------------------------------------------------------------------------------------------


def run(context: Any) -> dict[str, Any]:
    """Work through a selection, set by set; what is said at the end stands in the result of the job."""
    caller = callers.of_user(context.user_id) if context.user_id else None
    if caller is None:
        raise Forbidden
    arguments = dict(context.arguments)
    caller = caller.through(DOOR, arguments["batch"])
    with translation.override(caller.language), timezone.override(caller.zone):
        arguments = undoing.work(caller, context) if "undo" in arguments else _work(caller, context)
    return {name: arguments[name] for name in ("object", "batch", "done", "refused", "reason")}


def _work(caller: Caller, context: Any) -> dict[str, Any]:
    """Go on from the position of the job; its arguments as they are at the end."""
    arguments = dict(context.arguments)
    act = Act(**arguments["act"])
    selection = Selection(ids=tuple(arguments["ids"]), filter=arguments["filter"], everything=arguments["everything"])
    while True:
        with transaction.atomic():
            ids = _next(caller, arguments["object"], selection, arguments["after"], arguments["last"], PART)
            if not ids:
                return arguments
            outcome = changing.perform(caller, arguments["object"], act, ids)
            arguments |= {
                "after": ids[-1],
                "done": arguments["done"] + outcome.done,
                "refused": arguments["refused"] + outcome.refused,
                "reason": arguments["reason"] or outcome.reason,
            }
            queue.reached(context.row, arguments=arguments)
        context.progress(arguments["done"] + arguments["refused"])
