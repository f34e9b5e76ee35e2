"""`tell`: put notifications down for users, as far as they may see what these are about and want to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from rapport.features.notifications import pushing
from rapport.features.notifications.choosing import NEVER, NOW, Choice, choices
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.jobs.queue import enqueue
from rapport.records.read import visible
from rapport.registry import catalog

MAIL_JOB = "mail-notifications"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What one user is to be told. With `again`, an unread one of the same key is brought up to date instead.

    Without a record it is about several of an object; `detail` holds their `count`. Without an object either it is
    about what `detail` names as `subject` and shows at the path `page`.
    """

    user_id: int
    kind: str
    key: str
    object_key: str
    record_id: int | None
    actor_id: int | None = None
    at: dt.datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False


def tell(notes: Sequence[Note]) -> int:
    """Keep notifications, in the transaction at hand; how many. Told before, unwanted and unseen ones are left out."""
    made, soon = 0, False
    for user_id in sorted({note.user_id for note in notes}):
        wanted = choices(user_id)
        for note in _seen(user_id, [n for n in notes if n.user_id == user_id]):
            choice = wanted.get(note.kind)
            if choice is None or not choice.wanted:
                continue
            if key := _keep(note, choice):
                made += 1
                soon = soon or choice.mail == NOW
                if choice.push:
                    pushing.queue(user_id, key)
    if soon:
        enqueue(MAIL_JOB, key=MAIL_JOB)
    return made


def tell_of(user_id: int, kind: str, *, key: str, subject: str, text: str, page: str) -> None:
    """Tell one user of what is no record; see `extensions.Teller`."""
    detail = {"subject": subject, "text": text, "page": page}
    tell([Note(user_id=user_id, kind=kind, key=key, object_key="", record_id=None, detail=detail)])


def told(key: str, ids: Collection[int], since: dt.datetime, but: Collection[str]) -> set[tuple[int, int]]:
    """Who (user, record) was told of records of an object since a moment, by other kinds than some."""
    found: set[tuple[int, int]] = set()
    for part in db.chunks(sorted(ids)):
        text = (
            "SELECT user_id, record_id FROM notifications_notification WHERE object_key = %s AND at >= %s "
            f"AND record_id IN ({db.marks(part)}) AND kind NOT IN ({db.marks(but)})"
        )
        found |= {(user, record) for user, record in db.rows(Sql(text, (key, db.dialect().moment(since), *part, *but)))}
    return found


def _seen(user_id: int, notes: list[Note]) -> list[Note]:
    """Those about records that the user may see."""
    caller = callers.of_user(user_id)
    if caller is None:
        return []
    objects = catalog.current().objects
    wanted: dict[str, set[int]] = {}
    for note in notes:
        if note.record_id is not None:
            wanted.setdefault(note.object_key, set()).add(note.record_id)
    allowed = {key: visible(caller, key).allowed(ids) for key, ids in wanted.items() if key in objects}
    return [
        n for n in notes
        if not n.object_key
        or (n.object_key in objects and (n.record_id is None or n.record_id in allowed.get(n.object_key, ())))
    ]  # fmt: skip


def _keep(note: Note, choice: Choice) -> int | None:
    """Write one down; its key, or None.

    One of the same key that may be told again is brought up to date, and mailed if it was read.
    """
    moment = db.dialect().moment(note.at or timezone.now())
    mail = "" if choice.mail == NEVER else choice.mail
    values = (
        note.user_id, note.kind, note.key, note.object_key, note.record_id, note.actor_id, moment,
        json.dumps(dict(note.detail)), choice.page, mail,
    )  # fmt: skip
    conflict = "DO NOTHING"
    if note.again:
        conflict = (
            "DO UPDATE SET at = excluded.at, actor_id = excluded.actor_id, detail = excluded.detail, read_at = NULL, "
            "shown = excluded.shown, mail = CASE WHEN old.read_at IS NULL AND old.shown THEN old.mail "
            "ELSE excluded.mail END"
        )
    found = db.row(
        Sql(
            "INSERT INTO notifications_notification AS old "
            "(user_id, kind, key, object_key, record_id, actor_id, at, detail, shown, mail) "
            f"VALUES ({db.marks(values)}) ON CONFLICT (user_id, key) {conflict} RETURNING id",
            values,
        )
    )
    return found[0] if found else None
