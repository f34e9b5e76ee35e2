"""`store` and `open_file`: bytes in the file storage under the hash of their content, rights as of the record."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote

from django.conf import settings
from django.core.files import File as Upload
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from rapport.features.files import names, versions
from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.read import visible
from rapport.records.write import Batch
from rapport.registry import catalog

KEY = "file"


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that lie in the storage, and the record that they belong to."""

    content_type: str
    size: int
    sha256: str
    path: str
    object_key: str
    record_id: int | None


_arriving: ContextVar[Stored | None] = ContextVar("arriving", default=None)


def store(caller: Caller, upload: Upload[bytes], object_key: str = "", record_id: int | None = None) -> int:
    """Keep an upload; the key of its file record. `object_key` and `record_id` name the record that it belongs to.

    Where the record has a file of this name, the upload is a new version of that file; the same bytes are not.
    Raises NotFound or Forbidden when the caller may not edit that record, Invalid for an empty or too large file.
    """
    if not caller.may(catalog.current()[KEY], "create"):
        raise Forbidden
    if object_key or record_id is not None:
        _check_owner(caller, object_key, record_id or 0)
    stored = _keep_bytes(upload, object_key, record_id)
    name = names.safe_name(upload.name or "")
    token = _arriving.set(stored)
    try:
        with transaction.atomic():
            known = versions.of_name(caller, object_key, record_id, name)
            if known is None:
                return write.create(caller, KEY, {"name": name})
            if known.sha256 != stored.sha256:
                write.update(caller, KEY, known.id, {})
            return known.id
    finally:
        _arriving.reset(token)


def _check_owner(caller: Caller, object_key: str, record_id: int) -> None:
    if object_key == KEY:
        raise NotFound
    target = visible(caller, object_key)
    if not target.allowed([record_id], "edit"):
        raise Forbidden if target.allowed([record_id]) else NotFound


def _keep_bytes(upload: Upload[bytes], object_key: str, record_id: int | None) -> Stored:
    """Read the upload once for type, size and hash, then save it unless the same bytes are there whole."""
    digest, size, head = hashlib.sha256(), 0, b""
    for chunk in upload.chunks():
        size += len(chunk)
        if size > settings.UPLOAD_BYTES:
            most = settings.UPLOAD_BYTES // (1024 * 1024)
            raise Invalid({"file": [_("Choose a file of at most %(max)d MB.") % {"max": most}]})
        digest.update(chunk)
        head += chunk[: max(0, names.HEAD - len(head))]
    if not size:
        raise Invalid({"file": [_("The file is empty. Choose another one.")]})
    sha256 = digest.hexdigest()
    path = f"{sha256[:2]}/{sha256}"
    if not (default_storage.exists(path) and default_storage.size(path) == size):
        # What an interrupted upload left there is shorter.
        default_storage.delete(path)
        upload.seek(0)
        path = default_storage.save(path, upload)
    return Stored(names.type_of(head), size, sha256, path, object_key, record_id)


def prepare(batch: Batch) -> None:
    """Fill in what was told from the bytes; a file record without an upload is refused."""
    stored = _arriving.get()
    for entry in batch.entries:
        if "name" in entry.values:
            entry.values["name"] = names.safe_name(entry.values["name"])
        if batch.action != "create":
            if stored is not None:
                more = {"content_type": stored.content_type, "size": stored.size}
                entry.values |= {**more, "revision": entry.before["revision"] + 1}
            continue
        if stored is None:
            entry.refuse("name", _("Upload a file."))
        else:
            entry.values |= {"content_type": stored.content_type, "size": stored.size}


def effects(batch: Batch) -> None:
    """Note where the bytes lie and what the file belongs to; of a new version, what the file held before."""
    stored = _arriving.get()
    if batch.action == "update" and stored is not None:
        versions.keep(batch, stored.sha256, stored.path)
    if batch.action == "create" and stored is not None:
        rows = [(stored.sha256, stored.path, stored.object_key, stored.record_id, e.id) for e in batch.entries]
        db.execute_many(
            "UPDATE files_file SET sha256 = %s, path = %s, object_key = %s, record_id = %s WHERE id = %s", rows
        )


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file to be sent: its bytes as a stream, and the headers that go with it."""

    name: str
    content_type: str
    size: int
    stream: IO[Any]
    headers: dict[str, str]


def open_file(caller: Caller, file_id: int, revision: int | None = None) -> OpenFile:
    """A file for download, or an older version of it; rights are checked now.

    Raises NotFound, also when the bytes are lost.
    """
    view = visible(caller, KEY).get(file_id)
    where = "files_file WHERE id = %s"
    params: tuple[int, ...] = (file_id,)
    if revision is not None and revision != view.values.get("revision"):
        where, params = "files_fileversion WHERE file_id = %s AND revision = %s", (file_id, revision)
    row = db.row(Sql(f"SELECT path, content_type, size FROM {where}", params))
    if row is None or not row[0]:
        raise NotFound
    path, content_type, size = row
    try:
        stream = default_storage.open(path)
    except OSError as error:
        raise NotFound(_("The content of this file is missing in the storage. Restore it from a backup.")) from error
    return OpenFile(view.title, content_type, size, stream, headers(view.title, content_type, size))


def headers(name: str, content_type: str, size: int) -> dict[str, str]:
    """Safe images are shown in place; everything else is an attachment, and nothing is guessed or run."""
    place = "inline" if content_type in names.SHOWN else "attachment"
    return {
        "Content-Type": f"{content_type}; charset=utf-8" if content_type == names.TEXT else content_type,
        "Content-Length": str(size),
        "Content-Disposition": f"{place}; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=0, must-revalidate",
    }


def files_of(caller: Caller, object_key: str, record_id: int) -> list[dict[str, Any]]:
    """The live files of a record, newest first: id, name, content_type, size, created_at, revision, older.

    `older` are the versions before, newest first: revision, size, at. Raises NotFound.
    """
    visible(caller, object_key).get(record_id)
    where = visible(caller, KEY).where()
    text = (
        "SELECT t.id, t.name, t.content_type, t.size, t.created_at, t.revision FROM files_file t "
        f"WHERE t.object_key = %s AND t.record_id = %s AND {where.text} ORDER BY t.id DESC LIMIT 500"
    )
    moment = catalog.current()[KEY].fields["created_at"].type
    rows = db.rows(Sql(text, (object_key, record_id, *where.params)))
    older = versions.older([r[0] for r in rows if r[5] > 1])
    return [
        {
            "id": r[0], "name": r[1], "content_type": r[2], "size": r[3], "created_at": moment.from_json(r[4]),
            "revision": r[5], "older": older.get(r[0], []),
        }
        for r in rows
    ]  # fmt: skip
