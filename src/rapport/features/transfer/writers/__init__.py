"""Formats of exports: one file each, and a row of this table."""

from __future__ import annotations

from rapport.features.transfer.writers import delimited, jsonlines, sheets, vcards
from rapport.features.transfer.writers.base import Writer

WRITERS: dict[str, Writer] = {w.key: w for w in (delimited.WRITER, sheets.WRITER, jsonlines.WRITER, vcards.WRITER)}
