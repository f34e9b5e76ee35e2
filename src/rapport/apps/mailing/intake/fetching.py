"""Fetching: what is new in each mailbox, a message in each transaction, with the position up to which it was read.

Killed at any moment, it goes on behind the last message that was kept; none is kept twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from imap_tools import AND, BaseMailBox

from rapport.apps.mailing.intake import connecting, filing, reading
from rapport.apps.mailing.models import Mailbox
from rapport.records.jobs import queue
from rapport.records.jobs.queue import Later

JOB, WAKE = "fetch-mail", "fetch-mailboxes"
AT_ONCE = 500
"""Messages of one turn; of what is left, the next turn takes up the rest at once."""
logger = logging.getLogger(__name__)


def wake(context: Any) -> dict[str, int]:
    """The job of each minute: one of its own for each mailbox, so that a slow server holds up no other."""
    keys = list(Mailbox.objects.filter(active=True).values_list("pk", flat=True))
    for key in keys:
        wake_one(key)
    return {}


def wake_one(mailbox_id: int) -> None:
    """Have a mailbox looked into soon."""
    queue.wake(JOB, f"{JOB}-{mailbox_id}", {"mailbox": mailbox_id})


def fetch(context: Any) -> Later | dict[str, int]:
    """The job of one mailbox. What went wrong is noted there; the next minute tries again."""
    mailbox = Mailbox.objects.filter(pk=context.arguments["mailbox"], active=True).first()
    if mailbox is None:
        return {}
    try:
        with connecting.opened(mailbox) as (box, validity):
            kept, more = _take_all(context, mailbox, box, validity)
    except (*connecting.FAULTS, connecting.Unreadable) as error:
        Mailbox.objects.filter(pk=mailbox.pk).update(error=connecting.told(error))
        return {}
    Mailbox.objects.filter(pk=mailbox.pk).update(error="", fetched_at=timezone.now())
    return Later(timezone.now()) if more else {"mails": kept}


def _take_all(context: Any, mailbox: Mailbox, box: BaseMailBox, validity: int) -> tuple[int, bool]:
    """How many were new, and whether there are more."""
    uids, kept = _new(mailbox, box, validity), 0
    for uid in uids[:AT_ONCE]:
        raw = _raw(box, uid)
        with transaction.atomic():
            kept += raw is not None and _keep(mailbox, raw)
            Mailbox.objects.filter(pk=mailbox.pk).update(uid_validity=validity, last_uid=uid)
        context.progress(kept)
        if context.stop.is_set():
            return kept, True
    return kept, len(uids) > AT_ONCE


def _new(mailbox: Mailbox, box: BaseMailBox, validity: int) -> list[int]:
    """Numbers of the messages that were not read yet, ascending.

    Where the server has numbered them anew, all since the first day are looked at: those that are known stay one.
    """
    if mailbox.uid_validity == validity:
        found = (int(uid) for uid in box.uids(f"UID {mailbox.last_uid + 1}:*"))
        return sorted(uid for uid in found if uid > mailbox.last_uid)
    return sorted(int(uid) for uid in box.uids(AND(date_gte=mailbox.since)))


def _raw(box: BaseMailBox, uid: int) -> bytes | None:
    """The bytes of a message, only its head where it is too large; None where it is gone meanwhile."""
    size = sum(int(s) for s in _numbers(box.client.uid("FETCH", str(uid), "(RFC822.SIZE)")))
    part = "BODY.PEEK[]" if size <= settings.UPLOAD_BYTES else "BODY.PEEK[HEADER]"
    _status, data = box.client.uid("FETCH", str(uid), f"({part})")
    return next((item[1] for item in data or () if isinstance(item, tuple)), None)


def _numbers(answer: tuple[str, list[Any]]) -> Iterator[str]:
    for item in answer[1] or ():
        text = item.decode("ascii", "replace") if isinstance(item, bytes) else ""
        if "RFC822.SIZE " in text:
            yield text.partition("RFC822.SIZE ")[2].split(" ")[0].rstrip(")")


def _keep(mailbox: Mailbox, raw: bytes) -> bool:
    """Take a message in; one of which nothing can be made is kept as the bytes that it is."""
    try:
        with transaction.atomic():
            return filing.take(mailbox, reading.read(raw), raw) is not None
    except DatabaseError:
        raise
    except Exception:
        logger.exception("a message of mailbox %s can't be read", mailbox.pk)
    return filing.take(mailbox, reading.unreadable(raw), raw) is not None
