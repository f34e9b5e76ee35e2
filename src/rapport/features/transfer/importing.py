"""Importing a file into an object: begun once, written in chunks, taken up again where it was after a kill."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from rapport.features.transfer import fields, loading, mapping, reading, runs
from rapport.features.transfer.mapping import ImportMapping
from rapport.features.transfer.models import ImportRun, State
from rapport.features.transfer.pacing import Pacer, few_collections, rare_checkpoints
from rapport.features.transfer.reading import Source
from rapport.features.transfer.rows import Row, RowPlan
from rapport.features.transfer.targets import Recogniser
from rapport.records.accounts import audit
from rapport.records.accounts.caller import Caller
from rapport.records.customising import sync
from rapport.records.errors import Forbidden, Outdated
from rapport.records.write.creating import registered

Progress = Callable[[int], None]


@dataclass(slots=True)
class Report:
    """What an import did, or would do: rows written and refused, rows taken with something left out."""

    run_id: int | None = None
    rows: int = 0
    created: int = 0
    rejected: int = 0
    noted: int = 0
    seconds: float = 0.0
    resumed_at: int = 0
    issues: list[tuple[int, str]] = field(default_factory=list)
    """Of a dry run: (line, reasons) of the first rows that would be refused."""


def recognise(caller: Caller, key: str, path: Path, **options: Any) -> Source:
    """How to read a file for an object. Raises Invalid."""
    recogniser = Recogniser(caller, registered(key))
    return reading.recognise(path, lambda name: recogniser.find(name) is not None, **options)


def import_file(
    caller: Caller, key: str, path: Path, given: ImportMapping | None = None, *, dry_run: bool = False,
    again: bool = False, progress: Progress = lambda done: None, **options: Any,
) -> Report:  # fmt: skip
    """Import a file here and now. Without a mapping, columns are recognised by their names.

    Where an import of the same file was interrupted, it goes on. Raises Forbidden, Invalid, AlreadyImported.
    """
    if not caller.may(registered(key), "create"):
        raise Forbidden
    source = recognise(caller, key, path, **options)
    if dry_run:
        return _try(caller, key, source, given, progress)
    run = runs.begin(caller, key, source, _complete(caller, key, source, given), again=again)
    return perform(caller, run, progress)


def prepare(
    caller: Caller, key: str, stored: str, given: ImportMapping | None = None, *, name: str = "", again: bool = False,
    **options: Any,
) -> ImportRun:  # fmt: skip
    """A run for a file in the file storage, to be performed by a job. Raises Forbidden, Invalid, AlreadyImported."""
    if not caller.may(registered(key), "create"):
        raise Forbidden
    with runs.copied(stored) as path:
        source = recognise(caller, key, path, **options)
        wanted = _complete(caller, key, source, given)
        return runs.begin(caller, key, source, wanted, again=again, stored=stored, name=name)


def propose(caller: Caller, key: str, path: Path, **options: Any) -> ImportMapping:
    """The mapping that the names of the columns suggest. Raises Invalid."""
    return mapping.propose(caller, registered(key), recognise(caller, key, path, **options))


def _complete(caller: Caller, key: str, source: Source, given: ImportMapping | None) -> ImportMapping:
    """The mapping with custom fields made and formats recognised, checked."""
    obj = registered(key)
    if given is None or not given.columns:
        wanted = mapping.propose(caller, obj, source)
        wanted = wanted if given is None else ImportMapping(wanted.columns, given.constants, given.fallbacks)
    else:
        wanted = given
    if fields.make_missing(caller, key, source, wanted):
        sync.refresh()
        obj = registered(key)
    mapping.check(caller, obj, source, wanted)
    return mapping.with_formats(caller, obj, source, wanted)


def perform(caller: Caller, run: ImportRun, progress: Progress = lambda done: None) -> Report:
    """Write the rows of a run from its position on. `progress` may raise to stop it; it can be taken up again."""
    caller = caller.through("import", batch=f"import:{run.pk}")
    started, report = time.monotonic(), Report(run.pk, resumed_at=run.position)
    with runs.local_file(run) as path:
        source = Source.from_json(path, run.source)
        pacer, position = Pacer(), run.position
        plan = _plan(caller, run, source)
        with rare_checkpoints(), few_collections():
            lines = source.rows(skip=position)
            while part := list(islice(lines, pacer.rows)):
                try:
                    _write(run, position, plan, part, pacer)
                except Outdated:
                    plan = _plan(caller, run, source)
                    _write(run, position, plan, part, pacer)
                position += len(part)
                progress(position)
    runs.finish(run, State.DONE)
    report.seconds = time.monotonic() - started
    run.refresh_from_db()
    report.rows, report.created = run.position, run.created
    report.rejected, report.noted = run.rejected, run.noted
    detail = {"file": run.name, "run": run.pk, "created": run.created, "rejected": run.rejected}
    audit.record("import", caller=caller, subject=run.object_key, detail=detail)
    return report


def _plan(caller: Caller, run: ImportRun, source: Source) -> RowPlan:
    """How the rows become records, as the object is defined now."""
    plan = RowPlan(caller, registered(run.object_key), source, mapping.from_json(run.mapping))
    plan.load()
    return plan


def _write(run: ImportRun, position: int, plan: RowPlan, part: Sequence[tuple[int, list[str]]], pacer: Pacer) -> None:
    """Write some rows in one transaction; all at once, or where that is refused, those that can be. Raises Outdated."""
    rows = [plan.row(line, cells) for line, cells in part]
    write = loading.prepare(plan, rows)
    pacer.rest()
    try:
        seconds = _commit(run, position, rows, write)
    except loading.REFUSALS:
        rows = [plan.row(line, cells) for line, cells in part]
        seconds = _commit(run, position, rows, partial(loading.load_carefully, plan, rows))
    pacer.took(len(part), seconds)


def _commit(run: ImportRun, position: int, rows: list[Row], write: Callable[[], None]) -> float:
    """One transaction: the rows, what was wrong with them, and the position after them.

    Answers the seconds for which it kept others from writing.
    """
    with transaction.atomic():
        begun = time.monotonic()
        runs.claim(run, position, len(rows))
        write()
        runs.note(run, rows)
    return time.monotonic() - begun


def _try(caller: Caller, key: str, source: Source, given: ImportMapping | None, progress: Progress) -> Report:
    """Everything but the commit: custom fields and each chunk are written and rolled back."""
    caller = caller.through("import", batch="import:dry")
    report, started = Report(), time.monotonic()
    try:
        with transaction.atomic():
            wanted = _complete(caller, key, source, given)
            plan = RowPlan(caller, registered(key), source, wanted)
            for part in loading.chunks(source.rows()):
                rows = [plan.row(line, cells) for line, cells in part]
                point = transaction.savepoint()
                loading.load_carefully(plan, rows)
                transaction.savepoint_rollback(point)
                _count(report, rows)
                progress(report.rows)
            transaction.set_rollback(True)
    finally:
        sync.refresh()
    report.seconds = time.monotonic() - started
    return report


def _count(report: Report, rows: Iterable[Row]) -> None:
    for row in rows:
        report.rows += 1
        report.created += not row.errors
        report.rejected += bool(row.errors)
        report.noted += bool(row.notes and not row.errors)
        if row.errors and len(report.issues) < 100:
            report.issues.append((row.line, "; ".join(row.errors)))
