"""Messages of Segment's tracking API, read and checked; what they carry stays the JSON that it was.

Source: Segment's HTTP Tracking API, https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from msgspec import Raw

from rapport.apps.cdp.models import EventKind

KINDS = frozenset(EventKind.values)
TRACK = EventKind.TRACK.value
MOST_BYTES = 32 * 1024
"""Of one event."""
LONGEST, LONGEST_NAME = 320, 200
EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""What is said to have been before is a clock that was never set."""
NOBODY = frozenset(
    (
        "-1", "null", "nil", "none", "nan", "undefined", "unknown", "anonymous", "guest", "n/a", "na", "true", "false",
        "[object object]", "not_authenticated", "not-authenticated", "user_id", "userid", "anonymous_id", "distinct_id",
    )
)  # fmt: skip
"""What programs send by mistake instead of an id, in lower case: it would make one of many."""
ZEROS = re.compile(r"[0-]*")
SURROGATE = re.compile(
    rb"\\\\|\\u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
Scalar = str | int | float | bool | None


class Wrong(Exception):
    """An event, or a whole body, that can't be taken. `args[0]` is one of `REASONS`."""


MALFORMED, KIND, NO_ID, TOO_LARGE = "malformed", "type", "nobody", "too-large"
REASONS = {
    MALFORMED: "It is not a JSON object with the fields of the tracking API.",
    KIND: "Its type is none of identify, track, page, screen, group and alias.",
    NO_ID: "It has neither a userId nor an anonymousId that tells who it is about.",
    TOO_LARGE: "An event may have 32 kB.",
}


class Body(msgspec.Struct, rename="camel"):
    """What is said once for all events of a body."""

    batch: list[Raw] | None = None
    sent_at: Scalar = None
    write_key: Scalar = None


class Message(msgspec.Struct, rename="camel"):
    """One event as it is sent."""

    type: Scalar = None
    event: Scalar = None
    name: Scalar = None
    user_id: Scalar = None
    anonymous_id: Scalar = None
    previous_id: Scalar = None
    message_id: Scalar = None
    timestamp: Scalar = None
    original_timestamp: Scalar = None
    sent_at: Scalar = None
    properties: Raw = Raw(b"")
    traits: Raw = Raw(b"")
    context: Raw = Raw(b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An event, ready to be stored. `user`, `visitor` and `previous` are ids, empty where there is none."""

    key: bytes
    kind: str
    name: str
    at: dt.datetime
    user: str
    visitor: str
    previous: str
    properties: str
    traits: str
    context: str


S = TypeVar("S")
_body = msgspec.json.Decoder(Body)
_message = msgspec.json.Decoder(Message)


def opened(raw: bytes) -> tuple[bytes, Body]:
    """A body, and what is said once in it. Raises Wrong.

    Browsers send halves of surrogates where a text was cut within a letter, and no reader of UTF-8 takes them: they are
    replaced where the body can't be read else.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        return raw, _read(_body, raw)
    except Wrong:
        raw = SURROGATE.sub(lambda m: rb"\ufffd" if m[1] else m[0], raw)
        return raw, _read(_body, raw)


def taken(raw: bytes, source: int, said_kind: str, sent_at: dt.datetime | None, received: dt.datetime) -> Taken:
    """One event. `said_kind` and `sent_at` are those of the request, where it says them. Raises Wrong."""
    if len(raw) > MOST_BYTES:
        raise Wrong(TOO_LARGE)
    message = _read(_message, raw)
    kind = said_kind or str(message.type or "").lower()
    if kind not in KINDS:
        raise Wrong(KIND)
    user, visitor = identity(message.user_id), identity(message.anonymous_id)
    if not user and not visitor:
        raise Wrong(NO_ID)
    original = moment(message.original_timestamp) or moment(message.timestamp)
    sent = moment(message.sent_at) or sent_at
    return Taken(
        key=key(source, message.message_id, original), kind=kind, name=plain(_named(kind, message)),
        at=corrected(original, sent, received), user=user, visitor=visitor, previous=identity(message.previous_id),
        properties=_object(message.properties), traits=_object(message.traits), context=_object(message.context),
    )  # fmt: skip


def _named(kind: str, message: Message) -> Scalar:
    return message.event if kind == TRACK else message.name


def _read(decoder: msgspec.json.Decoder[S], raw: bytes) -> S:
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Wrong(MALFORMED) from error


def _object(raw: Raw) -> str:
    """A JSON object as it came, empty for none."""
    found = bytes(raw)
    if not found.startswith(b"{") or found == b"{}":
        return ""
    try:
        return found.decode()
    except UnicodeDecodeError as error:
        raise Wrong(MALFORMED) from error


def plain(value: Scalar) -> str:
    """A text that both databases keep, shortened."""
    return "" if value is None or isinstance(value, bool) else str(value).replace("\0", "").strip()[:LONGEST_NAME]


def identity(value: Scalar) -> str:
    """An id that tells who it is; empty for none, and for what many have."""
    text = str(value).strip() if value is not None else ""
    if len(text) > LONGEST or "\0" in text or ZEROS.fullmatch(text) or text.lower() in NOBODY:
        return ""
    return text


def moment(value: Scalar) -> dt.datetime | None:
    """A moment in ISO 8601 (UTC where it names no zone), or in seconds or milliseconds since 1970."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, dt.UTC)
        found = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    if found is None:
        return None
    try:
        return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except OverflowError:
        return None


def corrected(original: dt.datetime | None, sent: dt.datetime | None, received: dt.datetime) -> dt.datetime:
    """When it happened by our clock: `received - (sent - original)`; of a clock that is wrong, when it came."""
    if original is None:
        return received
    try:
        at = received - (sent - original) if sent else original
    except OverflowError:
        return received
    return at if EARLIEST <= at <= received else received


def key(source: int, message_id: Scalar, original: dt.datetime | None) -> bytes:
    """4 bytes of the sender's second, 16 of a hash of source and message id; one is made up where none was sent."""
    second = int(original.timestamp()) & 0xFFFFFFFF if original else 0
    said = str(message_id) if message_id not in (None, "") else secrets.token_hex(16)
    text = f"{source}\n{said}".encode("utf-8", "surrogatepass")
    return second.to_bytes(4, "big") + hashlib.blake2b(text, digest_size=16).digest()


def once(events: Sequence[Taken]) -> list[Taken]:
    """Of events with the same key the first."""
    found: dict[bytes, Taken] = {}
    for event in events:
        found.setdefault(event.key, event)
    return list(found.values())
