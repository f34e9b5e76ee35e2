"""A user's notifications as they are shown: of what the user may still see, in the reader's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.features.notifications.models import Notification
from rapport.lib.sql import TRUE, Sql, all_of, one_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog, extensions

MOST = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notification: `text` with `{who}` and `{record}` in it, what these stand for, and where it leads."""

    id: int
    at: dt.datetime
    kind: str
    icon: str
    tone: str
    text: str
    who: str
    record: str
    object_key: str
    record_id: int | None
    detail: str
    unread: bool
    path: str

    @property
    def sentence(self) -> str:
        """The whole text, without anything that stands out."""
        return self.text.replace("{who}", self.who).replace("{record}", self.record)


def unread(user_id: int | None) -> int:
    """How many a user has not read; at most `MOST`."""
    inner = "SELECT 1 FROM notifications_notification WHERE user_id = %s AND shown AND read_at IS NULL"
    found = db.row(Sql(f"SELECT COUNT(*) FROM ({inner} LIMIT {MOST}) n", (user_id or 0,)))
    return int(found[0]) if found else 0


def page(caller: Caller, *, before: int | None = None, only_unread: bool = False, size: int = 30) -> list[Notice]:
    """The newest that are shown on the page, older than the one with the key `before`."""
    rows = Notification.objects.filter(user_id=caller.user_id or 0, shown=True)
    if only_unread:
        rows = rows.filter(read_at__isnull=True)
    last = Notification.objects.filter(pk=before or 0, user_id=caller.user_id or 0).values_list("at", "id").first()
    if last:
        rows = rows.extra(where=["(at, id) < (%s, %s)"], params=[db.dialect().moment(last[0]), last[1]])
    return notices(caller, list(rows.order_by("-at", "-id")[:size]))


def notices(caller: Caller, rows: Sequence[Notification]) -> list[Notice]:
    """Rows as they are shown; those of records that the caller may not see (any more) are left out."""
    ids: dict[str, set[int]] = {}
    for row in rows:
        if row.record_id is not None and row.object_key in catalog.current().objects:
            ids.setdefault(row.object_key, set()).add(row.record_id)
    titles = {key: visible(caller, key).labels(found) for key, found in ids.items()}
    actors = sorted({row.actor_id for row in rows if row.actor_id})
    names: dict[int, str] = {}
    if actors:
        names = dict(db.rows(Sql(f"SELECT id, name FROM records_user WHERE id IN ({db.marks(actors)})", tuple(actors))))
    found = (_notice(row, titles.get(row.object_key, {}), names.get(row.actor_id or 0, "")) for row in rows)
    return [notice for notice in found if notice]


def _notice(row: Notification, titles: dict[int, str], who: str) -> Notice | None:
    kind = extensions.named(extensions.Notice, row.kind)
    obj = catalog.current().objects.get(row.object_key)
    about = str(row.detail.get("subject", "")) if not row.object_key else ""
    if kind is None or (obj is None and not about) or (row.record_id is not None and row.record_id not in titles):
        return None
    record = about or titles.get(row.record_id or 0) or _("(no name)")
    if row.record_id is None and obj is not None:
        count = int(row.detail.get("count", 0))
        words = {"count": count, "one": obj.label, "many": obj.label_plural}
        record = ngettext("%(count)d %(one)s", "%(count)d %(many)s", count) % words
    return Notice(
        id=row.pk, at=row.at, kind=row.kind, icon=kind.icon, tone=kind.tone, text=str(kind.text), who=who or "Rapport",
        record=record, object_key=row.object_key, record_id=row.record_id, detail=str(row.detail.get("text", "")),
        unread=row.read_at is None, path=path_of(row),
    )  # fmt: skip


def path_of(row: Notification) -> str:
    """Where a notification leads: to its record, to the list of its object, or to the page that it names."""
    if not row.object_key:
        return str(row.detail.get("page") or "/")
    plural = catalog.current()[row.object_key].plural
    return f"/{plural}/{row.record_id}/" if row.record_id else f"/{plural}/"


def mark_read(caller: Caller, ids: Sequence[int] | None = None) -> int:
    """Mark one's own as read, all of them without `ids`; how many were unread."""
    where = all_of(
        [
            Sql("user_id = %s AND read_at IS NULL", (caller.user_id or 0,)),
            TRUE if ids is None else one_of("id", list(ids)),
        ]
    )
    now = db.dialect().moment(timezone.now())
    return db.execute(
        Sql(f"UPDATE notifications_notification SET read_at = %s WHERE {where.text}", (now, *where.params))
    )


def own(caller: Caller, notification_id: int) -> Any:
    """One's own notification, or None."""
    return Notification.objects.filter(pk=notification_id, user_id=caller.user_id or 0).first()
