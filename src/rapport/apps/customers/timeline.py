"""Interactions and life-cycle stages on timelines: of a person, of a company with its people, of a deal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.customers.models import Kind, Lifecycle
from rapport.apps.customers.streams import newest
from rapport.features.timeline.entries import Before, Entry, Phrase, Ref, Refs, Strong
from rapport.features.timeline.sql import older
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()
_COLUMNS = ("kind", "at", "subject", "body", "direction", "minutes", "outcome", "people", "owner", "created_by")
_ICONS = {
    Kind.CALL: "phone", Kind.MAIL: "mail", Kind.MEETING: "calendar-event", Kind.PRESENTATION: "presentation",
    Kind.NOTE: "note", Kind.CHAT: "message-circle", Kind.MESSAGE: "message", Kind.VISIT: "eye",
    Kind.MATERIAL: "file-text",
}  # fmt: skip


def interactions(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest interactions of a person, of a company and its people, or of a deal."""
    ids = newest(caller, obj.key, record_id, before, limit)
    if not ids:
        return []
    door = visible(caller, "interaction")
    rows = door.page(columns=_COLUMNS, ids=ids, sort="id", size=len(ids)).rows
    editable, deletable = door.allowed(ids, "edit"), door.allowed(ids, "delete")
    found = []
    for row in rows:
        may = frozenset(act for act, keys in (("edit", editable), ("delete", deletable)) if row.id in keys)
        found.append(_interaction(obj, record_id, row, may))
    return sorted(found, key=lambda e: (e.at, e.tie), reverse=True)


def _interaction(obj: RegisteredObject, record_id: int, row: RowView, may: frozenset[str]) -> Entry:
    values = row.values
    kind = Kind(values["kind"])
    spec = catalog.current()["interaction"].fields
    tone = spec["kind"].choice(kind)
    outcome = spec["outcome"].choice(values.get("outcome"))
    body = values.get("body") or ""
    facts = [_minutes(values["minutes"])] if values.get("minutes") else []
    if not _repeats(row.title, body, kind):
        facts.insert(0, row.title)
    return Entry(
        at=values["at"],
        tie=row.id,
        icon=_icon(kind, values.get("direction") or ""),
        tone=tone.tone if tone else "neutral",
        title=_title(obj, record_id, row, kind),
        body=body,
        meta=" · ".join(facts),
        badges=((outcome.label, "neutral"),) if outcome else (),
        object_key="interaction",
        record_id=row.id,
        may=may,
    )


def _icon(kind: Kind, direction: str) -> str:
    if kind == Kind.CALL and direction:
        return "phone-incoming" if direction == "in" else "phone-outgoing"
    return "mail-opened" if kind == Kind.MAIL and direction == "in" else _ICONS[kind]


def _minutes(count: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}


def _repeats(subject: str, body: str, kind: Kind) -> bool:
    """Whether the subject says what the entry shows anyway, as one that was filled in for the writer."""
    return subject == str(kind.label) or body.strip().startswith(subject)


def _title(obj: RegisteredObject, record_id: int, row: RowView, kind: Kind) -> Phrase:
    who = Strong(row.labels.get("owner") or row.labels.get("created_by") or _("Someone"))
    people: list[tuple[int, str]] = row.labels.get("people") or []
    items = tuple(Ref("person", key, text) for key, text in people)
    alone = obj.key == "person" and len(people) == 1
    whom: Any = people[0][1] if alone else Refs(items)
    given = {"who": who, "people": whom}
    incoming = row.values.get("direction") == "in"
    if not people or (alone and kind == Kind.NOTE):
        return Phrase(str(_ALONE[kind]), {"who": who})
    return Phrase(str((_FROM if incoming and kind in _FROM else _TO)[kind]), given)


