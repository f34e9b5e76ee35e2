"""Versions of a file: a new upload of its name on its record is one, and what it held before is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.records.write import Batch
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()


class Known(NamedTuple):
    """A file that is there, and the hash of what it holds."""

    id: int
    sha256: str


def of_name(caller: Caller, object_key: str, record_id: int | None, name: str) -> Known | None:
    """The file of a record that has this name, in any case, if the caller may change it."""
    if not object_key:
        return None
    same = Sql(
        f"t.object_key = %s AND t.record_id = %s AND {db.dialect().fold('t.name')} = %s",
        (object_key, record_id, name.lower()),
    )
    where = all_of([same, visible(caller, "file").where(action="edit")])
    row = db.row(Sql(f"SELECT t.id, t.sha256 FROM files_file t WHERE {where.text} ORDER BY t.id LIMIT 1", where.params))
    return Known(*row) if row else None


def keep(batch: Batch, sha256: str, path: str) -> None:
    """Put what files held so far aside, and note where their new bytes lie."""
    for entry in batch.entries:
        before = entry.before
        moment = batch.env.dialect.moment(batch.moment(entry))
        db.execute(
            Sql(
                "INSERT INTO files_fileversion (file_id, revision, content_type, size, sha256, path, at, actor_id) "
                "SELECT id, %s, %s, %s, sha256, path, %s, %s FROM files_file WHERE id = %s",
                (before["revision"], before["content_type"], before["size"], moment, batch.caller.user_id, entry.id),
            )
        )
        db.execute(Sql("UPDATE files_file SET sha256 = %s, path = %s WHERE id = %s", (sha256, path, entry.id)))


def older(ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The versions before the present one of each of the files, newest first: revision, size, and until when."""
    found: dict[int, list[dict[str, Any]]] = {}
    for part in db.chunks(sorted(ids)):
        text = (
            f"SELECT file_id, revision, size, at FROM files_fileversion WHERE file_id IN ({db.marks(part)}) "
            "ORDER BY file_id, revision DESC"
        )
        for key, revision, size, at in db.rows(Sql(text, tuple(part))):
            found.setdefault(key, []).append({"revision": revision, "size": size, "at": _DATETIME.from_json(at)})
    return found


def paths(ids: Sequence[int]) -> list[str]:
    """Where the bytes of the older versions of files lie."""
    text = f"SELECT path FROM files_fileversion WHERE file_id IN ({db.marks(ids)})"
    return [r[0] for r in db.rows(Sql(text, tuple(ids))) if r[0]] if ids else []
