"""A field whose choices depend on another one: the stages that a deal may have are those of its pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.ties import tie_of
from rapport.surfaces.web import fields


def first(caller: Caller, obj: RegisteredObject, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a new record begins with where nothing is said: the first pipeline, say, and its first stage."""
    tie = tie_of(obj)
    if tie is None or given.get(tie.by) or given.get(tie.field):
        return {}
    found: dict[str, Any] = {}
    for name in (tie.by, tie.field):
        target = catalog.current()[obj.fields[name].target]
        if not caller.may(target, "read") or not caller.edits(obj, obj.fields[name]):
            return {}
        inside = {"field": tie.shared, "op": "is", "value": found[tie.by]} if found else None
        rows = visible(caller, target).page(columns=("id",), filter=inside, sort=target.spec.sort, size=1).rows
        if not rows:
            return found
        found[name] = rows[0].id
    return found


def narrow(obj: RegisteredObject, controls: Sequence[dict[str, Any]], value: Any) -> None:
    """Let the control of the tied field offer what belongs to `value`; in a form with the field `by`, to its choice."""
    tie = tie_of(obj)
    control = next((c for c in controls if tie and c["name"] == tie.field and c["widget"] != "readonly"), None)
    if tie is None or control is None:
        return
    given = {tie.shared: value} if value else {}
    control["attrs"] |= {
        "search_url": fields.search_url(obj.fields[tie.field], **given),
        "narrow_by": tie.by,
        "narrow_as": tie.shared,
    }
