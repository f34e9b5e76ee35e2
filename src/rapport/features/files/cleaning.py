"""Removing what nobody refers to: files of records that are gone, bytes of files that are gone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from rapport.features.files import versions
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import caller as callers
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject

PATH = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}(_\w+)?")
FOLDER = re.compile(r"[0-9a-f]{2}")
YOUNG = dt.timedelta(days=1)
"""Bytes younger than this may belong to an upload that is not yet committed."""


def clean(context: Any) -> dict[str, int]:
    """Daily: erase files whose record was purged, then remove bytes without a file."""
    files = 0
    for part in db.chunks(_without_record()):
        files += write.erase(callers.system("job"), "file", list(part))
        context.progress(files)
    removed = 0
    for folder in _folders():
        found = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
        for path in _unused(p for p in found if PATH.fullmatch(p)):
            if _age(path) >= YOUNG:
                default_storage.delete(path)
                removed += 1
        context.progress(files + removed)
    return {"files": files, "bytes": removed}


def _without_record() -> list[int]:
    """Files of objects that exist, whose record does not."""
    found: list[int] = []
    for obj in catalog.current().objects.values():
        text = (
            "SELECT f.id FROM files_file f WHERE f.object_key = %s AND NOT EXISTS "
            f'(SELECT 1 FROM "{obj.table}" r WHERE r.id = f.record_id)'
        )
        found += [r[0] for r in db.rows(Sql(text, (obj.key,)))]
    return found


def _folders() -> Iterator[str]:
    try:
        names = default_storage.listdir("")[0]
    except FileNotFoundError:
        return
    yield from (name for name in names if FOLDER.fullmatch(name))


def _unused(paths: Iterable[str]) -> list[str]:
    wanted = sorted(set(paths))
    used: set[str] = set()
    for part in db.chunks(wanted):
        for table in ("files_file", "files_fileversion"):
            text = f"SELECT path FROM {table} WHERE path IN ({db.marks(part)})"
            used.update(r[0] for r in db.rows(Sql(text, tuple(part))))
    return [path for path in wanted if path not in used]


def _age(path: str) -> dt.timedelta:
    try:
        return timezone.now() - default_storage.get_modified_time(path)
    except FileNotFoundError:
        return dt.timedelta(0)


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Erasing a record erases its files; erasing files removes their bytes, once the erasure is committed."""
    marks = db.marks(ids)
    if obj.key != "file":
        text = f"SELECT id FROM files_file WHERE object_key = %s AND record_id IN ({marks})"
        found = [r[0] for r in db.rows(Sql(text, (obj.key, *ids)))]
        if found:
            write.erase(callers.system("erase"), "file", found)
        return
    paths = [r[0] for r in db.rows(Sql(f"SELECT path FROM files_file WHERE id IN ({marks})", tuple(ids))) if r[0]]
    paths += versions.paths(ids)
    transaction.on_commit(lambda: _remove_unused(paths))


def _remove_unused(paths: list[str]) -> None:
    for path in _unused(paths):
        default_storage.delete(path)
