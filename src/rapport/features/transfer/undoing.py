"""Taking a whole import back, set by set, as far as nobody changed or uses what it wrote; what stays is listed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.features.transfer import making, runs
from rapport.features.transfer.models import ImportKept, ImportRun, State
from rapport.features.transfer.pacing import Pacer
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import audit
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.customising import sync
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.history import reverting
from rapport.records.history.reverting import LAST, RevertedBatch
from rapport.records.jobs import queue

JOB = "import-undo"
_KEPT = ("run_id", "object_key", "record_id", "action", "fields", "why")


def may_undo(run: ImportRun) -> bool:
    """Whether there is something to take back, and nothing works on the import now."""
    return run.state in {State.DONE, State.STOPPED, State.UNDOING} and runs.job_of(run) is None


def begin(caller: Caller, run_id: int) -> ImportRun:
    """Let an import be taken back, or going on with that. Raises NotFound, Forbidden, Invalid."""
    with transaction.atomic():
        run = ImportRun.objects.filter(pk=run_id).first()
        if run is None:
            raise NotFound(_("There is no import %(number)s.") % {"number": run_id})
        if run.user_id != caller.user_id and not caller.is_admin:
            raise Forbidden
        if run.state == State.UNDONE:
            raise Invalid({"": [_("This import was undone already.")]})
        if not may_undo(run):
            raise Invalid({"": [_("This import is running. Stop it first.")]})
        if run.state != State.UNDOING:
            text = "UPDATE transfer_importrun SET state = %s, undone_to = %s, undone = 0 WHERE id = %s AND state = %s"
            if not db.execute(Sql(text, (State.UNDOING, LAST, run.pk, run.state))):
                raise runs.TakenOver
            # Nobody needs to decide about rows of an import that is taken back.
            db.execute(Sql("DELETE FROM transfer_importissue WHERE run_id = %s AND matches IS NOT NULL", (run.pk,)))
        run.refresh_from_db()
    return run


def start(caller: Caller, run_id: int) -> ImportRun:
    """Take an import back in the background. Raises what `begin` raises."""
    run = begin(caller, run_id)
    total = reverting.count(runs.batch_of(run))
    queue.enqueue(JOB, {"run": run.pk}, key=runs.batch_of(run), user_id=caller.user_id, total=total)
    return run


def run_undo(context: Any) -> dict[str, int]:
    """The job: with the rights of whoever asked for it."""
    run = ImportRun.objects.filter(pk=context.arguments["run"], state=State.UNDOING).first()
    caller = callers.of_user(context.user_id) if context.user_id else None
    if run is None or caller is None:
        raise NotFound
    kept = perform(caller, run, context.progress)
    return {"undone": run.undone, "kept": kept}


def perform(caller: Caller, run: ImportRun, progress: Callable[[int], None] = lambda done: None) -> int:
    """Take back what is left to be; how many acts stay as they are. Raises TakenOver where another process does it.

    `progress` may raise to pause it.
    """
    caller, pacer = caller.through("import"), Pacer()
    at = int(run.undone_to or 0)
    while at:
        pacer.rest()
        begun = time.monotonic()
        with transaction.atomic():
            at = _set(caller, run, at)
        pacer.took(reverting.SET, time.monotonic() - begun)
        run.refresh_from_db()
        progress(run.undone)
    making.unmake(caller, making.Made(**run.made))
    sync.refresh()
    runs.finish(run, State.UNDONE)
    run.refresh_from_db()
    kept = ImportKept.objects.filter(run=run).count()
    detail = {"file": run.name, "run": run.pk, "undone": run.undone, "kept": kept}
    audit.record("import undone", caller=caller, subject=run.object_key, detail=detail)
    return kept


def _set(caller: Caller, run: ImportRun, before: int) -> int:
    """Take the newest acts older than `before` back, in the transaction at hand; the oldest of them, 0 for none."""
    held = "UPDATE transfer_importrun SET undone_to = undone_to WHERE id = %s AND undone_to = %s AND state = %s"
    if not db.execute(Sql(held, (run.pk, before, State.UNDOING))):
        raise runs.TakenOver
    result = RevertedBatch()
    reached = reverting.revert_set(caller, runs.batch_of(run), before, result) or 0
    rows = [(run.pk, k.object_key, k.record_id, k.action, json.dumps(list(k.fields)), k.why) for k in result.left]
    db.insert_many(ImportKept._meta.db_table, _KEPT, rows)
    text = "UPDATE transfer_importrun SET undone_to = %s, undone = undone + %s, finished_at = %s WHERE id = %s"
    db.execute(Sql(text, (reached, result.count, db.dialect().moment(timezone.now()), run.pk)))
    return reached
