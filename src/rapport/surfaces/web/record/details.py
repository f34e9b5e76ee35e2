"""The fields of a record as rows of its page: whole values, where a list shows the beginning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from markupsafe import Markup

from rapport.lib.format import format_phone
from rapport.records.accounts.caller import Caller
from rapport.records.read import RecordView, RowView
from rapport.registry.catalog import SYSTEM, RegisteredObject
from rapport.registry.fields import FieldSpec
from rapport.registry.types.contacts import ADDRESS_PARTS, ContactsType
from rapport.surfaces.web import cells
from rapport.surfaces.web.fields import tones_of
from rapport.ui.markup import render_markdown

_SPACE, _COMMA = Markup(" "), Markup(", ")
_TONE = Markup('<a class="badge tone-{}" href="{}"><span class="clip">{}</span></a>')


def rows(caller: Caller, obj: RegisteredObject, view: RecordView) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of fields that have a value, and of those that have none but may be given one."""
    order = dict.fromkeys((*(f.name for f in obj.form_fields), *obj.fields))
    filled, blank = [], []
    for name in order:
        field = obj.fields[name]
        if name not in view.values or (name == obj.spec.title and not caller.edits(obj, field)):
            continue
        made = row(caller, obj, field, view)
        if made["value"] is not None:
            filled.append(made)
        elif made["edit_url"]:
            blank.append(made)
    system = {f"field-{name}" for name in SYSTEM}
    filled.sort(key=lambda r: r["id"] in system)
    return filled, blank


def row(caller: Caller, obj: RegisteredObject, field: FieldSpec, view: RecordView) -> dict[str, Any]:
    """One row as `ui/macros/record.html` shows it."""
    editable = "edit" in view.may and caller.edits(obj, field)
    return {
        "id": f"field-{field.name}",
        "label": capfirst(str(field.label)),
        "value": whole(caller, field, view),
        "edit_url": reverse("inline", args=[obj.plural, view.id, field.name]) if editable else None,
    }


def whole(caller: Caller, field: FieldSpec, view: RowView) -> Any:
    """The whole value of a field as a cell; None for no value."""
    value = view.values.get(field.name)
    if value is None or field.type.is_empty(value):
        return None
    if isinstance(field.type, ContactsType):
        return _html(_points(field.type, value))
    if field.type.cell == "references" or field.type.storage == "external":
        return _html(_links(caller, field, view.labels.get(field.name) or ()))
    if field.type.key == "longtext":
        return _html(Markup('<div class="prose">{}</div>').format(render_markdown(value)))
    if field.type.key == "address":
        return _html(_address(value))
    if field.type.key == "phone":
        return _html(_link(_LINKS["phones"](value), format_phone(value)))
    return cells.shown(field, view)


def _html(markup: Markup) -> dict[str, Any]:
    return {"kind": "html", "html": markup}


def _links(caller: Caller, field: FieldSpec, items: Any) -> Markup:
    """References to many records: coloured labels for objects that have a colour, links for others."""
    tones = tones_of(caller, field.target, [key for key, _text in items])
    made = []
    for key, text in items:
        url = cells.record_url(field.target, key)
        link = Markup('<a href="{}">{}</a>').format(url, text)
        made.append(_TONE.format(tones[key], url, text) if key in tones else link)
    return (_SPACE if tones else _COMMA).join(made)


_LINKS: dict[str, Callable[[str], str]] = {
    "emails": lambda text: f"mailto:{text}",
    "phones": lambda text: f"tel:{text.replace(' ', '')}",
    "domains": lambda text: f"https://{text}/",
}
_LINE = Markup('<div class="point">{}{}</div>')


def _link(url: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(url, text)


def _points(type_: ContactsType, points: Any) -> Markup:
    """Contact points one below the other, each with its label where there are several or it says something."""
    labels = {c.value: str(c.label) for c in type_.labels}
    made = []
    for point in points:
        text = str(point["value"])
        shown: Any = _address(point) if any(point.get(part) for part in ADDRESS_PARTS) else text
        if link := _LINKS.get(type_.key):
            shown = _link(link(text), format_phone(text) if type_.key == "phones" else text)
        label = labels.get(point.get("label", ""), "")
        if type_.key == "domains" or (
            type_.key != "handles" and len(points) == 1 and label == str(type_.labels[0].label)
        ):
            label = ""
        made.append(_LINE.format(shown, Markup(' <span class="faint small">{}</span>').format(label) if label else ""))
    return Markup("").join(made)


def _address(parts: Any) -> Markup:
    town = " ".join(filter(None, (parts.get("postcode"), parts.get("city"))))
    lines = (parts.get("street"), parts.get("extra"), town, parts.get("region"), parts.get("country"))
    return Markup("<br>").join(line for line in lines if line)
