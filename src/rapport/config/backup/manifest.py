"""What a backup says about itself: the last member of the archive, `manifest.json`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import click
import msgspec

NAME = "manifest.json"
FORMAT = 1
DatabaseKind = Literal["sqlite", "postgresql-dump", "postgresql-copy"]


class BackupError(click.ClickException):
    """Why a backup can't be made or restored, and what to do."""


class Member(msgspec.Struct, frozen=True):
    """A file of the archive."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`files` is False for a backup of the database alone. `migrations` are `app.name`, as applied when it was made."""

    format: int
    rapport: str
    made: datetime
    database: DatabaseKind
    files: bool
    migrations: list[str]
    members: dict[str, Member]


def encode(manifest: Manifest) -> bytes:
    """JSON, readable by people too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def decode(text: bytes) -> Manifest:
    """Raises BackupError for anything but a manifest of a known format."""
    try:
        if msgspec.json.decode(text)["format"] > FORMAT:
            raise BackupError("This backup was made by a newer Rapport. Install that version, then restore.")
        return msgspec.json.decode(text, type=Manifest)
    except (msgspec.MsgspecError, KeyError, TypeError, UnicodeError) as error:
        raise BackupError("This is no backup of Rapport: its manifest can't be read.") from error
