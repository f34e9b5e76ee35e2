"""A write with an `Idempotency-Key` is done once: the same request again gets the same answer.

The answer is written in the transaction of the write, so that both stand or neither. What was refused has written
nothing and is not kept.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from rapport.features.programs.problems import Problem
from rapport.lib import json, sealing
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.surfaces.api.calls import Call, Reply

LONGEST = 255
PURPOSE = "kept answer"
"""What an answer with a secret is sealed for."""
_COLUMNS = ("key", "request", "status", "headers", "body", "object_key", "record_id", "epoch", "at")
_running: set[str] = set()
_lock = threading.Lock()
Reread = Callable[[str, int], object]
"""Reads a record anew: `reread(object_key, record_id)`."""


def once(call: Call, run: Callable[[Call], Reply], reread: Reread) -> Reply:
    """What `run` answers, or what it answered to this request before. Raises Problem."""
    given = call.header("Idempotency-Key")
    if not 0 < len(given) <= LONGEST:
        raise Problem(
            400, "malformed", _("Give an idempotency key of at most %(most)d characters.") % {"most": LONGEST}
        )
    key = _hash(str(call.caller.user_id), given)
    request = call.request
    sent = _hash(request.method or "", request.get_full_path(), request.content_type or "") + _digest(request.body)
    fingerprint = _hash(sent)
    with _alone(key), transaction.atomic():
        _claim(key)
        if (kept := _kept(call, key, fingerprint, reread)) is not None:
            return kept
        reply = run(call)
        _keep(call, key, fingerprint, reply)
    return reply


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _in_flight() -> Problem:
    detail = _("The first request with this key has not been answered yet. Try again in a moment.")
    return Problem(409, "in-flight", detail, headers={"Retry-After": "1"})


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Refuse a second request with the key in this process."""
    with _lock:
        if key in _running:
            raise _in_flight()
        _running.add(key)
    try:
        yield
    finally:
        with _lock:
            _running.discard(key)


def _claim(key: str) -> None:
    """Refuse a second request with the key in another process; on SQLite, whoever writes is alone anyway."""
    if connection.vendor == "postgresql":
        number = int(key[:15], 16)
        row = db.row(Sql("SELECT pg_try_advisory_xact_lock(%s)", (number,)))
        if row is None or not row[0]:
            raise _in_flight()


def _kept(call: Call, key: str, fingerprint: str, reread: Reread) -> Reply | None:
    text = f"SELECT {', '.join(_COLUMNS[1:8])} FROM api_keptanswer WHERE key = %s"
    row = db.row(Sql(text, (key,)))
    if row is None:
        return None
    request, status, headers, body, object_key, record_id, epoch = row
    if request != fingerprint:
        raise Problem(422, "key-reused", _("Take a new key for each request, and the same key only to send it again."))
    if body.startswith(sealing.PREFIX):
        body = sealing.unseal(settings.SECRET_KEY, PURPOSE, body)
    data = json.loads(body) if body else None
    if record_id is not None and epoch != call.grant.rights_epoch:
        data = reread(object_key, record_id)
    return Reply(data, status, {**json.column(headers), "Idempotent-Replayed": "true"})


def _keep(call: Call, key: str, fingerprint: str, reply: Reply) -> None:
    object_key, record_id = reply.record or ("", None)
    body = "" if reply.data is None else json.dumps(reply.data)
    if reply.secret:
        body = sealing.seal(settings.SECRET_KEY, PURPOSE, body)
    moment = db.dialect().moment(timezone.now())
    values = (key, fingerprint, reply.status, json.dumps(reply.headers), body, object_key, record_id,
              call.grant.rights_epoch, moment)  # fmt: skip
    db.insert_many("api_keptanswer", _COLUMNS, [values])
