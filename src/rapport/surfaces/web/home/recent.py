"""What changed lately among the records that a caller may see, by the change log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from rapport.lib import json
from rapport.lib.sql import TRUE, Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.records.read.select import people
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.types.dates import DateTimeType
from rapport.surfaces.web.cells import record_url

LOOKED_AT, SHOWN, ROUNDS = 100, 10, 5
NAMES = ("id", "at", "actor_id", "object_key", "record_id", "action", "diff", "batch")
_MOMENT = DateTimeType()


def changes(caller: Caller) -> list[dict[str, Any]]:
    """The newest changes, one line for each record or bulk act: who did what to which record, and when."""
    lines: dict[Any, dict[str, Any]] = {}
    before: int | None = None
    for _round in range(ROUNDS):
        found = _newest(before)
        _collect(caller, found, lines)
        if len(found) < LOOKED_AT or len(lines) >= SHOWN:
            break
        before = _behind(found[-1])
    shown = list(lines.values())[:SHOWN]
    actors = people("records_user", {r["actor_id"] for r in shown if r["actor_id"]})
    return [_line(row, actors) for row in shown]


def _newest(before: int | None) -> list[dict[str, Any]]:
    where = Sql("id < %s", (before,)) if before else TRUE
    text = f"SELECT {', '.join(NAMES)} FROM records_change WHERE {where.text} ORDER BY id DESC LIMIT {LOOKED_AT}"
    return [dict(zip(NAMES, row, strict=True)) for row in db.rows(Sql(text, where.params))]


def _behind(last: dict[str, Any]) -> int:
    """Where to look on: behind the whole of a bulk act, which may be as long as an import."""
    if not last["batch"]:
        return int(last["id"])
    found = db.row(Sql("SELECT MIN(id) FROM records_change WHERE batch = %s", (last["batch"],)))
    return int(found[0]) if found else int(last["id"])


def _collect(caller: Caller, found: Sequence[dict[str, Any]], lines: dict[Any, dict[str, Any]]) -> None:
    titles = _titles(caller, found)
    for row in found:
        title = titles.get((row["object_key"], row["record_id"]))
        obj = catalog.current().objects.get(row["object_key"])
        if title is None or obj is None or not _shows(caller, obj, row):
            continue
        alone = (row["object_key"], row["record_id"], row["actor_id"])
        key = (row["batch"], row["object_key"], row["action"]) if row["batch"] else alone
        line = lines.setdefault(key, {**row, "title": title, "obj": obj, "ids": set()})
        line["ids"].add(row["record_id"])


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
    """Whether the caller may know of a change, and it says anything.

    One that touched only hidden fields does not exist; a reference that followed a merge is told by the merge.
    """
    if row["action"] == "move":
        return False
    if row["action"] != "update":
        return True
    diff = json.column(row["diff"]) or {}
    return any(name in obj.fields and caller.sees(obj, obj.fields[name]) for name in diff)


def _line(row: dict[str, Any], actors: dict[int, str]) -> dict[str, Any]:
    obj, count = row["obj"], len(row["ids"])
    act = {
        "create": _("added"),
        "delete": _("deleted"),
        "restore": _("restored"),
        "merge": _("merged"),
        "unmerge": _("un-merged"),
    }.get(row["action"], _("changed"))
    return {
        "who": actors.get(row["actor_id"] or 0) or _("Rapport"),
        "act": act,
        "what": row["title"] or _("(no name)"),
        "url": record_url(obj.key, row["record_id"]),
        "others": _("and others") if count > 1 else "",
        "icon": obj.spec.icon,
        "at": _MOMENT.from_json(row["at"]),
    }
