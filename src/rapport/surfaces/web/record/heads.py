"""The head of a record's page: title, what stands below it, labels, the way through its stages, what may be done."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.text import capfirst
from markupsafe import Markup

from rapport.lib import json
from rapport.records.accounts.caller import Caller
from rapport.records.bulk.changing import actions_of
from rapport.records.filters.matching import matches
from rapport.records.read import RecordView, RowView, visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import Action
from rapport.registry.ties import tie_of
from rapport.surfaces.web import cells
from rapport.surfaces.web.fields import tones_of

LONGEST_PATH = 7
"""A field with more options than this is no way that records go along."""


def context(caller: Caller, obj: RegisteredObject, view: RecordView) -> dict[str, Any]:
    """What the macro of `web/record/head_parts.html` takes."""
    return {
        "obj": obj,
        "record": view,
        "head": head(caller, obj, view),
        "steps": steps(caller, obj, view),
        "actions": offered(caller, obj, view),
    }


def head(caller: Caller, obj: RegisteredObject, view: RecordView) -> dict[str, Any]:
    """What the macro `header` takes."""
    title = view.title or str(obj.label)
    named = obj.spec.icon in {"user", "users"}
    return {
        "title": title,
        "subtitle": _subtitle(caller, obj, view),
        "icon": None if named else obj.spec.icon,
        "avatar": title if named else None,
        "tone": None,
        "badges": _badges(caller, obj, view),
        "crumbs": [
            {"label": capfirst(str(obj.label_plural)), "url": reverse("list", args=[obj.plural])},
            {"label": title},
        ],
    }


def _subtitle(caller: Caller, obj: RegisteredObject, view: RecordView) -> Markup:
    parts = []
    for name in obj.spec.subtitle:
        field = obj.fields[name]
        value = view.values.get(name)
        if value is None or field.type.is_empty(value):
            continue
        text = cells.flat(field, value, view.labels.get(name))
        if field.type.key == "reference":
            parts.append(Markup('<a href="{}">{}</a>').format(cells.record_url(field.target, value), text))
        else:
            parts.append(Markup.escape(text))
    return Markup(" · ").join(parts)


def _badges(caller: Caller, obj: RegisteredObject, view: RecordView) -> list[dict[str, Any]]:
    """Options that have a colour, but for the one that the path shows; coloured records such as labels."""
    found = []
    path = path_field(obj)
    for name, field in obj.fields.items():
        value = view.values.get(name)
        if field.type.is_empty(value) or name not in view.values:
            continue
        if field.type.key == "choice" and field is not path:
            choice = field.choice(value)
            if choice and choice.tone != "neutral":
                found.append({"text": choice.label, "tone": choice.tone})
        elif field.type.key == "references":
            items = view.labels.get(name) or ()
            tones = tones_of(caller, field.target, [key for key, _text in items])
            url = reverse("list", args=[obj.plural])
            found += [
                {"text": text, "tone": tones[key], "url": f"{url}?filter={_has(name, key)}"}
                for key, text in items
                if key in tones
            ]
    return found


def _has(name: str, key: int) -> str:
    return quote(json.dumps({"field": name, "op": "has", "value": key}))


def path_field(obj: RegisteredObject) -> FieldSpec | None:
    """The field whose values records go through: that of the board, unless it has too many options to be a way."""
    if obj.spec.board is None:
        return None
    field = obj.fields[obj.spec.board.field]
    return field if field.type.key != "choice" or len(field.choices) <= LONGEST_PATH else None


def steps(caller: Caller, obj: RegisteredObject, view: RecordView) -> list[dict[str, Any]]:
    """What the macro `steps` takes; empty where there is no way or the caller may not see it."""
    field = path_field(obj)
    if field is None or field.name not in view.values:
        return []
    value = view.values[field.name]
    items = _options(caller, obj, field, view)
    at = next((i for i, item in enumerate(items) if item[0] == value), -1)
    editable = "edit" in view.may and caller.edits(obj, field)
    url = reverse("step", args=[obj.plural, view.id])
    return [
        {
            "label": label,
            "state": _ENDS.get(tone, "now") if i == at else "done" if i < at and tone not in _ENDS else "next",
            "post_url": url if editable and i != at else None,
            "fields": {"to": key, "version": view.version},
        }
        for i, (key, label, tone) in enumerate(items)
    ]


_ENDS = {"green": "won", "red": "lost"}
"""How the step of a record that arrived is shown, by its tone; nobody comes through one to get to another."""


def _options(caller: Caller, obj: RegisteredObject, field: FieldSpec, view: RecordView) -> list[tuple[Any, str, str]]:
    """The values that the path goes through, in order: value, label, tone."""
    if field.choices:
        return [(c.value, str(c.label), c.tone) for c in field.choices]
    target = catalog.current()[field.target]
    tie = tie_of(obj)
    narrowed = {"field": tie.shared, "op": "is", "value": view.values.get(tie.by)} if tie else None
    if narrowed and narrowed["value"] is None:
        return []
    toned = target.fields.get(obj.spec.board.tone) if obj.spec.board else None
    columns = (toned.name,) if toned else ()
    rows = visible(caller, target).page(columns=columns or ("id",), filter=narrowed, size=30).rows
    return [(row.id, row.title, _tone(toned, row)) for row in rows]


def _tone(field: FieldSpec | None, row: RowView) -> str:
    choice = field.choice(row.values.get(field.name)) if field else None
    return choice.tone if choice else ""


def offered(caller: Caller, obj: RegisteredObject, view: RecordView) -> list[Action]:
    """The acts of the object that may be done on the record as it is."""
    env = caller.env()
    return [
        action
        for action in actions_of(obj)
        if action.needs in view.may | {"read"}
        and (action.offered is None or matches(obj, action.offered, view.get, env))
    ]
