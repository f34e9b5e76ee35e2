"""What an archive says about itself: `manifest.json`, its last member."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.utils.translation import gettext as _

from rapport.records.errors import RecordsError

NAME = "manifest.json"
FORMAT = 1
MOST_BYTES = 64 * 1024 * 1024


class ArchiveError(RecordsError):
    """Why an archive can't be made or imported, and what to do."""

    status = 422


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A table: `file` holds `rows` lines, each a JSON object with these `columns`, whose kinds it says.

    `last` is the highest key that the table has ever given, so that none is given again.
    """

    table: str
    model: str
    object: str
    file: str
    rows: int
    last: int
    size: int
    sha256: str
    columns: dict[str, str]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`files` is their number, `missing` the paths of those whose bytes were lost before. Sizes are in bytes.

    `left_out` says why by table or column (`app.Model.field`); `key` tells secret keys apart and gives none away.
    """

    format: int
    rapport: str
    made: datetime
    organisation: str
    database: str
    secrets: bool
    key: str
    tables: list[Part]
    files: int
    missing: list[str]
    left_out: dict[str, str]
    migrations: list[str]


def encode(manifest: Manifest) -> bytes:
    """JSON, readable by people too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def decode(text: bytes) -> Manifest:
    """Raises ArchiveError for anything but a manifest of a known format."""
    try:
        if msgspec.json.decode(text)["format"] > FORMAT:
            raise ArchiveError(_("This archive was made by a newer Rapport. Import it with that version."))
        return msgspec.json.decode(text, type=Manifest)
    except (msgspec.MsgspecError, KeyError, TypeError, UnicodeError) as error:
        raise ArchiveError(_("This is no archive of Rapport: its manifest can't be read.")) from error
