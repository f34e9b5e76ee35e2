"""The body of a request, whatever its type is called: bounded while it is read and while it is unpacked."""

from __future__ import annotations

import zlib
from typing import Any

from django.http import HttpRequest, UnreadablePostError

from rapport.surfaces.public.asking import Refused

GZIP = b"\x1f\x8b"
"""The first bytes of what is packed, by which it is told: browsers and libraries label it as they like."""

HEARD = 4
"""How many times as much as allowed is read, and thrown away, before the refusal."""
PART = 64 * 1024


def body(request: HttpRequest, most: int) -> bytes:
    """What was sent, unpacked. Raises Refused for more than `most` bytes, packed or not, and for what can't be read."""
    raw = _raw(request, most)
    if len(raw) > most:
        raise too_large(most)
    return _unpacked(raw, most) if raw.startswith(GZIP) else raw


def _raw(request: HttpRequest, most: int) -> bytes:
    """At most one byte more than allowed. Of one that says beforehand that it is longer nothing is kept."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    chunked = "chunked" in str(request.META.get("HTTP_TRANSFER_ENCODING", "")).lower()
    stream: Any = request.META["wsgi.input"] if chunked and not length else request
    parts, left = [], most + 1
    try:
        if length.isascii() and length.isdigit() and int(length[:18]) > most:
            _heard(stream, min(int(length[:18]), HEARD * most))
            raise too_large(most)
        while left > 0 and (part := stream.read(left)):
            parts.append(part)
            left -= len(part)
    except (UnreadablePostError, OSError) as error:
        raise Refused(400, "malformed", "The body could not be read to its end.") from error
    return b"".join(parts)


def _heard(stream: Any, length: int) -> None:
    """Hear somebody out: who is cut off reads no answer, and sends the same again."""
    while length > 0 and (part := stream.read(min(length, PART))):
        length -= len(part)


def _unpacked(raw: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        found = unpacking.decompress(raw, most + 1)
    except zlib.error as error:
        raise Refused(400, "malformed", "The body is not sound gzip.") from error
    if len(found) > most:
        raise too_large(most)
    if not unpacking.eof:
        raise Refused(400, "malformed", "The body is not sound gzip.")
    return found


def too_large(most: int) -> Refused:
    """The refusal of a body that is too long."""
    return Refused(413, "too-large", f"Send at most {most} bytes at once, unpacked.")
