"""Migrations in the background: looked through, performed, stopped and taken up again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from rapport.apps.migration import running
from rapport.apps.migration.models import Migration, State
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.jobs import queue
from rapport.records.jobs.models import JobRow
from rapport.records.jobs.models import State as JobState
from rapport.records.jobs.worker import Stopped

LOOK, PERFORM = "migration-look", "migration"
KEPT_DAYS = 30


def upload(caller: Caller, vendor: str, sent: File[bytes]) -> Migration:
    """Keep an uploaded export and look through it in the background. Raises Forbidden, Invalid."""
    if not caller.is_admin:
        raise Forbidden
    running.vendor_of(vendor)
    path = default_storage.save(f"imports/{get_random_string(24)}", sent)
    try:
        migration = running.begin(caller, vendor, path, sent.name or "", stored=True)
        queue.enqueue(LOOK, {"migration": migration.pk}, key=f"migration:{migration.pk}", user_id=caller.user_id)
    except Exception:
        default_storage.delete(path)
        raise
    return migration


def start(caller: Caller, migration: Migration, options: dict[str, Any]) -> None:
    """Begin to write, in the background. Raises Forbidden, Invalid."""
    running.start(caller, migration, options)
    _enqueue(caller, migration)


def _enqueue(caller: Caller, migration: Migration) -> None:
    total = sum(step.total for step in running.steps_of(migration))
    arguments = {"migration": migration.pk}
    queue.enqueue(PERFORM, arguments, key=f"migration:{migration.pk}", user_id=caller.user_id, total=total)


def job_of(migration: Migration) -> JobRow | None:
    """The job that works on a migration, while it waits or runs."""
    states = (JobState.WAITING, JobState.RUNNING)
    return JobRow.objects.filter(key=f"migration:{migration.pk}", state__in=states).first()


def stop(migration: Migration) -> None:
    """Ask a migration to stop; what came over stays, and it can go on."""
    job = job_of(migration)
    if job is not None:
        queue.cancel(job.pk)
    if job_of(migration) is None and migration.state == State.RUNNING:
        running.put(migration, state=State.STOPPED)


def resume(caller: Caller, migration: Migration) -> None:
    """Go on with a stopped migration. Raises Forbidden, NotFound."""
    if not caller.is_admin:
        raise Forbidden
    if migration.state not in {State.STOPPED, State.RUNNING, State.FAILED} or not running.steps_of(migration):
        raise NotFound
    running.put(migration, state=State.RUNNING, problem="")
    _enqueue(caller, migration)


def discard(migration: Migration) -> None:
    """Forget a migration that was not started, and its files."""
    if migration.state not in {State.LOOKING, State.READY, State.FAILED} or running.steps_of(migration):
        raise NotFound
    if migration.stored and migration.path:
        running.forget_file(migration)
    db.execute(Sql("DELETE FROM migration_migration WHERE id = %s", (migration.pk,)))


def _of(context: Any, *states: str) -> tuple[Migration, Caller]:
    migration = Migration.objects.filter(pk=context.arguments["migration"], state__in=states).first()
    caller = callers.of_user(migration.user_id) if migration and migration.user_id else None
    if migration is None or caller is None:
        raise NotFound(_("This migration has ended, or whoever started it has no account any more."))
    return migration, caller


def run_look(context: Any) -> dict[str, int]:
    """The job that looks through the files; what can't be read is kept as the problem of the migration."""
    migration, caller = _of(context, State.LOOKING)
    try:
        running.look(caller, migration, context.progress)
    except (Invalid, NotFound) as error:
        running.put(migration, state=State.FAILED, problem=_said(error))
        return {"files": 0}
    return {"files": len(migration.plan["files"])}


def run_migration(context: Any) -> dict[str, int]:
    """The job that writes. Raises Stopped when the user asked to stop; the migration can be taken up again."""
    migration, caller = _of(context, State.RUNNING)
    try:
        running.perform(caller, migration, context.progress)
    except Stopped:
        running.put(migration, state=State.STOPPED)
        raise
    except (Invalid, NotFound) as error:
        running.put(migration, state=State.FAILED, problem=_said(error))
        return {"created": 0}
    return {"created": sum(step.created for step in running.steps_of(migration))}


def _said(error: Invalid | NotFound) -> str:
    texts = [str(m) for messages in getattr(error, "errors", {}).values() for m in messages]
    return " ".join(texts) or str(error.message)


def forget(context: Any) -> dict[str, int]:
    """Daily: forget refused rows and uploaded files of migrations from a while ago."""
    before = timezone.now() - dt.timedelta(days=KEPT_DAYS)
    old = "SELECT s.id FROM migration_migrationstep s JOIN migration_migration m ON m.id = s.migration_id"
    text = f"DELETE FROM migration_migrationissue WHERE step_id IN ({old} WHERE m.created_at < %s)"
    removed = db.execute(Sql(text, (db.dialect().moment(before),)))
    files = 0
    for migration in Migration.objects.filter(stored=True, created_at__lt=before).exclude(path=""):
        running.forget_file(migration)
        files += 1
    context.progress(removed)
    return {"rows": removed, "files": files}
