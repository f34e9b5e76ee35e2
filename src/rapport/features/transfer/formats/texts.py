"""The encoding of text files: by their mark, else UTF-8 where all bytes are, else what Windows writes."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from rapport.features.transfer.formats.base import SAMPLE_BYTES, refuse

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encoding(path: Path, head: bytes) -> tuple[str, int]:
    """The encoding of a file, and about how many lines it has. Raises Invalid for what is no text."""
    marked = _marked(head)
    if not marked and b"\x00" in head:
        raise refuse(_("This is neither a text file nor an Excel workbook (.xlsx). Save the table as one of them."))
    decoder, lines, found = codecs.getincrementaldecoder("utf-8")(), 0, marked or "utf-8"
    for chunk in _chunks(path):
        lines += chunk.count(b"\n") or chunk.count(b"\r")
        if found == "utf-8":
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                found = "cp1252"
    if found == "utf-8":
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            found = "cp1252"
    return found, lines


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(SAMPLE_BYTES):
            yield chunk


def _marked(head: bytes) -> str:
    return next((name for mark, name in MARKS if head.startswith(mark)), "")


def decoded(head: bytes, name: str) -> str:
    """The first bytes of a file as text. Raises Invalid where they can't be."""
    try:
        codecs.lookup(name)
        return head.decode(name, errors="replace").removeprefix("\ufeff")
    except (LookupError, UnicodeError) as error:
        raise refuse(_("The file can't be read as %(encoding)s.") % {"encoding": name}, "encoding") from error


def beginning(head: bytes) -> str:
    """The first bytes as text for telling a format: whatever can't be decoded is replaced."""
    return head.decode(_marked(head) or "utf-8", errors="replace").removeprefix("\ufeff").lstrip()


def opened(path: Path, name: str) -> IO[str]:
    """A text file as it is to be read: strictly, but for the encoding in which some bytes mean nothing."""
    return path.open(encoding=name, errors="replace" if name == "cp1252" else "strict", newline="")
