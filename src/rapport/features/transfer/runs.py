"""Runs of imports: begun or taken up again, their position moved with each chunk, their refused rows kept."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.features.transfer.cells import neutral, restored
from rapport.features.transfer.making import Made
from rapport.features.transfer.mapping import ImportMapping, from_json
from rapport.features.transfer.models import ImportRun, State
from rapport.features.transfer.reading import Source, fingerprint
from rapport.features.transfer.rows import UPDATED, WAITING, Row
from rapport.features.transfer.writers.delimited import lines
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound, RecordsError
from rapport.records.jobs.models import JobRow
from rapport.records.jobs.models import State as JobState

KEPT_DAYS = 30
COUNTERS = ("created", "updated", "skipped", "rejected", "noted")
TAKEN = frozenset({"", UPDATED})
REASON = "why"


def batch_of(run: ImportRun) -> str:
    """What marks all that an import writes in the change log; the key of the job that works on it too."""
    return f"import:{run.pk}"


def job_of(run: ImportRun) -> JobRow | None:
    """The job that works on an import or takes it back, while it waits or runs."""
    return JobRow.objects.filter(key=batch_of(run), state__in=(JobState.WAITING, JobState.RUNNING)).first()


class TakenOver(RecordsError):
    """Another process goes on with this import."""

    status = 409
    message = _("Another process goes on with this import.")


class AlreadyImported(RecordsError):
    """The same file was imported into the object before."""

    status = 409


def begin(
    caller: Caller, key: str, source: Source, mapping: ImportMapping, made: Made, *, again: bool = False,
    stored: str = "", name: str = "",
) -> ImportRun:  # fmt: skip
    """A run for a file; the interrupted one of the same file, object and mapping where there is one.

    Raises AlreadyImported where such a run has ended, unless it shall be imported `again`.
    """
    sha256, wanted = fingerprint(source.path), mapping.to_json()
    before = ImportRun.objects.filter(object_key=key, sha256=sha256).order_by("-id").first()
    if before is not None and not again and before.state not in {State.UNDOING, State.UNDONE}:
        if before.position:
            _refuse_again(before, wanted)
        text = (
            "UPDATE transfer_importrun SET path = %s, stored = %s, source = %s, mapping = %s, made = %s WHERE id = %s"
        )
        path = stored or str(source.path.resolve())
        kept = (json.dumps(source.to_json()), json.dumps(wanted), json.dumps(made.with_(before.made)))
        db.execute(Sql(text, (path, bool(stored), *kept, before.pk)))
        take_up(before)
        return before
    names = (
        "object_key", "name", "path", "stored", "sha256", "source", "mapping", "made", "state", "position", "undone",
        *COUNTERS, "user_id", "created_at",
    )  # fmt: skip
    values = (
        key, (name or source.path.name)[:200], stored or str(source.path.resolve()), bool(stored), sha256,
        json.dumps(source.to_json()), json.dumps(wanted), json.dumps(made.with_({})), State.RUNNING, 0, 0,
        *(0 for _name in COUNTERS), caller.user_id, db.dialect().moment(timezone.now()),
    )  # fmt: skip
    text = f"INSERT INTO transfer_importrun ({', '.join(names)}) VALUES ({db.marks(values)}) RETURNING id"
    row = db.row(Sql(text, values))
    assert row is not None
    return ImportRun.objects.get(pk=row[0])


def _refuse_again(before: ImportRun, mapping: Any) -> None:
    day = {"day": before.created_at.date().isoformat()}
    if before.state == State.DONE:
        raise AlreadyImported(
            _("This file was imported on %(day)s already. To import it once more, say --again.") % day
        )
    if from_json(before.mapping).to_json() != mapping:
        raise AlreadyImported(
            _("An import of this file was interrupted on %(day)s. Go on with the same mapping, or say --again.") % day
        )


def take_up(run: ImportRun) -> None:
    """Let an interrupted run go on."""
    text = "UPDATE transfer_importrun SET state = %s, finished_at = NULL WHERE id = %s"
    db.execute(Sql(text, (State.RUNNING, run.pk)))
    run.refresh_from_db()


def claim(run: ImportRun, position: int, count: int) -> None:
    """Move the position on, first thing in the transaction of a chunk. Raises TakenOver where another process did."""
    moved = db.execute(
        Sql(
            "UPDATE transfer_importrun SET position = position + %s WHERE id = %s AND position = %s AND state = %s",
            (count, run.pk, position, State.RUNNING),
        )
    )
    if not moved:
        raise TakenOver


def note(run: ImportRun, rows: Sequence[Row], plain: int = 0) -> None:
    """Count the chunk's rows, and keep the refused ones and the notes, in the transaction of the chunk.

    `plain` rows more became records, and there is nothing else to tell of them.
    """
    refused = [row for row in rows if row.errors]
    noted = [row for row in rows if row.notes and not row.errors and row.outcome in TAKEN]
    issues: list[tuple[Any, ...]] = [
        (run.pk, row.line, json.dumps(row.cells), "; ".join(row.errors or row.notes), not row.errors, None)
        for row in (*refused, *noted)
    ]
    waiting = [row for row in rows if row.outcome == WAITING and not row.errors]
    issues += [(run.pk, r.line, json.dumps(r.cells), "", False, json.dumps(list(r.matches))) for r in waiting]
    db.insert_many("transfer_importissue", ("run_id", "line", "cells", "reasons", "imported", "matches"), issues)
    count(run, rows, plain)


def count(run: ImportRun, rows: Sequence[Row], plain: int = 0) -> None:
    """Add to the counters of a run what became of rows, and of `plain` ones that became records."""
    sets = ", ".join(f"{name} = {name} + %s" for name in COUNTERS)
    amounts = tally(rows)
    amounts["created"] += plain
    params = (*(amounts[name] for name in COUNTERS), run.pk)
    db.execute(Sql(f"UPDATE transfer_importrun SET {sets} WHERE id = %s", params))


def tally(rows: Iterable[Row]) -> Counter[str]:
    """How many rows were `created`, `updated`, `skipped`, `rejected`, are `waiting`; `noted` ones are counted twice."""
    found: Counter[str] = Counter()
    for row in rows:
        found["rejected" if row.errors else row.outcome or "created"] += 1
        found["noted"] += bool(row.notes and not row.errors and row.outcome in TAKEN)
    return found


def waiting(run: ImportRun) -> int:
    """How many rows of a run wait for an answer."""
    text = "SELECT COUNT(*) FROM transfer_importissue WHERE run_id = %s AND matches IS NOT NULL"
    found = db.row(Sql(text, (run.pk,)))
    return int(found[0]) if found else 0


def finish(run: ImportRun, state: State) -> None:
    """Note the end of a run, or that it was stopped; a file that was stored for it goes with its end."""
    moment = db.dialect().moment(timezone.now())
    text = "UPDATE transfer_importrun SET state = %s, finished_at = %s WHERE id = %s"
    db.execute(Sql(text, (state, moment, run.pk)))
    if state == State.DONE and run.stored and run.path:
        remove_file(run.pk, run.path)


def remove_file(run_id: int, path: str) -> None:
    """Forget the stored file of a run, which is stopped without it; it is deleted when that is committed."""
    text = "UPDATE transfer_importrun SET path = '', state = CASE WHEN state = %s THEN %s ELSE state END WHERE id = %s"
    db.execute(Sql(text, (State.RUNNING, State.STOPPED, run_id)))
    transaction.on_commit(lambda: default_storage.delete(path))


def remove_draft(draft_id: int, path: str) -> None:
    """Forget a draft; its file is deleted when that is committed."""
    db.execute(Sql("DELETE FROM transfer_importdraft WHERE id = %s", (draft_id,)))
    transaction.on_commit(lambda: default_storage.delete(path))


@contextmanager
def local_file(run: ImportRun) -> Iterator[Path]:
    """The file of a run on this machine; one of the file storage is copied for the time being. Raises NotFound."""
    if run.stored and not run.path:
        raise NotFound(_("The file of this import is not kept any more. Upload it again to go on."))
    if run.stored:
        with copied(run.path) as path:
            yield path
    else:
        yield Path(run.path)


@contextmanager
def copied(stored: str) -> Iterator[Path]:
    """A file of the file storage on this machine: itself where it is here, else a copy for the time being."""
    try:
        local = Path(default_storage.path(stored))
    except NotImplementedError:
        local = None
    if local is not None:
        if not local.exists():
            raise FileNotFoundError(stored)
        yield local
        return
    with tempfile.NamedTemporaryFile() as copy:
        with default_storage.open(stored) as source:
            for chunk in source.chunks():
                copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def issues_csv(run_id: int, *, imported: bool) -> Iterator[bytes]:
    """The refused rows (or those taken with something left out) as a CSV file, with line and reasons.

    Cells are as they came, but for formulas, which are made harmless. Corrected, the file can be imported as it is: the
    two columns more are not recognised.
    """
    run = ImportRun.objects.get(pk=run_id)
    yield "\ufeff".encode()
    yield lines([[*map(neutral, run.source["columns"]), "line", REASON]])
    last = -1
    while True:
        text = (
            "SELECT line, cells, reasons FROM transfer_importissue WHERE run_id = %s AND imported = %s AND line > %s "
            "AND matches IS NULL ORDER BY line LIMIT 1000"
        )
        found = db.rows(Sql(text, (run_id, imported, last)))
        if not found:
            return
        yield lines(
            [*(neutral(restored(c)) for c in json.column(cells)), str(line), neutral(reasons)]
            for line, cells, reasons in found
        )
        last = found[-1][0]


def forget(context: Any) -> dict[str, int]:
    """Daily: forget refused rows and stored files of imports that ended a while ago."""
    before = db.dialect().moment(timezone.now() - dt.timedelta(days=KEPT_DAYS))
    old = "SELECT id FROM transfer_importrun WHERE created_at < %s"
    removed = db.execute(Sql(f"DELETE FROM transfer_importissue WHERE run_id IN ({old})", (before,)))
    files = db.rows(
        Sql("SELECT id, path FROM transfer_importrun WHERE stored AND path <> '' AND created_at < %s", (before,))
    )
    for key, path in files:
        remove_file(key, path)
    drafts = db.rows(Sql("SELECT id, path FROM transfer_importdraft WHERE created_at < %s", (before,)))
    for key, path in drafts:
        remove_draft(key, path)
    context.progress(removed)
    return {"rows": removed, "files": len(files) + len(drafts)}
