"""The archive: a tar, gzip-compressed, whose members are hashed while they are written and while they are read."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from rapport.config.backup.manifest import NAME, BackupError, Manifest, Member, decode, encode

CHUNK = 1024 * 1024


class _Hashing(io.RawIOBase):
    """Passes reads of another file through and hashes what went by."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.source.read(size)
        self.hash.update(data)
        return data


class Writer:
    """Adds files to an archive and remembers their hashes."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.members: dict[str, Member] = {}

    def add(self, name: str, path: Path) -> None:
        """Add a file under `name`. A file that has gone meanwhile is left out."""
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return
        with source:
            size = os.fstat(source.fileno()).st_size
            hashing = _Hashing(source)
            self._tar.addfile(_info(name, size), hashing)
        self.members[name] = Member(size=size, sha256=hashing.hash.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Close the list of members: the manifest is the last one."""
        data = encode(manifest)
        self._tar.addfile(_info(NAME, len(data)), io.BytesIO(data))


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(time.time())
    return info


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """An archive that appears at `target` only when it is whole and on disk; readable by its owner alone."""
    partial = target.with_name(f"{target.name}.partial-{os.getpid()}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=3, format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def unpack(source: Path, folder: Path) -> Manifest:
    """Unpack an archive into an empty folder and compare every byte with the manifest.

    Raises BackupError for an archive that is damaged, incomplete, not ours, or that would write outside the folder.
    """
    found: dict[str, Member] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            for info in tar:
                data = tar.extractfile(info) if info.isreg() and _is_safe(info.name) else None
                if data is None or manifest is not None:
                    raise BackupError(f"The archive holds something that no backup holds: {info.name[:100]!r}.")
                if info.name == NAME:
                    manifest = decode(data.read())
                else:
                    found[info.name] = _store(data, folder / info.name)
            # What fills up the last block has no hash: the sum at the end of the gzip stream holds for it too.
            while tar.fileobj is not None and tar.fileobj.read(CHUNK):
                pass
    except FileNotFoundError as error:
        raise BackupError(f"There is no file {source}.") from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise BackupError(f"{source} is damaged or no backup of Rapport: {error}") from error
    if manifest is None:
        raise BackupError(f"{source} is incomplete: it ends before its manifest.")
    if found != manifest.members:
        different = sorted(n for n in found.keys() | manifest.members.keys() if found.get(n) != manifest.members.get(n))
        raise BackupError(f"{source} is damaged: {different[0]} differs from the manifest.")
    return manifest


def _is_safe(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name and "\0" not in name


def _store(data: IO[bytes], target: Path) -> Member:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    size = 0
    with target.open("xb") as out:
        while chunk := data.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return Member(size=size, sha256=digest.hexdigest())
