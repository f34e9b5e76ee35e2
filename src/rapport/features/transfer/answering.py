"""Rows that wait: what each would change of the record that it is about, and doing what somebody decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from rapport.features.transfer import duplicates, importing, loading, mapping, runs
from rapport.features.transfer.mapping import MAKE, SKIP
from rapport.features.transfer.models import ImportIssue, ImportRun, State
from rapport.features.transfer.reading import Source
from rapport.features.transfer.rows import SKIPPED, Row, RowPlan
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid, NotFound
from rapport.records.jobs import queue
from rapport.records.read import visible

JOB = "import-answer"
ANSWERS = (SKIP, mapping.FILL, mapping.OVERWRITE, MAKE)
AT_ONCE, PART = 250, 250
Taken = tuple[int, int, list[str], list[int]]
"""Number, line, cells and matches of a row that waits."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that waits: its number, its line, the records that it is about, and what it says by field."""

    id: int
    line: int
    matches: tuple[int, ...]
    values: Mapping[str, Any]


def waiting(caller: Caller, run: ImportRun, *, after: int = 0, size: int = 20) -> list[Waiting]:
    """Rows of an import that wait, in their order, as far as the caller may see one of their records.

    Values are as the file has them, names of records as texts.
    """
    plan = _plan(caller, run)
    found = []
    for issue in ImportIssue.objects.filter(run=run, matches__isnull=False, line__gt=after).order_by("line")[:size]:
        matches: list[int] = issue.matches or []
        seen = visible(caller, run.object_key).allowed(matches)
        known = tuple(key for key in matches if key in seen)
        found.append(Waiting(issue.pk, issue.line, known, plan.row(issue.line, list(issue.cells)).values))
    return found


def _plan(caller: Caller, run: ImportRun) -> RowPlan:
    """How the rows of a run become values; its file is not needed for that."""
    source = Source.from_json(Path(run.path or "-"), run.source)
    plan = importing.planned(caller, run.object_key, source, mapping.from_json(run.mapping))
    plan.handling = None
    return plan


def start(caller: Caller, run: ImportRun, policy: str, ids: Sequence[int] = (), record_id: int = 0) -> None:
    """Answer for rows that wait, all of them without `ids`: at once, or in the background where they are many.

    `record_id` chooses among several records that a row is about. Raises Invalid.
    """
    if policy not in ANSWERS:
        raise Invalid({"": [_("Choose what becomes of these rows.")]})
    if run.state in {State.UNDOING, State.UNDONE}:
        raise Invalid({"": [_("This import was undone already.")]})
    total = len(ids) or runs.waiting(run)
    if total <= AT_ONCE:
        perform(caller, run, policy, ids, record_id)
        return
    arguments = {"run": run.pk, "policy": policy}
    if queue.enqueue(JOB, arguments, key=runs.batch_of(run), user_id=caller.user_id, total=total) is None:
        raise Invalid({"": [_("This import is being worked on. Answer when that has ended.")]})


def run_answers(context: Any) -> dict[str, int]:
    """The job. What was answered waits no more, so that it goes on where it was after a kill."""
    run = ImportRun.objects.filter(pk=context.arguments["run"]).first()
    caller = callers.of_user(context.user_id) if context.user_id else None
    if run is None or caller is None or run.state in {State.UNDOING, State.UNDONE}:
        raise NotFound
    return {"answered": perform(caller, run, context.arguments["policy"], progress=context.progress)}


def perform(
    caller: Caller, run: ImportRun, policy: str, ids: Sequence[int] = (), record_id: int = 0,
    progress: importing.Progress = lambda done: None,
) -> int:  # fmt: skip
    """Answer for these rows, or all that wait; how many."""
    caller = caller.through("import", batch=runs.batch_of(run))
    plan, done, last = _plan(caller, run), 0, 0
    while True:
        with transaction.atomic():
            part = _taken(run, ids, last)
            if not part:
                return done
            last = part[-1][0]
            rows = _answered(plan, policy, part, record_id)
            _settle(run, list(zip((row[0] for row in part), rows, strict=True)))
        done += len(part)
        progress(done)


def _taken(run: ImportRun, ids: Sequence[int], after: int) -> list[Taken]:
    """The next rows, held for the transaction at hand."""
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    chosen = f"AND id IN ({db.marks(ids)})" if ids else ""
    text = (
        "SELECT id, line, cells, matches FROM transfer_importissue "
        f"WHERE run_id = %s AND matches IS NOT NULL AND id > %s {chosen} ORDER BY id LIMIT {PART}{lock}"
    )
    found = db.rows(Sql(text, (run.pk, after, *ids)))
    return [(key, line, json.column(cells), json.column(matches)) for key, line, cells, matches in found]


def _answered(plan: RowPlan, policy: str, part: Sequence[Taken], chosen: int) -> list[Row]:
    """The rows, written as the policy says, with what became of each."""
    rows = [plan.row(line, cells) for _key, line, cells, _matches in part]
    if policy == SKIP:
        for row in rows:
            row.outcome = SKIPPED
    elif policy == MAKE:
        loading.load_carefully(plan, rows)
    else:
        plan.load()
        plan.resolve(rows)
        seen = visible(plan.caller, plan.obj).allowed({key for one in part for key in one[3]})
        pairs = []
        for row, (_key, _line, _cells, matches) in zip(rows, part, strict=True):
            known = [key for key in matches if key in seen and chosen in {0, key}]
            if not known:
                row.errors.append(_("The record that this row is about is not there any more."))
            elif not row.errors:
                pairs.append((row, known[0]))
        _change(plan, policy, pairs)
    return rows


def _change(plan: RowPlan, policy: str, pairs: Sequence[tuple[Row, int]]) -> None:
    """Bring rows to their records, two about one record one after the other."""
    left = list(pairs)
    while left:
        now: list[tuple[Row, int]] = []
        later: list[tuple[Row, int]] = []
        taken: set[int] = set()
        for row, key in left:
            (later if key in taken else now).append((row, key))
            taken.add(key)
        duplicates.change(plan.caller, plan.obj, policy, now)
        left = later


def _settle(run: ImportRun, answered: Sequence[tuple[int, Row]]) -> None:
    """Let the rows wait no more: count them, and keep of them what a run keeps of its rows."""
    keys = [key for key, _row in answered]
    db.execute(Sql(f"DELETE FROM transfer_importissue WHERE id IN ({db.marks(keys)})", tuple(keys)))
    runs.note(run, [row for _key, row in answered])
