"""The change log of a record as a source of its timeline: created, changed, deleted, restored."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.features.timeline.entries import Before, Entry, Phrase, Strong
from rapport.features.timeline.sql import older
from rapport.lib.sql import Sql, all_of
from rapport.records.accounts.caller import Caller
from rapport.records.history import reading
from rapport.registry import extensions
from rapport.registry.catalog import RegisteredObject

NAMED = 3
"""Fields that a title names; more are counted."""


def entries(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest acts on the record that no other source tells of and of which the caller may see something."""
    told = _told_elsewhere(obj)
    found: list[Entry] = []
    while True:
        where = all_of(
            [
                Sql("c.object_key = %s AND c.record_id = %s", (obj.key, record_id)),
                older("c.at", "c.id", before),
            ]
        )
        acts = reading.select(caller, obj.key, where, "c.at DESC, c.id DESC", limit)
        for act in acts:
            own = [c for c in act.fields if c.field.name not in told]
            if act.action not in {"update", "move"} or own:
                found.append(_entry(obj, act, own))
        if len(found) >= limit or len(acts) < limit:
            return found[:limit]
        before = (acts[-1].at, acts[-1].id)


def _told_elsewhere(obj: RegisteredObject) -> set[str]:
    sources = extensions.all_of(extensions.TimelineSource)
    marked = (name.partition(".") for source in sources for name in source.tells)
    return {field for key, _dot, field in marked if key == obj.key}


def _entry(obj: RegisteredObject, act: reading.Act, own: list[reading.FieldChange]) -> Entry:
    who = Strong(act.actor or door_label(act.door))
    if act.action == "update":
        shown = ", ".join(str(c.field.label) for c in own[:NAMED])
        if len(own) > NAMED:
            shown = _("%(names)s and %(count)d more") % {"names": shown, "count": len(own) - NAMED}
        title = Phrase(_("{who} changed {fields}"), {"who": who, "fields": shown})
        meta = _step(own[0]) if len(own) == 1 else ""
        return Entry(at=act.at, tie=act.id, icon="pencil", title=title, meta=meta)
    text, icon = {
        "create": (_("{who} added this {object}"), "plus"),
        "delete": (_("{who} moved this {object} to the trash"), "trash"),
        "restore": (_("{who} brought this {object} back from the trash"), "arrow-back-up"),
        "merge": (_("{who} merged others into this {object}"), "git-merge"),
        "merged": (_("{who} merged this {object} into another one"), "git-merge"),
        "unmerge": (_("{who} took a merge into this {object} back"), "arrows-left-right"),
        "unmerged": (_("{who} took the merge of this {object} back"), "arrows-left-right"),
        "move": (_("This {object} followed a merge"), "git-merge"),
    }.get(act.action, (_("{who} changed this {object}"), "pencil"))
    parts = {"who": who, "object": str(obj.label)}
    return Entry(at=act.at, tie=act.id, icon=icon, title=Phrase(text, parts))


_BRIEF = frozenset(
    {"text", "choice", "number", "decimal", "money", "email", "phone", "url", "reference", "user", "team"}
)
_LONGEST = 60


def _step(change: reading.FieldChange) -> str:
    """From what to what, where both can be said in a few words."""
    if change.field.type.key not in _BRIEF:
        return ""
    pair = ((change.before, change.before_label), (change.after, change.after_label))
    before, after = (str(label or change.field.type.to_text(change.field, value) or "–") for value, label in pair)
    return f"{before} → {after}" if max(len(before), len(after)) <= _LONGEST else ""


DOORS = {
    "page": gettext_lazy("Someone"), "import": gettext_lazy("Import"), "rest": gettext_lazy("A program"),
    "mcp": gettext_lazy("Agent"), "demo": gettext_lazy("Demo data"),
}  # fmt: skip


def door_label(door: str) -> str:
    """Who wrote, where it was no user."""
    return str(DOORS.get(door) or capfirst(door) or "Rapport") if door != "system" else "Rapport"


SOURCE = extensions.TimelineSource(name="changes", label=gettext_lazy("Changes"), objects=("*",), entries=entries)
