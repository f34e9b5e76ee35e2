"""The file of an archive: a zip whose members are hashed while they are written."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from rapport.features.archive import manifest
from rapport.features.archive.manifest import ArchiveError, Manifest

LEVEL = 2
"""Of compression: as small as level 6 within a seventh, in half of its time."""
CHUNK = 1024 * 1024


class Written(NamedTuple):
    """What was written."""

    size: int
    sha256: str


class Packer:
    """Adds members, one after the other."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed

    def add(self, name: str, chunks: Iterable[bytes], *, compress: bool = True) -> Written:
        """A member made of chunks; zip64 where it grows large."""
        info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with self._packed.open(info, "w", force_zip64=True) as out:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
        return Written(size, digest.hexdigest())

    def finish(self, found: Manifest) -> None:
        """The manifest is the last member."""
        self.add(manifest.NAME, [manifest.encode(found)])


@contextmanager
def packing(target: Path) -> Iterator[Packer]:
    """An archive that appears at `target` only when it is whole and on disk; only its owner may read it.

    Raises ArchiveError where that can't be.
    """
    if target.exists():
        raise ArchiveError(_("%(path)s exists. Choose another name, or remove it first.") % {"path": target})
    if not target.parent.is_dir():
        raise ArchiveError(_("There is no folder %(path)s. Make it first.") % {"path": target.parent})
    partial = target.with_name(f"{target.name}.partial-{os.getpid()}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with zipfile.ZipFile(raw, "w", compresslevel=LEVEL) as packed:
                yield Packer(packed)
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