_TO = {
    Kind.CALL: gettext_lazy("{who} called {people}"),
    Kind.MAIL: gettext_lazy("{who} wrote to {people}"),
    Kind.MEETING: gettext_lazy("{who} met {people}"),
    Kind.PRESENTATION: gettext_lazy("{who} presented to {people}"),
    Kind.NOTE: gettext_lazy("{who} added a note about {people}"),
    Kind.CHAT: gettext_lazy("{who} chatted with {people}"),
    Kind.MESSAGE: gettext_lazy("{who} sent a message to {people}"),
    Kind.VISIT: gettext_lazy("{people} visited the site"),
    Kind.MATERIAL: gettext_lazy("{who} sent material to {people}"),
}
_FROM = {
    Kind.CALL: gettext_lazy("{people} called {who}"), Kind.MAIL: gettext_lazy("{people} wrote to {who}"),
    Kind.CHAT: gettext_lazy("{people} started a chat with {who}"),
    Kind.MESSAGE: gettext_lazy("{people} sent a message to {who}"),
}  # fmt: skip
_ALONE = {
    Kind.CALL: gettext_lazy("{who} logged a call"), Kind.MAIL: gettext_lazy("{who} logged an e-mail"),
    Kind.MEETING: gettext_lazy("{who} logged a meeting"), Kind.PRESENTATION: gettext_lazy("{who} gave a presentation"),
    Kind.NOTE: gettext_lazy("{who} added a note"), Kind.CHAT: gettext_lazy("{who} logged a chat"),
    Kind.MESSAGE: gettext_lazy("{who} logged a message"), Kind.VISIT: gettext_lazy("{who} logged a visit to the site"),
    Kind.MATERIAL: gettext_lazy("{who} sent material"),
}  # fmt: skip


def stages(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """When the record reached a life-cycle stage; of a company also when its people did, as far as they are seen."""
    rows = _changes(caller, obj.key, "id", record_id, before, limit)
    if obj.key == "company":
        rows += _changes(caller, "person", "company_id", record_id, before, limit)
    rows.sort(key=lambda row: (row[1], row[0]), reverse=True)
    choices = {c.value: c for c in obj.fields["lifecycle"].choices}
    found = []
    for key, at, stage, was, record, name, who in rows[:limit]:
        parts: dict[str, Any] = {"who": Strong(who or "Rapport"), "before": _stage(was), "after": Strong(_stage(stage))}
        text = _("{who} moved the life-cycle stage from {before} to {after}")
        if name is not None:
            text = _("{who} moved {person} from {before} to {after}")
            parts["person"] = Ref("person", record, name)
        tone = choices[stage].tone if stage in choices else "neutral"
        moment = _DATETIME.from_json(at) or caller.env().now
        found.append(Entry(at=moment, tie=key, icon="arrow-right", tone=tone, title=Phrase(text, parts)))
    return found


def _changes(
    caller: Caller, key: str, column: str, record_id: int, before: Before, limit: int
) -> list[tuple[Any, ...]]:
    """Steps of the records of an object whose `column` is `record_id`, but for those with which they began.

    Key, moment, stage, the one before, record, its name where it is another one, who did it.
    """
    obj = catalog.current()[key]
    if not caller.may(obj, "read") or not caller.sees(obj, obj.fields["lifecycle"]):
        return []
    where = all_of(
        [
            Sql(f"t.{column} = %s", (record_id,)),
            visible(caller, obj).where(),
            Sql("(c.before <> '' OR c.at > t.created_at)"),
            older("c.at", "c.id", before),
        ]
    )
    # CROSS JOIN keeps SQLite's planner from walking all steps of everybody.
    join = "JOIN" if db.dialect().vendor == "postgresql" else "CROSS JOIN"
    return db.rows(
        Sql(
            f"SELECT c.id, c.at, c.stage, c.before, t.id, {'NULL' if column == 'id' else 't.name'}, u.name "
            f'FROM "{obj.table}" t {join} customers_lifecyclechange c ON c.{key}_id = t.id '
            f"LEFT JOIN records_user u ON u.id = c.actor_id WHERE {where.text} "
            f"ORDER BY c.at DESC, c.id DESC LIMIT {int(limit)}",
            where.params,
        )
    )


def _stage(value: str) -> str:
    return str(Lifecycle(value).label) if value in Lifecycle.values else value or "–"


SOURCES = (
    TimelineSource(
        name="interactions",
        label=gettext_lazy("Calls, mails, notes…"),
        objects=("person", "company", "deal"),
        entries=interactions,
        covers=("interaction",),
    ),
    TimelineSource(
        name="lifecycle",
        label=gettext_lazy("Life-cycle stages"),
        objects=("person", "company"),
        entries=stages,
        tells=("person.lifecycle", "company.lifecycle"),
    ),
)
