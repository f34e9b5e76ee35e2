"""What changed lately among the records that a caller may see, by the change log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.records.read.select import people
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.types.dates import DateTimeType
from rapport.surfaces.web.cells import record_url

LOOKED_AT, SHOWN = 200, 10
_MOMENT = DateTimeType()


def changes(caller: Caller) -> list[dict[str, Any]]:
    """The newest changes, one line for each record or bulk act: who did what to which record, and when."""
    names = ("id", "at", "actor_id", "object_key", "record_id", "action", "diff", "batch")
    text = f"SELECT {', '.join(names)} FROM records_change ORDER BY id DESC LIMIT {LOOKED_AT}"
    found = [dict(zip(names, row, strict=True)) for row in db.rows(Sql(text))]
    titles = _titles(caller, found)
    lines: dict[Any, dict[str, Any]] = {}
    for row in found:
        title = titles.get((row["object_key"], row["record_id"]))
        obj = catalog.current().objects.get(row["object_key"])
        if title is None or obj is None or not _shows(caller, obj, row):
            continue
        key = (row["batch"], row["action"]) if row["batch"] else (row["object_key"], row["record_id"], row["actor_id"])
        if key in lines:
            lines[key]["ids"].add(row["record_id"])
        elif len(lines) < SHOWN:
            lines[key] = {**row, "title": title, "obj": obj, "ids": {row["record_id"]}}
    actors = people("records_user", {r["actor_id"] for r in lines.values() if r["actor_id"]}) if lines else {}
    return [_line(row, actors) for row in lines.values()]


def _titles(caller: Caller, found: Sequence[dict[str, Any]]) -> dict[tuple[str, int], str]:
    by_object: dict[str, set[int]] = {}
    for row in found:
        by_object.setdefault(row["object_key"], set()).add(row["record_id"])
    return {
        (key, record_id): title
        for key, ids in by_object.items()
        if (obj := catalog.current().objects.get(key)) is not None and caller.may(obj, "read")
        for record_id, title in visible(caller, obj).labels(ids).items()
    }


def _shows(caller: Caller, obj: RegisteredObject, row: dict[str, Any]) -> bool:
    """Whether the caller may know of a change: one that touched only hidden fields does not exist."""
    if row["action"] != "update":
        return True
    diff = json.column(row["diff"]) or {}
    return any(name in obj.fields and caller.sees(obj, obj.fields[name]) for name in diff)


def _line(row: dict[str, Any], actors: dict[int, str]) -> dict[str, Any]:
    obj, count = row["obj"], len(row["ids"])
    act = {"create": _("added"), "delete": _("deleted"), "restore": _("restored")}.get(row["action"], _("changed"))
    names = {"count": count, "one": obj.label, "many": obj.label_plural}
    return {
        "who": actors.get(row["actor_id"] or 0) or _("Rapport"),
        "act": act,
        "what": row["title"] or _("(no name)"),
        "url": record_url(obj.key, row["record_id"]),
        "others": ngettext("and %(count)d more", "and %(count)d more", count - 1) % (names | {"count": count - 1})
        if count > 1
        else "",
        "icon": obj.spec.icon,
        "at": _MOMENT.from_json(row["at"]),
    }
