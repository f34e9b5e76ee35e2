"""Importing a file into an object: begun once, written in chunks, taken up again where it was after a kill."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from rapport.features.transfer import duplicates, loading, making, mapping, pacing, reading, runs, sets
from rapport.features.transfer.helping import Gone, Helper
from rapport.features.transfer.making import Made
from rapport.features.transfer.mapping import ImportMapping
from rapport.features.transfer.models import ImportRun, State
from rapport.features.transfer.pacing import Pacer, few_collections, settings_of_bulk
from rapport.features.transfer.reading import Source
from rapport.features.transfer.rows import Row, RowPlan
from rapport.features.transfer.sets import RowSet
from rapport.features.transfer.targets import Recogniser
from rapport.records import indexing
from rapport.records.accounts import audit
from rapport.records.accounts.caller import Caller
from rapport.records.customising import sync
from rapport.records.errors import Forbidden, Outdated
from rapport.records.write.creating import registered
from rapport.records.write.together import together

Progress = Callable[[int], None]
Load = Callable[[RowSet], tuple[Sequence[Row], int]]
log = logging.getLogger(__name__)
TRIED = 500
"""Rows that are tried at once."""
HELPED = 20_000
"""Rows for which a helper is started."""
SHOWN = 50
"""Names that a trial tells of what would be made."""
MANY = 10_000
"""Rows that change what the planner of the database should know of a table."""


@dataclass(slots=True)
class Report:
    """What an import did, or would do: rows written and refused, rows taken with something left out."""

    run_id: int | None = None
    rows: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    waiting: int = 0
    rejected: int = 0
    noted: int = 0
    seconds: float = 0.0
    resumed_at: int = 0
    issues: list[tuple[int, str]] = field(default_factory=list)
    """Of a dry run: (line, reasons) of the first rows that would be refused."""
    made: dict[str, list[str]] = field(default_factory=dict)
    """Of a dry run: by field, the first names of records and options that would be made on the way."""

    def learn(self, plan: RowPlan) -> None:
        """Take up what a plan made on the way, in a dry run."""
        for name, lookup in plan.lookups.items():
            self.tell(str(plan.fields[name].label), lookup.made.values())

    def tell(self, label: str, names: Iterable[str]) -> None:
        """Names that would be made for a field, each once, as many as a page can show."""
        for name in names:
            known = self.made.setdefault(label, [])
            if name not in known and len(known) < SHOWN:
                known.append(name)

    def count(self, rows: Iterable[Row]) -> None:
        """Add rows of a dry run."""
        rows = list(rows)
        self.rows += len(rows)
        for name, amount in runs.tally(rows).items():
            setattr(self, name, getattr(self, name) + amount)
        for row in rows:
            if row.errors and len(self.issues) < 100:
                self.issues.append((row.line, "; ".join(row.errors)))


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
    return perform(caller, _begun(caller, key, source, given, again=again), progress)


def prepare(
    caller: Caller, key: str, stored: str, given: ImportMapping | None = None, *, name: str = "", again: bool = False,
    **options: Any,
) -> ImportRun:  # fmt: skip
    """A run for a file in the file storage, to be performed by a job. Raises Forbidden, Invalid, AlreadyImported."""
    if not caller.may(registered(key), "create"):
        raise Forbidden
    with runs.copied(stored) as path:
        source = recognise(caller, key, path, **options)
        return _begun(caller, key, source, given, again=again, stored=stored, name=name)


def _begun(caller: Caller, key: str, source: Source, given: ImportMapping | None, **options: Any) -> ImportRun:
    """A run, with what its rows need made; where it can't be begun, nothing is made."""
    try:
        with transaction.atomic():
            wanted, made = _complete(caller, key, source, given)
            return runs.begin(caller, key, source, wanted, made, **options)
    except Exception:
        sync.refresh()
        raise


