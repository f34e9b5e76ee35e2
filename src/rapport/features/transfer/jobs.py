"""Imports in the background: started from a page, stopped and taken up again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from rapport.features.transfer import importing, runs
from rapport.features.transfer.mapping import ImportMapping
from rapport.features.transfer.models import ImportRun, State
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, NotFound
from rapport.records.jobs import queue
from rapport.records.jobs.worker import Stopped

JOB = "import"
LEASE = dt.timedelta(minutes=2)


def start(
    caller: Caller, key: str, upload: File[bytes], wanted: ImportMapping | None = None, *, again: bool = False,
    **options: Any,
) -> ImportRun:  # fmt: skip
    """Keep an uploaded file and enqueue its import. Raises Forbidden, Invalid, AlreadyImported."""
    path = default_storage.save(f"imports/{get_random_string(24)}", upload)
    try:
        return begin(caller, key, path, wanted, name=upload.name or "", again=again, **options)
    except Exception:
        default_storage.delete(path)
        raise


def begin(
    caller: Caller, key: str, path: str, wanted: ImportMapping | None = None, *, name: str = "", again: bool = False,
    **options: Any,
) -> ImportRun:  # fmt: skip
    """Enqueue the import of a file of the file storage. Raises Forbidden, Invalid, AlreadyImported."""
    run = importing.prepare(caller, key, path, wanted, name=name, again=again, **options)
    _enqueue(caller, run)
    return run


def _enqueue(caller: Caller, run: ImportRun) -> None:
    arguments = {"run": run.pk, "from": run.position}
    total = run.source.get("about") or None
    queue.enqueue(JOB, arguments, key=runs.batch_of(run), user_id=caller.user_id, total=total)


def stop(run: ImportRun) -> None:
    """Ask an import to stop; what is imported stays, and it can go on."""
    job = runs.job_of(run)
    if job is not None:
        queue.cancel(job.pk)
    if runs.job_of(run) is None and run.state == State.RUNNING:
        runs.finish(run, State.STOPPED)


def resume(caller: Caller, run_id: int) -> None:
    """Go on with a stopped import. Raises NotFound, Forbidden."""
    run = ImportRun.objects.filter(pk=run_id, state__in=(State.STOPPED, State.RUNNING)).first()
    if run is None:
        raise NotFound
    if run.user_id != caller.user_id and not caller.is_admin:
        raise Forbidden
    runs.take_up(run)
    _enqueue(caller, run)


def run_import(context: Any) -> dict[str, int]:
    """The job. Raises Stopped when the user asked to stop; the import can be taken up again."""
    run = ImportRun.objects.filter(pk=context.arguments["run"], state=State.RUNNING).first()
    caller = callers.of_user(run.user_id) if run and run.user_id else None
    if run is None or caller is None:
        raise NotFound(_("This import has ended, or whoever started it has no account any more."))
    try:
        report = importing.perform(caller, run, context.progress)
    except Stopped:
        runs.finish(run, State.STOPPED)
        raise
    return {"created": report.created, "rejected": report.rejected, "noted": report.noted}
