"""Archives made in the background for the settings: kept in the file storage for a while, then removed."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.dateparse import parse_datetime

from rapport.features.archive.exporting import export
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import audit
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, NotFound
from rapport.records.jobs import queue
from rapport.records.jobs.models import JobRow, State

MAKE = "archive"
FOLDER = "archives"
KEPT = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Kept:
    """An archive that can be downloaded. `size` in bytes."""

    job: int
    path: str
    size: int
    rows: int
    files: int
    made: dt.datetime
    until: dt.datetime

    @property
    def name(self) -> str:
        """Of the file that is downloaded."""
        return f"rapport-{timezone.localtime(self.made):%Y-%m-%d-%H%M}.zip"


def start(caller: Caller) -> None:
    """Have an archive made, unless one is being made already. Raises Forbidden for all but administrators."""
    if not caller.is_admin:
        raise Forbidden
    queue.enqueue(MAKE, key=MAKE, user_id=caller.user_id)


def make(context: Any) -> dict[str, Any]:
    """The job: an archive without secrets. Raises Stopped when the user asked to stop; nothing is kept then."""
    caller = callers.of_user(context.user_id) if context.user_id else None
    if caller is None or not caller.is_admin:
        raise Forbidden
    with tempfile.TemporaryDirectory(prefix=".archive-", dir=settings.DATA_DIR) as folder:
        target = Path(folder, "archive.zip")
        made = export(target, caller=caller, progress=context.progress)
        size = target.stat().st_size
        with target.open("rb") as whole:
            path = default_storage.save(f"{FOLDER}/{get_random_string(32)}.zip", File(whole))
    rows = sum(part.rows for part in made.tables)
    until = (timezone.now() + KEPT).isoformat()
    return {"path": path, "size": size, "rows": rows, "files": made.files, "until": until}


def kept(most: int = 10) -> Iterator[Kept]:
    """The archives that can be downloaded now, newest first."""
    for row in JobRow.objects.filter(name=MAKE, state=State.DONE).order_by("-id")[:most]:
        found = row.result or {}
        until = parse_datetime(found.get("until", ""))
        if until is not None and row.finished_at is not None and until > timezone.now():
            yield Kept(row.pk, found["path"], found["size"], found["rows"], found["files"], row.finished_at, until)


def latest() -> JobRow | None:
    """The newest job: it tells whether an archive is being made, or why that failed."""
    return JobRow.objects.filter(name=MAKE).order_by("-id").first()


def download(caller: Caller, job_id: int) -> tuple[Kept, IO[bytes]]:
    """An archive and its bytes; it is in the audit log before the first leaves. Raises Forbidden, NotFound."""
    if not caller.is_admin:
        raise Forbidden
    found = next((one for one in kept() if one.job == job_id), None)
    if found is None:
        raise NotFound
    try:
        stream = default_storage.open(found.path)
    except OSError as error:
        raise NotFound from error
    audit.record("archive downloaded", caller=caller, subject=found.name)
    return found, stream


def remove(caller: Caller, job_id: int) -> None:
    """Remove an archive before its time. Raises Forbidden, NotFound."""
    if not caller.is_admin:
        raise Forbidden
    found = next((one for one in kept() if one.job == job_id), None)
    if found is None:
        raise NotFound
    default_storage.delete(found.path)
    db.execute(Sql("DELETE FROM records_jobrow WHERE id = %s", (job_id,)))


def forget(context: Any) -> dict[str, int] | None:
    """Hourly: remove archives whose time is over."""
    try:
        names = default_storage.listdir(FOLDER)[1]
    except FileNotFoundError:
        return None
    used = {Path(one.path).name for one in kept(100)}
    old = [name for name in names if name not in used and _age(name) > KEPT]
    for name in old:
        default_storage.delete(f"{FOLDER}/{name}")
    return {"archives": len(old)} if old else None


def _age(name: str) -> dt.timedelta:
    try:
        return timezone.now() - default_storage.get_modified_time(f"{FOLDER}/{name}")
    except OSError:
        return dt.timedelta(0)
