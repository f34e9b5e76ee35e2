"""How often a token may ask: counted a minute, over all processes together.

Each process counts by itself and adds what it counted to a row that all share, a few times a minute rather than at each
request, so that a limit is met within a few requests and reading costs no write. The same moments note when a token was
used last.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import api_tokens

WINDOW = 60
PARTS = 40
"""A process adds up what it counted after so many parts of the limit."""
SECONDS = 10.0
"""… and at the latest after so many seconds."""
MOST_TOKENS, MOST_SEEN = 5000, 5000
FAILURES = 30
"""Refused tokens from one address in a minute, after which it is not listened to."""


@dataclass(slots=True)
class _Count:
    minute: int = 0
    known: int = 0
    pending: int = 0
    added_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a token stands in this minute: `limit` requests of which `left` are left, for `seconds` more."""

    limit: int
    left: int
    seconds: int

    @property
    def exceeded(self) -> bool:
        """Whether there were too many."""
        return self.left < 0

    def headers(self) -> dict[str, str]:
        """The fields of the IETF draft on rate limits, and when to try again."""
        found = {
            "RateLimit-Policy": f'"minute";q={self.limit};w={WINDOW}',
            "RateLimit": f'"minute";r={max(0, self.left)};t={self.seconds}',
        }
        return {**found, "Retry-After": str(self.seconds)} if self.exceeded else found


_counts: dict[int, _Count] = {}
_seen: dict[str, tuple[int, int]] = {}
_lock = threading.Lock()


def forget() -> None:
    """Begin to count anew, for tests."""
    with _lock:
        _counts.clear()
        _seen.clear()


def count(token_id: int) -> Standing:
    """Count a request of a token."""
    now = time.time()
    minute, limit = int(now) // WINDOW, int(settings.API_PER_MINUTE)
    with _lock:
        if len(_counts) > MOST_TOKENS:
            _counts.clear()
        entry = _counts.setdefault(token_id, _Count())
        if entry.minute != minute:
            entry.minute, entry.known, entry.pending, entry.added_at = minute, 0, 0, 0.0
        entry.pending += 1
        due = entry.pending >= max(1, limit // PARTS) or now - entry.added_at > SECONDS
        added = entry.pending if due else 0
    if due:
        _add(token_id, entry, minute, added, now)
    total = entry.known + entry.pending
    return Standing(limit, limit - total, WINDOW - int(now) % WINDOW)


def _add(token_id: int, entry: _Count, minute: int, added: int, now: float) -> None:
    text = (
        "INSERT INTO programs_usage (token_id, minute, count) VALUES (%s, %s, %s) "
        "ON CONFLICT (token_id, minute) DO UPDATE SET count = programs_usage.count + EXCLUDED.count RETURNING count"
    )
    try:
        with _without_waiting(), transaction.atomic():
            row = db.row(Sql(text, (token_id, minute, added)))
            api_tokens.note_use(token_id, timezone.now())
    except DatabaseError:
        return  # somebody writes: counted with the next ones
    with _lock:
        if entry.minute == minute and row is not None:
            entry.known, entry.pending, entry.added_at = int(row[0]), entry.pending - added, now


class _without_waiting:  # noqa: N801
    """On SQLite, nobody waits for a writer only to be counted."""

    def __enter__(self) -> None:
        self._wait("0")

    def __exit__(self, *_error: object) -> None:
        self._wait(str(int(settings.DATABASES["default"].get("OPTIONS", {}).get("timeout", 5) * 1000)))

    def _wait(self, milliseconds: str) -> None:
        if connection.vendor == "sqlite":
            db.rows(Sql(f"PRAGMA busy_timeout = {milliseconds}"))


def failed(address: str) -> bool:
    """Note a refused token from an address; whether there were too many in this minute."""
    return often(address, FAILURES)


def barred(address: str) -> bool:
    """Whether so many were refused in this minute that an address is not listened to."""
    with _lock:
        at, times = _seen.get(address, (0, 0))
    return at == int(time.time()) // WINDOW and times > FAILURES


def often(what: str, most: int) -> bool:
    """Note that something happened; whether it did more than `most` times in this minute, in this process."""
    minute = int(time.time()) // WINDOW
    with _lock:
        if len(_seen) > MOST_SEEN:
            _seen.clear()
        at, times = _seen.get(what, (minute, 0))
        times = times + 1 if at == minute else 1
        _seen[what] = (minute, times)
    return times > most
