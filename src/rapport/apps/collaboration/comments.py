"""Comments: about which record, by whom they may be seen and changed, on timelines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.collaboration.mentions import marked
from rapport.features.timeline.entries import Before, Entry, Phrase, Strong
from rapport.features.timeline.sql import older
from rapport.lib.sql import FALSE, TRUE, Sql, all_of
from rapport.records import db, write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.scope import attached
from rapport.records.read import visible
from rapport.records.write import Batch
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import Composer, Panel, TimelineSource
from rapport.registry.objects import ALL, NONE
from rapport.registry.types.dates import DateTimeType

KEY = "comment"
LONGEST = 120
_MARKS = re.compile(r"[*`~#>]+")
_DATETIME = DateTimeType()


def scope(caller: Caller, action: str, alias: str) -> Sql:
    """Comments are read with their records, and changed by whoever wrote them."""
    if caller.is_admin:
        return TRUE
    level = caller.level(catalog.current()[KEY], action)
    if level == NONE:
        return FALSE
    readable = attached(caller, "read", alias)
    if action in {"read", "export"} or level == ALL:
        return readable
    return all_of([Sql(f"{alias}.owner_id = %s", (caller.user_id,)), readable])


def prepare(batch: Batch) -> None:
    """Refuse comments on what the writer does not see, and moving them; call them by their first line."""
    wanted: dict[str, set[int]] = {}
    for entry in batch.entries:
        if batch.action == "update" and (entry.changes("object_key") or entry.changes("record_id")):
            entry.refuse("record_id", _("A comment stays with its record."))
        elif batch.action == "create" and entry.get("object_key") and entry.get("record_id"):
            wanted.setdefault(entry.values["object_key"], set()).add(entry.values["record_id"])
        if not entry.get("summary") or (entry.changes("body") and entry.get("summary") == _first(entry.before)):
            entry.values["summary"] = _first({"body": entry.get("body")})
    if batch.action != "create":
        return
    known = {key for key, obj in catalog.current().objects.items() if obj.spec.scope is None}
    seen = {key: visible(batch.caller, key).allowed(ids) if key in known else set() for key, ids in wanted.items()}
    for entry in batch.entries:
        about = entry.get("object_key"), entry.get("record_id")
        if all(about) and about[1] not in seen[about[0]]:
            entry.refuse("record_id", _("Choose a record from the list: the chosen one is not there any more."))


def _first(values: Mapping[str, Any]) -> str:
    """The first line of a comment, without what is Markdown in it."""
    return _MARKS.sub("", str(values.get("body") or "").strip().split("\n")[0])[:LONGEST]


def told(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest comments on a record."""
    comment = catalog.current()[KEY]
    if not caller.may(comment, "read"):
        return []
    where = all_of(
        [
            Sql("t.object_key = %s AND t.record_id = %s", (obj.key, record_id)),
            visible(caller, comment).where(),
            older("t.created_at", "t.id", before),
        ]
    )
    rows = db.rows(
        Sql(
            "SELECT t.id, t.created_at, t.body, u.name FROM collaboration_comment t "
            f"LEFT JOIN records_user u ON u.id = t.created_by_id WHERE {where.text} "
            f"ORDER BY t.created_at DESC, t.id DESC LIMIT {int(limit)}",
            where.params,
        )
    )
    keys = [row[0] for row in rows]
    may = {act: visible(caller, comment).allowed(keys, act) for act in ("edit", "delete")} if rows else {}
    return [
        Entry(
            at=_DATETIME.from_json(at) or caller.env().now, tie=key, icon="message-circle", tone="pink",
            title=Phrase(_("{who} commented"), {"who": Strong(who or "Rapport")}), body=marked(body), object_key=KEY,
            record_id=key, may=frozenset(act for act, ids in may.items() if key in ids),
        )
        for key, at, body, who in rows
    ]  # fmt: skip


def about(caller: Caller, record: Any) -> dict[str, Any]:
    """What ties a comment to the record of the page."""
    return {"object_key": record.obj.key, "record_id": record.id}


def panel(caller: Caller, record: Any) -> Mapping[str, Any] | None:
    """On the page of a comment: the record that it is about."""
    obj = catalog.current().objects.get(record.values.get("object_key"))
    if obj is None:
        return None
    key = record.values.get("record_id")
    title = visible(caller, obj).labels([key]).get(key)
    if title is None:
        return None
    return {"items": [{"title": title, "url": reverse("record", args=[obj.plural, key]), "icon": obj.spec.icon}]}


def erase(obj: RegisteredObject, ids: list[int]) -> None:
    """Erasing a record erases what was said about it."""
    if obj.key == KEY:
        return
    where = f"object_key = %s AND record_id IN ({db.marks(ids)})"
    found = [r[0] for r in db.rows(Sql(f"SELECT id FROM collaboration_comment WHERE {where}", (obj.key, *ids)))]
    if found:
        write.erase(callers.system("erase"), KEY, found)
    db.execute(Sql(f"DELETE FROM collaboration_follower WHERE {where}", (obj.key, *ids)))


def clean(context: Any) -> int:
    """Daily: erase comments whose record was purged; nobody follows it any more."""
    count = 0
    for obj in catalog.current().objects.values():
        gone = f'object_key = %s AND NOT EXISTS (SELECT 1 FROM "{obj.table}" r WHERE r.id = record_id)'
        db.execute(Sql(f"DELETE FROM collaboration_follower WHERE {gone}", (obj.key,)))
        text = f"SELECT id FROM collaboration_comment WHERE {gone}"
        for part in db.chunks([r[0] for r in db.rows(Sql(text, (obj.key,)))]):
            count += write.erase(callers.system("job"), KEY, list(part))
            context.progress(count)
    return count


PANEL = Panel(
    name="commented-on", objects=(KEY,), template="collaboration/about.html", context=panel,
    title=gettext_lazy("About"), order=5,
)  # fmt: skip
SOURCE = TimelineSource(
    name="comments", label=gettext_lazy("Comments"), objects=("*",), entries=told, covers=(KEY,),
)  # fmt: skip
COMPOSER = Composer(
    name="comment", label=gettext_lazy("Comment"), icon="message-circle", object_key=KEY, objects=("*",),
    fields=("body",), about=about, prompt=gettext_lazy("Tell your colleagues; @ and a name tells someone…"),
    submit=gettext_lazy("Comment"), mentions=True, order=70,
)  # fmt: skip
