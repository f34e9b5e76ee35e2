"""Exports as they come: a folder, or a zip (with zips in it), unpacked within bounds."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from rapport.features.transfer.formats.base import refuse

MOST_FILES, MOST_BYTES = 200_000, 20 * 1024**3
DENSE, DENSE_FROM = 250, 50 * 1024**2
"""How many times smaller a packed file may be, for files from so many bytes on: more is a bomb."""
COPIED, KEPT_FREE = 1024 * 1024, 256 * 1024**2
Members = Mapping[str, Path]
"""Files by their name in the export, folders with slashes."""


@contextmanager
def opened(path: Path) -> Iterator[Members]:
    """The files of a folder or a zip; what is unpacked goes afterwards. Raises Invalid."""
    if path.is_dir():
        yield _folder(path)
        return
    if not zipfile.is_zipfile(path):
        yield {path.name: path}
        return
    with tempfile.TemporaryDirectory(prefix="migration-") as folder:
        yield _Unpacking(Path(folder)).run(path)


def _folder(path: Path) -> Members:
    root = path.resolve()
    inside = (p for p in sorted(root.rglob("*")) if p.is_file() and p.resolve().is_relative_to(root))
    found = {p.relative_to(root).as_posix(): p for p in inside if not _hidden(p.relative_to(root).as_posix())}
    if len(found) > MOST_FILES:
        raise refuse(_("An export has at most %(max)d files.") % {"max": MOST_FILES})
    return found


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


class _Unpacking:
    """Unpacks into a folder under names of our own; counts what it has written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written = 0
        self.found: dict[str, Path] = {}

    def run(self, path: Path, before: str = "", depth: int = 0) -> Members:
        """The files of a zip. Raises Invalid."""
        try:
            with zipfile.ZipFile(path) as archive:
                for info in archive.infolist():
                    if not info.is_dir():
                        self._member(archive, info, before, depth)
        except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
            raise refuse(_("The archive can't be read: %(error)s. Make it anew.") % {"error": error}) from error
        return self.found

    def _member(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, before: str, depth: int) -> None:
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        name = "/".join(part for part in parts if part not in ("/", "..", "."))
        if not name or _hidden(name):
            return
        if info.flag_bits & 1:
            raise refuse(_("The archive is locked with a password. Upload it without one."))
        if info.file_size > DENSE_FROM and info.file_size > DENSE * max(info.compress_size, 1):
            raise refuse(_("%(name)s is packed more densely than any export. It was not unpacked.") % {"name": name})
        if len(self.found) >= MOST_FILES:
            raise refuse(_("An export has at most %(max)d files.") % {"max": MOST_FILES})
        target = self.folder / f"{len(self.found)}-{depth}{PurePosixPath(name).suffix[:12]}"
        self._write(archive, info, target)
        if PurePosixPath(name).suffix.lower() == ".zip" and depth == 0 and zipfile.is_zipfile(target):
            self.run(target, f"{before}{PurePosixPath(name).stem}/", depth + 1)
            target.unlink()
        else:
            self.found[before + name] = target

    def _write(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
        """What a header says of the size is no promise, so the bytes are counted."""
        with archive.open(info) as source, target.open("wb") as out:
            while chunk := source.read(COPIED):
                self.written += len(chunk)
                if self.written > MOST_BYTES or shutil.disk_usage(self.folder).free < KEPT_FREE:
                    raise refuse(_("The archive is too large once it is unpacked. Bring it over in parts."))
                out.write(chunk)
