"""File formats that can be imported: one file each, and a row of this table. The first that tells a file reads it."""

from __future__ import annotations

from rapport.features.transfer.formats import delimited, jsonlines, sheets, vcards
from rapport.features.transfer.formats.base import Format

FORMATS: dict[str, Format] = {f.key: f for f in (sheets.FORMAT, vcards.FORMAT, jsonlines.FORMAT, delimited.FORMAT)}
