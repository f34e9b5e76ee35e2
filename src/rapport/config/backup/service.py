"""Make a backup; restore one. What is in a backup: the database, the files and, where we made it, the secret key."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from rapport import __version__
from rapport.config import running
from rapport.config.backup import archive, migrations
from rapport.config.backup.manifest import FORMAT, BackupError, DatabaseKind, Manifest

FILES = "files"
SECRET_KEY = "secret_key"  # noqa: S105 a file name
AUTOMATIC_KEPT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did. `kept` is the folder with what was there before, if anything was."""

    manifest: Manifest
    kept: Path | None
    pending: list[str]


def make(target: Path, *, files: bool = True) -> Manifest:
    """Write a backup to `target`, which must not exist. Rapport may run and write meanwhile.

    The database is taken first and the files after it, so that every file which a row names is in the archive.
    """
    if target.exists():
        raise BackupError(f"{target} exists. Choose another name, or remove it first.")
    if not target.parent.is_dir():
        raise BackupError(f"There is no folder {target.parent}. Make it first.")
    data = settings.DATA_DIR
    with _staging() as folder, archive.writing(target) as writer:
        kind, parts = _dump(folder)
        applied = migrations.applied()
        for part in parts:
            writer.add(part.relative_to(folder).as_posix(), part)
            part.unlink()
        writer.add(SECRET_KEY, data / SECRET_KEY)
        if files:
            for path in sorted((data / FILES).rglob("*")):
                if path.is_file() and not path.is_symlink():
                    writer.add(path.relative_to(data).as_posix(), path)
        manifest = Manifest(
            format=FORMAT,
            rapport=__version__,
            made=datetime.now(UTC),
            database=kind,
            files=files,
            migrations=applied,
            members=writer.members,
        )
        writer.finish(manifest)
    return manifest


def make_automatic(reason: str) -> Path:
    """A backup of the database in `backups/` of the data directory; the oldest beyond a handful are removed."""
    folder = settings.DATA_DIR / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{reason}.tar.gz"
    make(target, files=False)
    for old in sorted(folder.glob(f"*-{reason}.tar.gz"))[:-AUTOMATIC_KEPT]:
        old.unlink()
    return target


def _way(kind: str) -> Any:
    """The module for a kind of database; loaded only when needed, as PostgreSQL's driver takes its time."""
    names = {"sqlite": "sqlite", "postgresql-dump": "postgres", "postgresql-copy": "postgres_copy"}
    return importlib.import_module(f"rapport.config.backup.{names[kind]}")


def _database_is_empty() -> bool:
    return bool(_way("sqlite" if connection.vendor == "sqlite" else "postgresql-dump").is_empty())


def _dump(folder: Path) -> tuple[DatabaseKind, list[Path]]:
    if _database_is_empty():
        raise BackupError("There is no data in the database yet, so there is nothing to back up.")
    kind: DatabaseKind = "sqlite"
    if connection.vendor == "postgresql":
        kind = "postgresql-dump" if _way("postgresql-dump").can_dump() else "postgresql-copy"
    return kind, _way(kind).dump(folder)


def restore(source: Path, *, replace: bool = False) -> Restored:
    """Put a backup in the place of what is there, after verifying all of it; nothing changes when it is refused.

    Raises BackupError when Rapport runs on this data directory, when the target is not empty and `replace` is not
    given, and when the backup is damaged, for another kind of database, or from a newer Rapport.
    """
    with running.exclusively(settings.DATA_DIR, "restore"), _staging() as folder:
        manifest = archive.unpack(source, folder)
        _verify(manifest, folder)
        if not replace and not _target_is_empty():
            raise BackupError("This Rapport has data already. To put the backup in its place: add --replace.")
        kept = settings.DATA_DIR / f"replaced-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        kept.mkdir(mode=0o700)
        # Files first: rows of the old and of the new database find theirs, wherever this is interrupted.
        if manifest.files:
            _bring_files(folder / FILES, settings.DATA_DIR / FILES, kept / FILES)
        _place_database(manifest, folder, kept)
        if manifest.files:
            _keep_others(manifest, settings.DATA_DIR / FILES, kept / FILES)
        _place_secret_key(folder, kept)
        if not any(kept.iterdir()):
            kept.rmdir()
    connection.close()
    pending = migrations.pending()
    if not pending:
        from rapport.records.customising import indexes  # models: only once Django is set up

        indexes.repair()
    return Restored(manifest=manifest, kept=kept if kept.exists() else None, pending=pending)


def _verify(manifest: Manifest, folder: Path) -> None:
    vendor = manifest.database.partition("-")[0]
    if vendor != connection.vendor:
        raise BackupError(
            f"The backup is of {vendor}, but RAPPORT_DATABASE_URL names {connection.vendor}. Restore it there; "
            "to change the database, export and import."
        )
    migrations.require_known(manifest.migrations)
    _way(manifest.database).verify(folder)


def _target_is_empty() -> bool:
    files = settings.DATA_DIR / FILES
    has_files = files.is_dir() and any(files.iterdir())
    return not has_files and _database_is_empty()


def _place_database(manifest: Manifest, folder: Path, kept: Path) -> None:
    if connection.vendor == "postgresql" and not _database_is_empty():
        make(kept / "before-restore.tar.gz", files=False)
    connection.close()
    _way(manifest.database).place(folder, kept, manifest.migrations)


def _bring_files(new: Path, target: Path, kept: Path) -> None:
    """Move restored files into place; another file of the same name goes to `kept`."""
    for path in sorted(new.rglob("*")):
        if not path.is_file():
            continue
        place = target / path.relative_to(new)
        if place.exists():
            _link(place, kept / path.relative_to(new))
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)


def _keep_others(manifest: Manifest, target: Path, kept: Path) -> None:
    """Move files that the backup does not have to `kept`."""
    for path in sorted(target.rglob("*")):
        name = path.relative_to(target)
        if path.is_file() and f"{FILES}/{name.as_posix()}" not in manifest.members:
            _link(path, kept / name)
            path.unlink()


def _link(path: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    os.link(path, place)


def _place_secret_key(folder: Path, kept: Path) -> None:
    """The key that the backup's own secrets were made with; a key given by variable is the administrator's."""
    new, target = folder / SECRET_KEY, settings.DATA_DIR / SECRET_KEY
    if not new.exists():
        return
    new.chmod(0o600)
    if target.exists() and target.read_bytes() != new.read_bytes():
        _link(target, kept / SECRET_KEY)
    new.replace(target)


@contextmanager
def _staging() -> Iterator[Path]:
    """A folder on the same disk as the data, so that files can be moved into place in one step."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=settings.DATA_DIR))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
