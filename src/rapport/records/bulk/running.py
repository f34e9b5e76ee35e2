"""Which records a bulk act is for, and doing it: at once up to `AT_ONCE` records, beyond that as a job.

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
from rapport.records.bulk import changing
from rapport.records.bulk.changing import Act, Outcome
from rapport.records.errors import Forbidden
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
    act = Act(**arguments["act"])
    selection = Selection(ids=tuple(arguments["ids"]), filter=arguments["filter"], everything=arguments["everything"])
    with translation.override(caller.language), timezone.override(caller.zone):
        while True:
            with transaction.atomic():
                ids = _next(caller, arguments["object"], selection, arguments["after"], arguments["last"], PART)
                if not ids:
                    break
                outcome = changing.perform(caller, arguments["object"], act, ids)
                arguments |= {
                    "after": ids[-1],
                    "done": arguments["done"] + outcome.done,
                    "refused": arguments["refused"] + outcome.refused,
                    "reason": arguments["reason"] or outcome.reason,
                }
                JobRow.objects.filter(pk=context.row.pk).update(arguments=arguments)
            context.progress(arguments["done"] + arguments["refused"])
    return {name: arguments[name] for name in ("object", "batch", "done", "refused", "reason")}
