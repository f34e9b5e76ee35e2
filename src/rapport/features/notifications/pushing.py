"""Notifications by push: one job for each browser and notification, put in the queue with the notification.

A message says what the notification says and where it leads, nothing else, encrypted so that only the browser reads it.
A browser whose address is gone is forgotten; a service that asks to wait is waited for; the rest is tried a few times.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from rapport.features.notifications import devices
from rapport.features.notifications.models import Notification, PushDevice
from rapport.features.notifications.reading import Notice, notices
from rapport.lib import json, outgoing, webpush
from rapport.records.accounts import caller as callers
from rapport.records.jobs.queue import enqueue

JOB = "push-notification"
LIFE = dt.timedelta(days=1)
"""How long a notification is news enough to be pushed; services keep a message as long."""
WAITS = 5
"""How often a service may ask to wait."""
LONGEST = 300
"""Letters of the text of a message."""


def queue(user_id: int, notification: int) -> None:
    """Queue a notification for all browsers of a user, in the transaction at hand."""
    for device in PushDevice.objects.filter(user_id=user_id).values_list("pk", flat=True):
        arguments = {"device": device, "notification": notification}
        enqueue(JOB, arguments, key=f"push-{device}-{notification}", user_id=user_id)


def send(context: Any) -> str:
    """The job; what became of it. Raises OSError where another attempt may help."""
    arguments = context.arguments
    device = PushDevice.objects.filter(pk=arguments["device"]).first()
    row = Notification.objects.filter(pk=arguments["notification"], read_at=None, at__gt=timezone.now() - LIFE).first()
    if device is None or row is None or row.user_id != device.user_id:
        return "gone"
    caller = callers.of_user(device.user_id)
    if caller is None:
        devices.forget(device.pk)
        return "gone"
    with translation.override(caller.language), timezone.override(caller.zone):
        told = notices(caller, [row])
    if not told:
        return "gone"
    try:
        answer = outgoing.post(device.endpoint, *_message(device, told[0]), private=settings.PRIVATE_HOSTS)
    except (outgoing.Refused, ValueError) as error:
        devices.forget(device.pk)
        return f"refused: {error}"
    return _answered(device, answer, arguments)


def _message(device: PushDevice, notice: Notice) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a message. Raises ValueError for keys that are none."""
    said = {"title": notice.sentence[:LONGEST], "kind": notice.kind, "url": notice.path}
    body = webpush.encrypt(json.dumps(said).encode("utf-8"), device.p256dh, device.auth)
    contact = settings.BASE_URL if settings.BASE_URL.startswith("https:") else f"mailto:{settings.SERVER_EMAIL}"
    key = webpush.sender_key(settings.SECRET_KEY)
    return body, {
        "Authorization": webpush.proof(key, device.endpoint, contact, timezone.now().timestamp()),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(LIFE.total_seconds())),
        "Urgency": "normal",
        "Topic": f"n{notice.id}",
    }


def _answered(device: PushDevice, answer: outgoing.Answer, arguments: dict[str, Any]) -> str:
    """What follows from the answer of a push service."""
    if 200 <= answer.status < 300:
        devices.note(device.pk)
        return "sent"
    if answer.status in {404, 410}:
        devices.forget(device.pk)
        return "gone"
    wait = _wait(answer.headers.get("retry-after", ""))
    if wait is not None and (answer.status == 429 or answer.status >= 500):
        waited = int(arguments.get("waited", 0)) + 1
        if waited > WAITS:
            return _failed(device, f"HTTP {answer.status}")
        enqueue(JOB, {**arguments, "waited": waited}, user_id=device.user_id, due_at=timezone.now() + wait)
        return "later"
    if answer.status == 429 or answer.status >= 500:
        raise OSError(f"the push service answered with {answer.status}")
    return _failed(device, f"HTTP {answer.status}")


def _wait(said: str) -> dt.timedelta | None:
    """How long `Retry-After` asks to wait: seconds or a moment; at most a day. None where it says nothing."""
    if said.isascii() and said.isdecimal() and len(said) < 10:
        return min(dt.timedelta(seconds=int(said)), LIFE)
    try:
        until = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    return min(max(until - timezone.now(), dt.timedelta(0)), LIFE) if until.tzinfo else None


def _failed(device: PushDevice, text: str) -> str:
    devices.note(device.pk, text)
    return f"refused: {text}"
