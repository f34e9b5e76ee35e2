"""Tasks on timelines: when one was added and when it was done."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.collaboration.composing import PAGES
from rapport.apps.customers.concerning import concerning
from rapport.features.timeline.entries import Before, Entry, Phrase, Ref, Strong
from rapport.features.timeline.sql import older
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()


def tasks(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest acts on tasks about the record. Adding and finishing one task are two entries: ties 2n and 2n + 1."""
    concerned = all_of([concerning("t", "collaboration_task", obj.key, record_id), visible(caller, "task").where()])
    added, done = older("t.created_at", "t.id * 2", before), older("t.done_at", "t.id * 2 + 1", before)
    parts = []
    for moment, tie, place, who in (
        ("t.created_at", "t.id * 2", added, "t.created_by_id"),
        ("t.done_at", "t.id * 2 + 1", done, "t.updated_by_id"),
    ):
        where = all_of([concerned, Sql(f"{moment} IS NOT NULL"), place])
        text = (
            f"SELECT {moment} AS at, {tie} AS tie, t.id AS key, t.subject, u.name FROM collaboration_task t "
            f"LEFT JOIN records_user u ON u.id = {who} WHERE {where.text} ORDER BY 1 DESC, 2 DESC LIMIT {int(limit)}"
        )
        parts.append(Sql(f"SELECT * FROM ({text}) s", where.params))
    joined = " UNION ALL ".join(p.text for p in parts)
    text = f"{joined} ORDER BY 1 DESC, 2 DESC LIMIT {int(limit)}"
    return [_entry(row) for row in db.rows(Sql(text, tuple(v for p in parts for v in p.params)))]


def _entry(row: tuple[object, int, int, str, str | None]) -> Entry:
    at, tie, key, subject, name = row
    moment = _DATETIME.from_json(at)
    assert moment is not None
    parts = {"who": Strong(name or "Rapport"), "task": Ref("task", key, subject)}
    finished = tie % 2
    text = _("{who} finished {task}") if finished else _("{who} planned {task}")
    icon, tone = ("circle-check", "green") if finished else ("checkbox", "blue")
    return Entry(at=moment, tie=tie, icon=icon, tone=tone, title=Phrase(text, parts))


SOURCE = TimelineSource(name="tasks", label=gettext_lazy("Tasks"), objects=PAGES, entries=tasks)
