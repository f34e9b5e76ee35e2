"""Bytes of the file storage, into an archive under their hash and back under the path that rows name."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from rapport.features.archive.manifest import ArchiveError
from rapport.features.archive.opening import Archive
from rapport.features.archive.packing import CHUNK, Packer
from rapport.features.archive.source import Source
from rapport.features.archive.tables import Plan

_NAME = r"[A-Za-z0-9_-][A-Za-z0-9_.-]*"
SAFE = re.compile(rf"{_NAME}(/{_NAME})*")
"""Paths that lead nowhere but into the storage."""


def pack(packer: Packer, source: Source, wanted: Plan) -> tuple[int, list[str]]:
    """Put the bytes that rows name into an archive, each once; how many, and the paths of those that are lost."""
    packed, missing = set[str](), []
    for path, sha256 in _named(source, wanted):
        if sha256 in packed:
            continue
        if _hash(path) != sha256:
            missing.append(path)
            continue
        packer.add(f"files/{sha256}", _chunks(path), compress=False)
        packed.add(sha256)
    return len(packed), sorted(missing)


def place(archive: Archive, source: Source, wanted: Plan) -> None:
    """Store the bytes that imported rows name; what an interrupted import left half done is made whole.

    Raises ArchiveError for a path that leads out of the storage, and for bytes that are not in the archive.
    """
    there, missing = archive.files, set(archive.manifest.missing)
    for path, sha256 in list(_named(source, wanted)):
        if not SAFE.fullmatch(path):
            raise ArchiveError(_("A file of the archive has a path that is refused: %(path)s") % {"path": path[:100]})
        if sha256 in there:
            _store(archive, path, sha256)
        elif path not in missing:
            raise ArchiveError(_("The bytes of the file %(path)s are not in the archive.") % {"path": path[:100]})


def _named(source: Source, wanted: Plan) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of the bytes that rows name."""
    for table in wanted.tables:
        if table.files:
            path, sha256 = (f'"{name}"' for name in table.files)
            text = f"SELECT DISTINCT {path}, {sha256} FROM \"{table.name}\" WHERE {path} <> '' ORDER BY {path}"
            for batch in source.rows(text):
                yield from ((row[0], row[1]) for row in batch)


def _chunks(path: str) -> Iterator[bytes]:
    with default_storage.open(path) as stored:
        yield from stored.chunks(CHUNK)


def _hash(path: str) -> str:
    """Of stored bytes; empty where they are lost."""
    digest = hashlib.sha256()
    try:
        for chunk in _chunks(path):
            digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def _store(archive: Archive, path: str, sha256: str) -> None:
    if _hash(path) == sha256:
        return
    default_storage.delete(path)
    with tempfile.TemporaryFile() as copy:
        for chunk in archive.chunks(f"files/{sha256}"):
            copy.write(chunk)
        copy.seek(0)
        saved = default_storage.save(path, File(copy))
    if saved != path:
        raise ArchiveError(_("The file storage refused the path %(path)s.") % {"path": path[:100]})
