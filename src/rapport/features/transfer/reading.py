"""Reading files as they come: the format is told from the bytes, and what it needs is recognised, or told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rapport.features.transfer.formats import FORMATS
from rapport.features.transfer.formats.base import SAMPLE_BYTES, Layout, Rows, Wishes, refuse


@dataclass(frozen=True, slots=True)
class Source(Layout):
    """How a file is read, and by which format."""

    format: str = "csv"

    def to_json(self) -> dict[str, Any]:
        """As an import keeps it; the path is kept beside."""
        kept = {name: value for name, value in asdict(self).items() if name != "path"}
        return {**kept, "columns": list(self.columns), "sheets": list(self.sheets)}

    @classmethod
    def from_json(cls, path: Path, raw: Mapping[str, Any]) -> Source:
        """The inverse of `to_json`."""
        return cls(path, **{**raw, "columns": tuple(raw["columns"]), "sheets": tuple(raw.get("sheets", ()))})

    def rows(self, skip: int = 0) -> Rows:
        """(line or number in the file, cells) of the rows after the first `skip`; blank ones are left out.

        Raises Invalid.
        """
        return islice(FORMATS[self.format].rows(self), skip, None)


def recognise(path: Path, known: Callable[[str], bool], **told: Any) -> Source:
    """How to read a file; `known` and what is told are those of `Wishes`.

    Raises Invalid for a file that is missing, empty, or of no format that is known.
    """
    wishes = Wishes(known, **told)
    try:
        with path.open("rb") as file:
            head = file.read(SAMPLE_BYTES)
    except OSError as error:
        raise refuse(_("The file can't be read: %(error)s") % {"error": error.strerror}) from error
    if not head.strip():
        raise refuse(_("The file is empty."))
    if wishes.format and wishes.format not in FORMATS:
        names = {"name": wishes.format, "names": ", ".join(FORMATS)}
        raise refuse(_("There is no format %(name)s. There are: %(names)s") % names, "format")
    key = wishes.format or next(key for key, known_format in FORMATS.items() if known_format.tells(head, path))
    found = FORMATS[key].recognise(path, head, wishes)
    return Source(**{name: getattr(found, name) for name in Layout.__dataclass_fields__}, format=key)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(SAMPLE_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
