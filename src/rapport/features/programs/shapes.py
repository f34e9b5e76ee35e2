"""Records as JSON: the same shape at every address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.history.reading import Act, FieldChange
from rapport.records.read import RecordView, RowView, shaping, visible
from rapport.registry.catalog import RegisteredObject

ALL_FIELDS = "all"


def record(obj: RegisteredObject, view: RowView, only: frozenset[str] | None = None) -> dict[str, Any]:
    """One record: `fields` in JSON form, null for no value (an empty list where there may be several), and `labels`."""
    fields = shaping.fields(obj, view, only)
    shape: dict[str, Any] = {
        "id": view.id, "object": obj.key, "version": view.version, "title": view.title, "fields": fields,
        "labels": {n: _label(label) for n, label in view.labels.items() if label and n in fields},
    }  # fmt: skip
    if isinstance(view, RecordView):
        shape["may"] = sorted(view.may)
        if view.deleted_at is not None:
            shape["deleted"] = True
    return shape


def _label(label: Any) -> Any:
    return label if isinstance(label, str) else [{"id": key, "title": text} for key, text in label]


def act(made: Act) -> dict[str, Any]:
    """One act on a record: who, when, through which door, and its fields."""
    return {
        "id": made.id, "at": made.at, "action": made.action, "version": made.version, "actor": made.actor_id,
        "actor_name": made.actor, "door": made.door, "batch": made.batch or None,
        "fields": {c.field.name: _change(c) for c in made.fields},
    }  # fmt: skip


def _change(change: FieldChange) -> dict[str, Any]:
    encode = change.field.type.to_json
    before, after = (_seen(change, v, label) for v, label in
                     ((change.before, change.before_label), (change.after, change.after_label)))  # fmt: skip
    return {"before": encode(before) or None if before in ("", None) else encode(before), "after": encode(after)}


def _seen(change: FieldChange, value: Any, label: Any) -> Any:
    """The value; of references, those that the reader may see."""
    if not change.field.target:
        return value
    if change.field.type.storage == "external":
        return tuple(key for key, _text in label or ())
    return value if label else None


def read(caller: Caller, obj: RegisteredObject, record_id: int, only: frozenset[str] | None = None) -> dict[str, Any]:
    """One record that the caller may see. Raises NotFound."""
    return record(obj, visible(caller, obj).get(record_id), only)


def chosen(caller: Caller, obj: RegisteredObject, names: Iterable[str]) -> tuple[str, ...]:
    """The fields that were asked for, those of the object's list when none was. Raises Invalid for unknown ones."""
    names, seen = tuple(names), caller.visible_fields(obj)
    if not names:
        return tuple(n for n in obj.column_names if n in seen)
    if names == (ALL_FIELDS,):
        return tuple(seen)
    if unknown := [n for n in names if n not in seen]:
        raise Invalid({"fields": [_("There is no field %(name)s here.") % {"name": unknown[0][:60]}]})
    return names


def etag(version: int) -> str:
    """The version of a record as an entity tag."""
    return f'"{version}"'


def reread(caller: Caller, key: str, record_id: int) -> dict[str, Any]:
    """A record that an earlier answer held, as the caller may see it now. Raises NotFound."""
    view = visible(caller, key)
    return record(view.obj, view.get(record_id))
