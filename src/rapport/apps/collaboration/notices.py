"""What users are told of: mentions and comments, what is assigned to them, changes of what they follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from rapport.apps.collaboration.following import BY_THEMSELVES, commented, concerned, followers
from rapport.apps.collaboration.mentions import mentioned
from rapport.features.notifications.telling import Note, tell, told
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import SYSTEM, RegisteredObject
from rapport.registry.extensions import Notice
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()
MANY = 5
"""Records of one act of which a user is told one by one; more are told as a number."""
NAMED = 4
"""Changed fields that are named."""
UNTOLD = {"comment", "file"}
"""Objects that are told of otherwise."""
MENTION, COMMENT, ASSIGNED, CHANGED = "mention", "comment", "assigned", "changed"
KINDS = (
    Notice(
        name=MENTION, label=_("Someone mentions you"), text=_("{who} mentioned you on {record}"), icon="at",
        tone="purple", mail="now",
    ),
    Notice(
        name=ASSIGNED, label=_("Something becomes yours"), text=_("{who} assigned {record} to you"), icon="user-check",
        tone="blue", mail="digest",
    ),
    Notice(
        name=COMMENT, label=_("Comments on what you follow"), text=_("{who} commented on {record}"),
        icon="message-circle", tone="pink", mail="digest",
    ),
    Notice(
        name=CHANGED, label=_("Changes of what you follow"), text=_("{who} changed {record}"), icon="pencil",
        tone="neutral", mail="never",
    ),
)  # fmt: skip


def on_comments(events: Sequence[Any]) -> None:
    """Tell those who are mentioned, then those who follow; whoever wrote it follows from now on."""
    ids = sorted({key for event in events for key in event.ids})
    commented(ids)
    notes: list[Note] = []
    for part in db.chunks(ids):
        text = (
            "SELECT id, object_key, record_id, summary, body, created_by_id FROM collaboration_comment "
            f"WHERE deleted_at IS NULL AND id IN ({db.marks(part)})"
        )
        for row in db.rows(Sql(text, tuple(part))):
            notes += _of_comment(*row)
    tell(notes)


def _of_comment(key: int, about: str, record_id: int, summary: str, body: str, author: int | None) -> Iterable[Note]:
    obj = catalog.current().objects.get(about)
    if obj is None:
        return
    named = mentioned(body) - {author}
    for kind, users in (
        (MENTION, named),
        (COMMENT, followers(obj, [record_id])[record_id] - named - {author}),
    ):
        for user in users:
            yield Note(
                user_id=user, kind=kind, key=f"{kind}:{key}", object_key=about, record_id=record_id, actor_id=author,
                detail={"text": summary},
            )  # fmt: skip


def on_changes(events: Sequence[Any]) -> None:
    """Tell whoever a record was given to, and whoever follows one that was changed; nobody of what they did."""
    for event in events:
        obj = catalog.current().objects.get(event.object_key)
        if obj is None or obj.key in UNTOLD or event.action not in {"create", "update"}:
            continue
        given = _given(obj, event) if concerned(obj) else {}
        _tell(obj, event, ASSIGNED, given)
        if event.action == "update" and not set(event.fields) <= set(SYSTEM):
            _tell(obj, event, CHANGED, _changed(obj, event, given))


Wanted = dict[int, dict[int, str]]
"""User to record to the key of the notification."""


def assignment_key(key: str, record_id: int, change_id: int) -> str:
    """What tells one assignment from another: the change that it is."""
    return f"{ASSIGNED}:{key}:{record_id}:{change_id}"


def _given(obj: RegisteredObject, event: Any) -> Wanted:
    """Who owns or works on records since this event, by the change log; what was dated back is nobody's news."""
    names = [n for n in BY_THEMSELVES if n in obj.fields and n in event.fields]
    others = " OR ".join(f'"{obj.fields[n].column}" <> %s' for n in names)
    happened = _DATETIME.from_json(event.at)
    at = db.dialect().moment(happened) if happened else None
    found: Wanted = {}
    for part in db.chunks(event.ids if names else ()):
        text = f'SELECT id FROM "{obj.table}" WHERE id IN ({db.marks(part)}) AND ({others})'
        ids = [r[0] for r in db.rows(Sql(text, (*part, *[event.actor_id or 0] * len(names))))]
        text = (
            "SELECT id, record_id, diff FROM records_change WHERE object_key = %s AND action = %s AND at = %s "
            f"AND record_id IN ({db.marks(ids)}) ORDER BY id"
        )
        rows = db.rows(Sql(text, (obj.key, event.action, at, *ids))) if ids else []
        for change, record_id, diff in rows:
            for name in names:
                before, after = (json.column(diff) or {}).get(name, (None, None))
                if after and after not in {before, event.actor_id}:
                    found.setdefault(after, {})[record_id] = assignment_key(obj.key, record_id, change)
    return found


def _changed(obj: RegisteredObject, event: Any, given: Wanted) -> Wanted:
    """Followers of changed records, but for whoever did it and whoever is told more of it, also by another domain."""
    found: Wanted = {}
    happened = _DATETIME.from_json(event.at)
    more = told(obj.key, event.ids, happened, [kind.name for kind in KINDS]) if happened else set()
    for record_id, users in followers(obj, event.ids).items():
        for user in users - {event.actor_id}:
            if record_id not in given.get(user, {}) and (user, record_id) not in more:
                found.setdefault(user, {})[record_id] = f"{CHANGED}:{obj.key}:{record_id}"
    return found


def _tell(obj: RegisteredObject, event: Any, kind: str, wanted: Wanted) -> None:
    notes: list[Note] = []
    for user, records in wanted.items():
        caller = callers.of_user(user)
        if caller is None or not (kind == ASSIGNED or _sees(caller, obj, event)):
            continue
        if len(records) > MANY:
            seen = visible(caller, obj).allowed(records)
            records = {record_id: key for record_id, key in records.items() if record_id in seen}
        if len(records) > MANY:
            key = f"{kind}:{obj.key}:{event.at}"
            notes.append(
                Note(
                    user_id=user, kind=kind, key=key, object_key=obj.key, record_id=None, actor_id=event.actor_id,
                    detail={"count": len(records)},
                )
            )  # fmt: skip
            continue
        detail = {"text": _fields(caller, obj, event)} if kind == CHANGED and len(event.ids) == 1 else {}
        notes += [
            Note(
                user_id=user, kind=kind, key=key, object_key=obj.key, record_id=record_id, actor_id=event.actor_id,
                detail=detail, again=kind == CHANGED,
            )
            for record_id, key in records.items()
        ]  # fmt: skip
    tell(notes)


def _sees(caller: Caller, obj: RegisteredObject, event: Any) -> bool:
    """Whether the caller may see any of the fields that were changed."""
    return any(name in obj.fields and caller.sees(obj, obj.fields[name]) for name in event.fields)


def _fields(caller: Caller, obj: RegisteredObject, event: Any) -> str:
    """The changed fields that the caller may see, in the caller's language."""
    with translation.override(caller.language):
        seen = [obj.fields[n] for n in event.fields if n in obj.fields and caller.sees(obj, obj.fields[n])]
        names = [str(field.label) for field in seen]
    return ", ".join(names[:NAMED]) + (f" +{len(names) - NAMED}" if len(names) > NAMED else "")
