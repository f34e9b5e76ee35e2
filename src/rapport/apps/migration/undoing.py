"""Taking a whole migration back, set by set, as far as nobody changed or uses what came over; what stays is listed.

Fields, pipelines and users that were made for it stay: administrators may have built on them.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.apps.migration import jobs, running
from rapport.apps.migration.models import Migration, MigrationKept, Provenance, State
from rapport.features.transfer.runs import TakenOver
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import audit
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.history import reverting
from rapport.records.history.reverting import LAST, RevertedBatch
from rapport.records.jobs import queue
from rapport.registry import catalog

JOB = "migration-undo"
_KEPT = ("migration_id", "object_key", "record_id", "action", "fields", "why")


def may_undo(migration: Migration) -> bool:
    """Whether something came over that can be taken back, and nothing works on the migration now."""
    states = {State.DONE, State.STOPPED, State.FAILED, State.UNDOING}
    return migration.state in states and jobs.job_of(migration) is None and bool(running.steps_of(migration))


def begin(caller: Caller, migration: Migration) -> None:
    """Let a migration be taken back, or going on with that. Raises Forbidden, Invalid."""
    if not caller.is_admin:
        raise Forbidden
    if not may_undo(migration):
        raise Invalid({"": [_("This migration is running, was undone, or brought nothing over.")]})
    if migration.state != State.UNDOING:
        running.put(migration, state=State.UNDOING, undone_to=LAST, undone=0, problem="")


def start(caller: Caller, migration: Migration) -> None:
    """Take a migration back in the background. Raises Forbidden, Invalid."""
    with transaction.atomic():
        begin(caller, migration)
        batch = running.batch_of(migration)
        arguments = {"migration": migration.pk}
        queue.enqueue(JOB, arguments, key=batch, user_id=caller.user_id, total=reverting.count(batch))


def run_undo(context: Any) -> dict[str, int]:
    """The job: with the rights of whoever asked for it."""
    migration = Migration.objects.filter(pk=context.arguments["migration"], state=State.UNDOING).first()
    caller = callers.of_user(context.user_id) if context.user_id else None
    if migration is None or caller is None or not caller.is_admin:
        raise NotFound(_("This migration has ended, or whoever started it has no account any more."))
    return {"undone": migration.undone, "kept": perform(caller, migration, context.progress)}


def perform(caller: Caller, migration: Migration, progress: Any = lambda done: None) -> int:
    """Take back what is left to be; how many acts stay as they are. `progress` may raise to pause it."""
    caller = caller.through("import")
    while migration.undone_to:
        with transaction.atomic():
            _set(caller, migration, int(migration.undone_to))
        progress(migration.undone)
    with transaction.atomic():
        _forget_origins(migration)
        running.put(migration, state=State.UNDONE, finished_at=timezone.now())
        kept = MigrationKept.objects.filter(migration=migration).count()
        detail = {"migration": migration.pk, "undone": migration.undone, "kept": kept}
        audit.record("import undone", caller=caller, subject=running.vendor_of(migration.vendor).label, detail=detail)
    return kept


def _set(caller: Caller, migration: Migration, before: int) -> None:
    """Take the newest acts older than `before` back, in the transaction at hand. Raises TakenOver."""
    held = "UPDATE migration_migration SET undone_to = undone_to WHERE id = %s AND undone_to = %s AND state = %s"
    if not db.execute(Sql(held, (migration.pk, before, State.UNDOING))):
        raise TakenOver
    result = RevertedBatch()
    reached = reverting.revert_set(caller, running.batch_of(migration), before, result) or 0
    rows = [(migration.pk, k.object_key, k.record_id, k.action, json.dumps(list(k.fields)), k.why) for k in result.left]
    db.insert_many(MigrationKept._meta.db_table, _KEPT, rows)
    running.put(migration, undone_to=reached, undone=migration.undone + result.count)


def _forget_origins(migration: Migration) -> None:
    """What went may come over again by another run."""
    table = Provenance._meta.db_table
    for key, obj in catalog.current().objects.items():
        live = f'SELECT id FROM "{obj.table}" WHERE deleted_at IS NULL'
        text = f"DELETE FROM {table} WHERE migration_id = %s AND object_key = %s AND record_id NOT IN ({live})"
        db.execute(Sql(text, (migration.pk, key)))
