"""Reading an archive, which may come from anywhere: everything is bounded and compared before any of it is used."""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from rapport.features.archive import manifest
from rapport.features.archive.manifest import ArchiveError, Manifest, Part
from rapport.features.archive.packing import CHUNK
from rapport.features.archive.tables import Plan, Table, plan

FILE = re.compile(r"files/([0-9a-f]{64})")
MOST_LINE = 64 * 1024 * 1024
"""The longest line of a table, in bytes."""
SMALL, MOST_TIMES = 256 * 1024 * 1024, 200
"""What an archive may unpack to: so many bytes in any case, else so many times its own size."""


class Archive:
    """An archive that is open and of which the manifest was read. Raises ArchiveError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._packed = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise ArchiveError(_("There is no file %(path)s.") % {"path": path}) from error
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            raise ArchiveError(_("This is damaged, or no archive of Rapport: %(why)s") % {"why": error}) from error
        try:
            self.members = self._listed()
            self.manifest = self._read_manifest()
        except BaseException:
            self._packed.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._packed.close()

    @property
    def files(self) -> set[str]:
        """The SHA-256 of each file that is in it."""
        return {found[1] for name in self.members if (found := FILE.fullmatch(name))}

    def _listed(self) -> dict[str, zipfile.ZipInfo]:
        members = {info.filename: info for info in self._packed.infolist()}
        if len(members) != len(self._packed.infolist()):
            raise ArchiveError(_("The archive holds something twice. Ask for it to be made again."))
        whole, packed = sum(info.file_size for info in members.values()), self.path.stat().st_size
        if whole > max(SMALL, packed * MOST_TIMES):
            raise ArchiveError(
                _("The archive would unpack to %(times)d times its size, which none made by Rapport does.")
                % {"times": whole // max(packed, 1)}
            )
        return members

    def _read_manifest(self) -> Manifest:
        info = self.members.get(manifest.NAME)
        if info is None or info.file_size > manifest.MOST_BYTES:
            raise ArchiveError(_("This is no archive of Rapport: it has no manifest."))
        return manifest.decode(b"".join(self.chunks(manifest.NAME)))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a member. Raises ArchiveError where it is damaged."""
        try:
            with self._packed.open(self.members[name]) as stream:
                while chunk := stream.read(CHUNK):
                    yield chunk
        except (
            KeyError,
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise ArchiveError(
                _("The archive is damaged at %(name)s. Copy or make it again.") % {"name": name[:100]}
            ) from error

    def lines(self, name: str) -> Iterator[bytes]:
        """The content of a member in whole lines, many at once."""
        kept: list[bytes] = []
        size = 0
        for chunk in self.chunks(name):
            head, end, rest = chunk.rpartition(b"\n")
            if end:
                yield b"".join((*kept, head, end))
                kept, size = [], 0
            kept.append(rest)
            size += len(rest)
            if size > MOST_LINE:
                raise ArchiveError(_("A line of %(name)s is too long.") % {"name": name[:100]})
        if any(kept):
            yield b"".join(kept)

    def verify(self) -> Plan:
        """Compare it all with the manifest and with what this Rapport knows; the plan of what is in it.

        Raises ArchiveError; nothing was written then.
        """
        wanted = plan(secrets=self.manifest.secrets)
        self._check_version()
        self._check_tables(wanted)
        self._check_members()
        for part in self.manifest.tables:
            self._check_sum(part.file, part.sha256)
        for sha256 in self.files:
            self._check_sum(f"files/{sha256}", sha256)
        return wanted

    def _check_version(self) -> None:
        known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
        theirs = set(self.manifest.migrations)
        if theirs == known:
            return
        text = _("The archive was made by a newer Rapport (%(name)s). Import it with that version.")
        if theirs <= known:
            text = _(
                "The archive was made by an older Rapport, before %(name)s. Import it with that version, then upgrade."
            )
        raise ArchiveError(text % {"name": min(theirs - known or known - theirs)[:100]})

    def _check_tables(self, wanted: Plan) -> None:
        ours = {table.name: table for table in wanted.tables}
        theirs = {part.table: part for part in self.manifest.tables}
        if len(theirs) != len(self.manifest.tables):
            raise ArchiveError(_("The manifest names a table twice."))
        if different := sorted(ours.keys() ^ theirs.keys()):
            text = _("The table %(name)s is not in the archive. Make it again with this version of Rapport.")
            if different[0] in theirs:
                text = _("The archive has a table %(name)s, which this Rapport does not know.")
            raise ArchiveError(text % {"name": different[0][:100]})
        for name, part in theirs.items():
            self._check_columns(ours[name], part)

    def _check_columns(self, table: Table, part: Part) -> None:
        if part.columns != table.kinds or part.file != table.member:
            names = sorted({name for name, _kind in part.columns.items() ^ table.kinds.items()})
            raise ArchiveError(
                _("The columns of %(table)s differ from those of this Rapport: %(names)s.")
                % {"table": table.name, "names": ", ".join(names)[:200] or part.file[:100]}
            )

    def _check_members(self) -> None:
        wanted = {manifest.NAME, *(part.file for part in self.manifest.tables)}
        for name in self.members.keys() ^ wanted:
            if name in wanted or not FILE.fullmatch(name):
                raise ArchiveError(
                    _("The archive and its manifest differ at %(name)s. Copy or make it again.") % {"name": name[:100]}
                )
        if len(self.files) != self.manifest.files:
            raise ArchiveError(_("Files are missing from the archive. Copy or make it again."))

    def _check_sum(self, name: str, sha256: str) -> None:
        digest = hashlib.sha256()
        for chunk in self.chunks(name):
            digest.update(chunk)
        if digest.hexdigest() != sha256:
            raise ArchiveError(
                _("The archive is damaged: %(name)s differs from its SHA-256. Copy or make it again.")
                % {"name": name[:100]}
            )


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """An archive, closed in the end. Raises ArchiveError."""
    with Archive(path) as archive:
        yield archive