def propose(caller: Caller, key: str, path: Path, **options: Any) -> ImportMapping:
    """The mapping that the names of the columns suggest. Raises Invalid."""
    return mapping.propose(caller, registered(key), recognise(caller, key, path, **options))


def _complete(caller: Caller, key: str, source: Source, given: ImportMapping | None) -> tuple[ImportMapping, Made]:
    """The mapping with formats recognised, checked, and the custom fields and options that were made for it."""
    obj = registered(key)
    if given is None or not given.columns:
        wanted = mapping.propose(caller, obj, source)
        wanted = wanted if given is None else replace(given, columns=wanted.columns)
    else:
        wanted = given
    made = making.make(caller, key, source, wanted)
    if made:
        sync.refresh()
        obj = registered(key)
    mapping.check(caller, obj, source, wanted)
    return mapping.with_formats(caller, obj, source, wanted), made


def perform(caller: Caller, run: ImportRun, progress: Progress = lambda done: None) -> Report:
    """Write the rows of a run from its position on. `progress` may raise to stop it; it can be taken up again."""
    caller = caller.through("import", batch=runs.batch_of(run))
    started, report = time.monotonic(), Report(run.pk, resumed_at=run.position)
    position = run.position
    with runs.local_file(run) as path, settings_of_bulk(), few_collections():
        source, pacer, tries = Source.from_json(path, run.source), Pacer(patient=True), 2
        while tries:
            try:
                for done in _written(caller, run, source, position, pacer):
                    position, tries = done, 2
                    progress(position)
                break
            except Outdated:
                tries -= 1
                if not tries:
                    raise
    runs.finish(run, State.DONE)
    if position >= MANY:
        indexing.look_again()
    report.seconds = time.monotonic() - started
    run.refresh_from_db()
    report.rows, report.waiting = run.position, runs.waiting(run)
    for name in runs.COUNTERS:
        setattr(report, name, getattr(run, name))
    detail = {"file": run.name, "run": run.pk, "created": run.created, "rejected": run.rejected}
    audit.record("import", caller=caller, subject=run.object_key, detail=detail)
    return report


def _plan(caller: Caller, run: ImportRun, source: Source) -> RowPlan:
    """How the rows become records, as the object is defined now."""
    plan = planned(caller, run.object_key, source, mapping.from_json(run.mapping))
    plan.load()
    return plan


def planned(caller: Caller, key: str, source: Source, wanted: ImportMapping) -> RowPlan:
    """How the rows of a file become records, and what is done about those that are there already."""
    obj = registered(key)
    plan = RowPlan(caller, obj, source, wanted)
    plan.handling = duplicates.handling(caller, obj, wanted)
    return plan


def _written(caller: Caller, run: ImportRun, source: Source, position: int, pacer: Pacer) -> Iterator[int]:
    """Write the rows from a position on, a transaction at a time; the position after each. Raises Outdated."""
    plan, ready = _plan(caller, run, source), list[RowSet]()
    with closing(_sets(plan, source, position)) as prepared:
        while _fill(ready, prepared, pacer.rows):
            done = _write(run, position, plan, ready, pacer)
            position += sum(set_.size for set_ in ready[:done])
            del ready[:done]
            yield position


def _sets(plan: RowPlan, source: Source, position: int) -> Generator[RowSet]:
    """The rows from a position on, prepared: of a large file, by a helper as soon as that has started."""
    lines = source.rows(skip=position)
    if source.about - position >= HELPED and not connection.in_atomic_block:
        with Helper(plan, source) as helper:
            try:
                for set_ in sets.each_here(plan, lines):
                    position += set_.size
                    yield set_
                    if helper.ready():
                        break
                else:
                    return
                for set_ in helper.sets(position):
                    position += set_.size
                    yield set_
                return
            except Gone:
                log.warning("The helper of the import ended early; it goes on without.")
        lines = source.rows(skip=position)
    yield from sets.each_here(plan, lines)


