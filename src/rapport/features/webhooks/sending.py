"""Sends what waits for an endpoint, one message after the other, outside of any transaction.

Each endpoint has one job at most, so that a slow one holds up nobody else and its messages keep their order. A message
that is not taken waits for its next attempt, longer each time, for about three days; then it is failed until somebody
sends it again. A worker that dies between an attempt and its note leaves the message waiting: it is sent again with the
same id.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from rapport import __version__
from rapport.features.webhooks import keeping, making, secrecy, seeing
from rapport.features.webhooks.models import Delivery, Endpoint, State, Stopped
from rapport.lib import outgoing, standardwebhooks
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.jobs.queue import Later

JOB = making.JOB
HOUR = 3600
WAITS = (5, 30, 120, 600, 1800, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR)
"""Seconds before the second, third, … attempt, about three days together; each a tenth longer or shorter by chance."""
SECONDS = 10.0
"""How long one attempt may take."""
SLICE = 20.0
"""How long one run of the job goes on before others have their turn."""
LONGEST_REST = 300
LONGEST_WAIT = dt.timedelta(days=1)
"""How long `Retry-After` is waited for at most."""
UNHINDERED = 2
"""Failures in a row after which an endpoint that answers is given a rest, too."""
SHOWN = 2000
"""Letters of an answer that are kept."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: the status that was answered, or what was in the way; it took `ms` milliseconds."""

    status: int | None = None
    error: str = ""
    answer: str = ""
    ms: int = 0
    wait: dt.timedelta | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has the message."""
        return self.status is not None and 200 <= self.status < 300


def send(context: Any) -> Later | None:
    """The job: send what is due; when there is more to do, or None."""
    number, end, sent = int(context.arguments["endpoint"]), time.monotonic() + SLICE, 0
    while True:
        endpoint = Endpoint.objects.filter(pk=number, stopped="").first()
        following = _next(number) if endpoint else None
        if endpoint is None or following is None:
            return None
        now = timezone.now()
        due = max(following.due_at, endpoint.rest_until or now)
        if due > now or context.stop.is_set() or time.monotonic() > end:
            return Later(max(due, now))
        attempt(endpoint, following)
        sent += 1
        context.progress(sent)


def _next(endpoint_id: int) -> Delivery | None:
    # The state is written out, so that the database sees that its index of waiting ones fits.
    text = "SELECT id FROM webhooks_delivery WHERE endpoint_id = %s AND state = 'waiting' ORDER BY due_at, id LIMIT 1"
    found = db.row(Sql(text, (endpoint_id,)))
    return Delivery.objects.filter(pk=found[0]).first() if found else None


def attempt(endpoint: Endpoint, delivery: Delivery) -> None:
    """Send a message once and note what came of it."""
    caller = callers.of_user(endpoint.user_id)
    body = _body(caller, delivery)
    if body is None:
        _waiting(delivery).update(state=State.WITHDRAWN, body="")
        return
    if body != delivery.body:
        _waiting(delivery).update(body=body)
    outcome = post(endpoint, delivery.message, body)
    with transaction.atomic():
        _note(endpoint, delivery, outcome)


def _body(caller: Caller | None, delivery: Delivery) -> str | None:
    return seeing.still_seen(caller.through(making.DOOR), delivery) if caller and delivery.body else None


def post(endpoint: Endpoint, message: str, body: str) -> Outcome:
    """Post a body, signed with the secrets of this moment."""
    moment, began = int(timezone.now().timestamp()), time.monotonic()
    try:
        signed = standardwebhooks.headers(secrecy.secrets_of(endpoint), message, moment, body)
        headers = {"Content-Type": "application/json", "User-Agent": f"Rapport/{__version__}", **signed}
        answer = outgoing.post(endpoint.url, body.encode(), headers, private=settings.PRIVATE_HOSTS, seconds=SECONDS)
    except secrecy.Unreadable:
        return Outcome(error="secret")
    except outgoing.Refused:
        return Outcome(error="address")
    except TimeoutError:
        return Outcome(error="time", ms=_since(began))
    except OSError as error:
        return Outcome(error=f"network: {error}"[:300], ms=_since(began))
    text = answer.body[:SHOWN].decode("utf-8", "replace").replace("\x00", "")
    wait = _wait(answer.headers.get("retry-after", "")) if answer.status in {429, 503} else None
    return Outcome(status=answer.status, answer=text, ms=_since(began), wait=wait)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _wait(said: str) -> dt.timedelta | None:
    """How long `Retry-After` asks to wait: seconds or a moment; at most a day. None where it says nothing."""
    if said.isascii() and said.isdecimal() and len(said) < 10:
        return min(dt.timedelta(seconds=int(said)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    return min(max(until - timezone.now(), dt.timedelta(0)), LONGEST_WAIT) if until.tzinfo else None


def _waiting(delivery: Delivery) -> Any:
    """The message, as long as nobody else has noted anything about it."""
    return Delivery.objects.filter(pk=delivery.pk, state=State.WAITING, attempts=delivery.attempts)


def _note(endpoint: Endpoint, delivery: Delivery, outcome: Outcome) -> None:
    now = timezone.now()
    entry = {"at": now.isoformat(), "status": outcome.status, "error": outcome.error, "ms": outcome.ms}
    values: dict[str, Any] = {
        "attempts": delivery.attempts + 1, "status": outcome.status, "error": outcome.error, "answer": outcome.answer,
        "log": [*delivery.log, entry][-50:],
    }  # fmt: skip
    if outcome.is_taken:
        values["state"] = State.DELIVERED
    elif delivery.attempts >= len(WAITS):
        values["state"] = State.FAILED
    else:
        wait = dt.timedelta(seconds=WAITS[delivery.attempts] * random.uniform(0.9, 1.1))
        values["due_at"] = now + max(wait, outcome.wait or wait)
    _waiting(delivery).update(**values)
    if outcome.is_taken:
        if endpoint.failures or endpoint.rest_until:
            Endpoint.objects.filter(pk=endpoint.pk).update(failures=0, failing_since=None, rest_until=None)
        return
    _failed(endpoint, outcome, now)


def _failed(endpoint: Endpoint, outcome: Outcome, now: dt.datetime) -> None:
    """Give an endpoint a rest where it does not answer, asks for it or fails again and again; stop it for good."""
    failures = endpoint.failures + 1
    rest = outcome.wait
    if rest is None and (outcome.status is None or failures > UNHINDERED):
        rest = dt.timedelta(seconds=min(2 ** min(failures, 20), LONGEST_REST))
    Endpoint.objects.filter(pk=endpoint.pk).update(
        failures=F("failures") + 1, failing_since=endpoint.failing_since or now,
        rest_until=now + rest if rest else endpoint.rest_until,
    )  # fmt: skip
    if outcome.status == 410:
        keeping.stop(endpoint, Stopped.GONE)
    elif failures >= keeping.LEAST and endpoint.failing_since and now - endpoint.failing_since > keeping.PATIENCE:
        keeping.stop(endpoint, Stopped.FAILING)
