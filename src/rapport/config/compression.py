"""Answers are compressed as quickly as is worth it.

The last steps of gzip take twice the work of those before for a twentieth of the size: a list of 50 rows is 87 kB
plain, 11.7 kB at level 4 and 11.2 kB at level 6, which takes twice as long. Python's own zlib takes twice as long
for 12.1 kB.
"""

from __future__ import annotations

import secrets
import struct

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.cache import patch_vary_headers
from zlib_ng import zlib_ng

LEVEL, LEVEL_OF_LARGE, LARGE = 4, 6, 100_000
"""What is larger in bytes, such as a form with all time zones of the world, is worth the work."""
SMALLEST = 200
_HEAD = b"\x1f\x8b\x08\x08" + b"\x00" * 5 + b"\xff"


class Compression(GZipMiddleware):
    """Django's own, but for the level; streams are left to it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what is long enough, where the browser takes it."""
        if response.streaming or response.has_header("Content-Encoding"):
            return super().process_response(request, response)
        content: bytes = response.content  # type: ignore[attr-defined]
        if len(content) < SMALLEST:
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if not re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            return response
        packed = pack(content, padding=secrets.randbelow(self.max_random_bytes))
        if len(packed) >= len(content):
            return response
        response.content = packed  # type: ignore[attr-defined]
        response.headers["Content-Length"] = str(len(packed))
        if (tag := response.get("ETag", "")).startswith('"'):
            response.headers["ETag"] = f"W/{tag}"
        response.headers["Content-Encoding"] = "gzip"
        return response


def pack(content: bytes, padding: int = 0) -> bytes:
    """A member of gzip (RFC 1952) whose file name is `padding` letters: a length that tells nothing of the content."""
    squeeze = zlib_ng.compressobj(
        LEVEL if len(content) < LARGE else LEVEL_OF_LARGE, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS
    )
    end = struct.pack("<II", zlib_ng.crc32(content), len(content) & 0xFFFFFFFF)
    return b"".join((_HEAD, b"a" * padding, b"\x00", squeeze.compress(content), squeeze.flush(), end))