def _fill(ready: list[RowSet], prepared: Iterator[RowSet], wanted: int) -> bool:
    """Take so many rows that there are about as many as wanted; whether there are any."""
    wanted -= sum(set_.size for set_ in ready)
    while not ready or wanted >= pacing.LEAST / 2:
        if (set_ := next(prepared, None)) is None:
            break
        ready.append(set_)
        wanted -= set_.size
    return bool(ready)


def _write(run: ImportRun, position: int, plan: RowPlan, ready: Sequence[RowSet], pacer: Pacer) -> int:
    """Write sets in one transaction; all at once, or where that is refused, those rows that can be. Raises Outdated.

    Answers how many of the sets it took.
    """
    pacer.rest()
    try:
        return _commit(run, position, partial(_load, plan), ready, pacer, pacer.rows)
    except loading.REFUSALS:
        return _commit(run, position, partial(_load_carefully, plan), ready, pacer, min(pacer.rows, pacing.MOST))


def _load(plan: RowPlan, set_: RowSet) -> tuple[Sequence[Row], int]:
    loading.load(plan, set_)
    return set_.outcome()


def _load_carefully(plan: RowPlan, set_: RowSet) -> tuple[Sequence[Row], int]:
    rows = [plan.row(row.line, row.cells) for row in set_.kept.rows]
    loading.load_carefully(plan, rows)
    return rows, 0


def _commit(
    run: ImportRun, position: int, load: Load, ready: Sequence[RowSet], pacer: Pacer, wanted: int
) -> int:  # fmt: skip
    """One transaction: about the rows wanted, what was wrong with them, and the position after them.

    It ends early for who waits. Answers how many of the sets it took.
    """
    found: list[tuple[Sequence[Row], int]] = []
    rows = 0
    with transaction.atomic():
        pacer.begun()
        begun = time.monotonic()
        with together():
            for set_ in ready:
                runs.claim(run, position + rows, set_.size)
                found.append(load(set_))
                rows += set_.size
                if rows + pacing.LEAST / 2 > wanted or pacer.awaited:
                    break
        runs.note(run, [row for rows_, _plain in found for row in rows_], sum(plain for _rows, plain in found))
    pacer.took(rows, time.monotonic() - begun)
    return len(found)


def _try(caller: Caller, key: str, source: Source, given: ImportMapping | None, progress: Progress) -> Report:
    """Everything but the commit: custom fields and each chunk are written and rolled back."""
    caller = caller.through("import", batch="import:dry")
    report, started = Report(), time.monotonic()
    try:
        with transaction.atomic():
            wanted, _made = _complete(caller, key, source, given)
            plan = planned(caller, key, source, wanted)
            for part in loading.chunks(source.rows()):
                rows = [plan.row(line, cells) for line, cells in part]
                point = transaction.savepoint()
                loading.load_carefully(plan, rows)
                transaction.savepoint_rollback(point)
                report.count(rows)
                progress(report.rows)
            transaction.set_rollback(True)
    finally:
        sync.refresh()
    report.seconds = time.monotonic() - started
    return report


def attempt(
    caller: Caller, key: str, source: Source, wanted: ImportMapping, progress: Progress = lambda done: None
) -> Report:
    """What importing would do: each chunk is written and rolled back by itself, so that others can write meanwhile.

    The mapping names fields that are there. `progress` may raise to stop it. Raises Invalid.
    """
    caller, report, started = caller.through("import", batch="import:dry"), Report(), time.monotonic()
    for part in loading.chunks(source.rows(), TRIED):
        with transaction.atomic():
            plan = planned(caller, key, source, wanted)
            rows = [plan.row(line, cells) for line, cells in part]
            loading.load_carefully(plan, rows)
            report.learn(plan)
            transaction.set_rollback(True)
        report.count(rows)
        progress(report.rows)
    report.seconds = time.monotonic() - started
    return report
