"""The forms of a record: whole, quick and after a refusal; what two people changed at once, field by field."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst

from rapport.records.accounts.caller import Caller
from rapport.records.errors import Conflict, Invalid
from rapport.records.history.reading import since
from rapport.records.read import RecordView
from rapport.records.read.select import labels_of
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldError, FieldSpec
from rapport.registry.ties import tie_of
from rapport.surfaces.web import cells, fields, narrowing

RESOLVE = "resolve-"
"""Prefix of the choice between two values of a field: `theirs` or `mine`."""


def form_names(obj: RegisteredObject) -> list[str]:
    """Fields of the whole form."""
    return [f.name for f in obj.form_fields]


def whole_names(obj: RegisteredObject, values: Mapping[str, Any], error: Any = None) -> list[str]:
    """Fields of the whole form without those that an act asks for, as long as they are empty and not needed."""
    needed = error.errors.keys() if isinstance(error, Invalid) else ()
    later = {n for action in obj.spec.actions for n in action.asks if obj.fields[n].required_if}
    idle = {n for n in later if n not in needed and obj.fields[n].type.is_empty(values.get(n))}
    return [n for n in form_names(obj) if n not in idle]


def quick_names(obj: RegisteredObject) -> list[str]:
    """Fields of the quick form: those declared, else the title, what is required, up to two more."""
    if obj.spec.quick:
        return list(obj.spec.quick)
    first = [f.name for f in obj.form_fields if f.name == obj.spec.title or f.required]
    rest = [n for n in form_names(obj) if n not in first and n not in {"owner", "team"}]
    return first + rest[:2]


def form(
    caller: Caller, obj: RegisteredObject, names: Sequence[str], values: Mapping[str, Any], *,
    labels: Mapping[str, Any] | None = None, error: Invalid | Conflict | None = None, sent: str = "",
    version: int | None = None, prefix: str = "f-",
) -> dict[str, Any]:  # fmt: skip
    """What `web/record/form.html` shows: sections of controls, errors, conflicts, and what the form carries."""
    errors = error.errors if isinstance(error, Invalid) else {}
    controls = fields.controls(caller, obj, names, values, labels, errors, prefix)
    tie = tie_of(obj)
    narrowing.narrow(obj, controls, values.get(tie.by) if tie else None)
    shown = {c["name"] for c in controls}
    if controls and not errors:
        first = next((c for c in controls if c["widget"] != "readonly"), controls[0])
        first.setdefault("attrs", {})["autofocus"] = True
    return {
        "obj": obj,
        "controls": controls,
        "sections": fields.sections(controls, obj),
        "errors": [_said(obj, name, text) for name, texts in errors.items() if name not in shown for text in texts],
        "conflicts": conflicts(caller, obj, error) if isinstance(error, Conflict) else [],
        "listed": ",".join(c["name"] for c in controls if c["widget"] != "readonly"),
        "submission": sent or secrets.token_urlsafe(18),
        "version": error.version if isinstance(error, Conflict) else version,
    }


def _said(obj: RegisteredObject, name: str, text: Any) -> str:
    field = obj.fields.get(name)
    return f"{capfirst(str(field.label))}: {text}" if field else str(text)


def prefilled(caller: Caller, obj: RegisteredObject, query: QueryDict) -> dict[str, Any]:
    """Values that the address of a form gives (`?company=3`), and the defaults of the other fields."""
    given = fields.parse(obj, query)
    known = {n: v for n, v in given.items() if n in obj.fields and caller.edits(obj, obj.fields[n])}
    defaults = {n: f.default for n, f in obj.fields.items() if f.default not in (None, "") and f.editable}
    own = {"owner": caller.user_id, "team": caller.team_id}
    return {**{n: v for n, v in own.items() if n in obj.fields}, **defaults, **known}


def changed(caller: Caller, obj: RegisteredObject, view: RecordView, sent: QueryDict, version: int) -> dict[str, Any]:
    """Raw values that the sender touched, without those where `theirs` was chosen.

    A form sends every field. One that holds what the record had at `version`, when the form was made, was not touched
    and must not undo what somebody wrote since.
    """
    raw = {n: v for n, v in fields.parse(obj, sent).items() if sent.get(f"{RESOLVE}{n}") != "theirs"}
    if version >= view.version:
        return raw
    was = since(obj, view.id, version)
    return {n: v for n, v in raw.items() if n not in was or _json(caller, obj.fields.get(n), v) != was[n]}


def _json(caller: Caller, field: FieldSpec | None, raw: Any) -> Any:
    """The JSON form of a raw value; the raw value where it can't be cleaned."""
    if field is None:
        return raw
    try:
        value = field.type.to_json(field.type.clean(field, raw, caller.env()))
    except FieldError:
        return raw
    return None if value == "" else value


def conflicts(caller: Caller, obj: RegisteredObject, error: Conflict) -> list[dict[str, Any]]:
    """For each field that two people changed: both values as text, to choose from."""
    found = []
    for name, (theirs, mine) in error.fields.items():
        field = obj.fields[name]
        found.append(
            {
                "name": f"{RESOLVE}{name}",
                "label": capfirst(str(field.label)),
                "theirs": _text(caller, field, theirs),
                "mine": _text(caller, field, _clean(caller, field, mine)),
            }
        )
    return found


def _clean(caller: Caller, field: FieldSpec, raw: Any) -> Any:
    try:
        return field.type.clean(field, raw, caller.env())
    except FieldError:
        return str(raw)


def _text(caller: Caller, field: FieldSpec, value: Any) -> str:
    """A value as text, references labelled as far as the caller may see them."""
    if field.target and not field.type.is_empty(value):
        keys = set(value) if isinstance(value, (list, tuple)) else {value}
        return ", ".join(labels_of(caller, field, keys).values()) or "–"
    return cells.flat(field, value) or "–"
