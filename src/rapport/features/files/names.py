"""Names and types of uploads: names normalised, types told from bytes and never from what the sender says."""

from __future__ import annotations

import re
import unicodedata

import filetype

LONGEST = 200
HEAD = 8192
"""Bytes at the beginning of a file that its type is told from."""
UNKNOWN, TEXT = "application/octet-stream", "text/plain"
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Types that a browser may show in place; everything else is downloaded."""
_UNWANTED = re.compile(r"[\x00-\x1f\x7f\u0080-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff<>:\"|?*\\/]")


def safe_name(raw: str) -> str:
    """A name without a path, control or direction characters, of at most 200 characters; its ending is kept."""
    name = unicodedata.normalize("NFC", raw.replace("\\", "/").rpartition("/")[2])
    name = _UNWANTED.sub("", name.encode("utf-8", "ignore").decode()).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and stem and len(ending) <= 12:
        return f"{stem[: LONGEST - len(ending) - 1].rstrip(' .')}.{ending}"
    return name[:LONGEST] or "file"


def type_of(head: bytes) -> str:
    """The media type of a file that begins so. Text of any kind, web pages and drawings too, is plain text."""
    kind = filetype.guess(head)
    if kind is not None:
        return str(kind.mime)
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A character may be cut at the end of a full head.
        if len(head) < HEAD or error.start < HEAD - 3:
            return UNKNOWN
        text = head[: error.start].decode("utf-8-sig")
    return UNKNOWN if "\x00" in text else TEXT
