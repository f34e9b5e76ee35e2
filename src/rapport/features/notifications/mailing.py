"""Notifications by mail: at once, or once a day as a digest in the user's morning.

A row is marked as sent before its mail is handed over, so that no restart sends it twice. What the server doesn't take
takes the mark back, and the job tries again; an address that it refuses for good is not tried again.
"""

from __future__ import annotations

import datetime as dt
import logging
from smtplib import SMTPRecipientsRefused
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.features.notifications.models import Notification
from rapport.features.notifications.reading import Notice, notices
from rapport.lib.sql import TRUE, Sql, one_of
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts import preferences
from rapport.records.accounts.caller import Caller

logger = logging.getLogger(__name__)
MORNING = 7
"""The hour, on the user's clock, from which the digest of a day may leave."""
DIGEST_DAY = "notifications_digest"
MOST = 100
"""Notifications that one mail tells of."""


def send_now(context: Any) -> int:
    """Send what is to leave at once, one mail each user; how many mails."""
    return _send_each(_waiting("now"), "now")


def send_digests(context: Any) -> int:
    """Hourly: send each user who has something waiting the digest of the day, once it is morning there."""
    due = []
    for user_id in _waiting("digest"):
        caller = callers.of_user(user_id)
        if caller is None:
            _mark(user_id, "digest", "")
            continue
        here = timezone.now().astimezone(ZoneInfo(caller.zone))
        today = here.date().isoformat()
        if here.hour < MORNING or preferences.read(user_id).get(DIGEST_DAY) == today:
            continue
        preferences.put(user_id, DIGEST_DAY, today)
        due.append(user_id)
    return _send_each(due, "digest")


def _send_each(users: list[int], mail: str) -> int:
    """A mail each; one that can't be handed over doesn't hold up the others. Raises what was in the way, at the end."""
    sent, trouble = 0, None
    for user_id in users:
        try:
            sent += _send(user_id, mail)
        except OSError as error:
            trouble = error
    if trouble:
        raise trouble
    return sent


def _waiting(mail: str) -> list[int]:
    return sorted(set(Notification.objects.filter(mail=mail).values_list("user_id", flat=True)))


def _mark(user_id: int, before: str, after: str, ids: list[int] | None = None) -> set[int]:
    """Note how those of a user leave that left otherwise so far (all, or those with these keys); which they were.

    Of two workers who claim one, only one gets it.
    """
    chosen = TRUE if ids is None else one_of("id", ids)
    where = f"user_id = %s AND mail = %s AND {chosen.text}"
    text = f"UPDATE notifications_notification SET mail = %s WHERE {where} RETURNING id"
    return {r[0] for r in db.rows(Sql(text, (after, user_id, before, *chosen.params)))}


def _send(user_id: int, mail: str) -> int:
    """One mail of all that waits; what was read on the page meanwhile is left out."""
    caller = callers.of_user(user_id)
    rows = list(Notification.objects.filter(user_id=user_id, mail=mail).order_by("at", "id")[:MOST])
    claimed = _mark(user_id, mail, "sent", [row.pk for row in rows])
    if caller is None:
        return 0
    with translation.override(caller.language), timezone.override(caller.zone):
        told = notices(caller, [row for row in rows if row.pk in claimed and row.read_at is None])
        if not told:
            return 0
        try:
            _hand_over(caller, told, digest=mail == "digest")
        except OSError as error:
            if isinstance(error, SMTPRecipientsRefused) and all(
                code >= 500 for code, _why in error.recipients.values()
            ):
                logger.warning("the mail server takes nothing for user %s", user_id)
                return 0
            _mark(user_id, "sent", mail, sorted(claimed))
            if mail == "digest":
                preferences.put(user_id, DIGEST_DAY, None)
            raise
    return 1


def _hand_over(caller: Caller, told: list[Notice], *, digest: bool) -> None:
    subject = told[0].sentence
    if len(told) > 1:
        subject = ngettext("%(count)d notification", "%(count)d notifications", len(told)) % {"count": len(told)}
    if digest:
        day = timezone.localdate()
        subject = _("Your day in Rapport, %(day)s") % {"day": f"{day:%Y-%m-%d}"}
    parts = [_("Hello %(name)s,") % {"name": caller.name}]
    parts += ["\n  ".join(filter(None, (n.sentence, n.detail, settings.BASE_URL + n.path))) for n in told]
    choosing = _("You choose what you are told of, and how, here:")
    parts.append(f"{choosing}\n{settings.BASE_URL}/settings/notifications/")
    send_mail(" ".join(subject.split())[:200], "\n\n".join(parts) + "\n", None, [caller.email])


def forget(context: Any) -> int:
    """Daily: remove what was read three months ago, and anything a year old."""
    now, moment = timezone.now(), db.dialect().moment
    old = (moment(now - dt.timedelta(days=90)), moment(now - dt.timedelta(days=365)))
    return db.execute(Sql("DELETE FROM notifications_notification WHERE read_at < %s OR at < %s", old))
