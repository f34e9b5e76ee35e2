"""Sequences on the timelines of people and deals: when one was started, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.sequences.models import Reason, State
from rapport.features.timeline.entries import Before, Entry, Phrase, Ref, Strong
from rapport.features.timeline.sql import older
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource
from rapport.registry.types.dates import DateTimeType

PAGES = ("person", "deal")
_MOMENT = DateTimeType()


def told(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest starts and ends of sequences. Both of one enrollment are entries: ties 2n and 2n + 1."""
    if not caller.may(catalog.current()["enrollment"], "read"):
        return []
    seen = visible(caller, "enrollment").where()
    concerned = all_of([Sql(f"t.{obj.key}_id = %s", (record_id,)), seen])
    parts = []
    for moment, tie, who in (
        ("t.started_at", "t.id * 2", "t.created_by_id"),
        ("t.ended_at", "t.id * 2 + 1", "t.updated_by_id"),
    ):
        where = all_of([concerned, Sql(f"{moment} IS NOT NULL"), older(moment, tie, before)])
        text = (
            f"SELECT {moment} AS at, {tie} AS tie, t.sequence_id, t.name, t.state, t.reason, t.note, u.name AS who "
            f"FROM sequences_enrollment t LEFT JOIN records_user u ON u.id = {who} WHERE {where.text} "
            f"ORDER BY 1 DESC, 2 DESC LIMIT {int(limit)}"
        )
        parts.append(Sql(f"SELECT * FROM ({text}) s", where.params))
    joined = " UNION ALL ".join(p.text for p in parts)
    text = f"{joined} ORDER BY 1 DESC, 2 DESC LIMIT {int(limit)}"
    rows = db.rows(Sql(text, tuple(v for p in parts for v in p.params)))
    names = visible(caller, "sequence").labels({row[2] for row in rows})
    return [_entry(row, names) for row in rows]


_ENDS = {
    State.ANSWERED: (gettext_lazy("An answer stopped {sequence}"), "message-circle", "green"),
    State.FINISHED: (gettext_lazy("{sequence} ended without an answer"), "flag", "neutral"),
    State.STOPPED: (gettext_lazy("{who} stopped {sequence}"), "ban", "red"),
}


def _entry(row: tuple[object, int, int, str, str, str, str, str | None], names: dict[int, str]) -> Entry:
    at, tie, sequence, name, state, reason, note, who = row
    moment = _MOMENT.from_json(at)
    assert moment is not None
    text, icon, tone = _("{who} started the sequence {sequence}"), "route", "blue"
    meta = ""
    if tie % 2 and State(state) in _ENDS:
        ending, icon, tone = _ENDS[State(state)]
        text = str(ending)
        meta = " · ".join(part for part in (str(Reason(reason).label) if reason else "", note) if part)
    named = Ref("sequence", sequence, names[sequence]) if sequence in names else Strong(name)
    parts = {"who": Strong(who or "Rapport"), "sequence": named}
    return Entry(at=moment, tie=tie, icon=icon, tone=tone, title=Phrase(text, parts), meta=meta)


SOURCE = TimelineSource(
    name="sequences", label=gettext_lazy("Sequences"), objects=PAGES, entries=told, covers=("enrollment",)
)
