"""How the value of a field is shown, by `field.type.cell`: as a cell of `ui/macros/table.html`, or as plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from markupsafe import Markup

from rapport.lib import format as formats
from rapport.lib import json
from rapport.records.read import RowView
from rapport.registry import catalog
from rapport.registry.fields import FieldSpec
from rapport.registry.types.contacts import address_line
from rapport.ui import cells as ui_cells

Cell = Any
Show = Callable[[FieldSpec, RowView, Any], Cell]
Make = Callable[[RowView, Any], Cell]
LONGEST = 120
"""Characters of a long text that a list shows."""


def shown(field: FieldSpec, row: RowView) -> Cell:
    """The cell of a field of a record that was read with it; None for no value."""
    value = row.values.get(field.name)
    if value is None or value == "" or value == () or value == {}:
        return None
    return SHOWN.get(field.type.cell, _text)(field, row, value)


def showing(field: FieldSpec) -> Callable[[RowView], Cell]:
    """`shown` for the many rows of a column: what is the same for all of them is looked up once."""
    name, make = field.name, COLUMNS.get(field.type.cell, _single)(field)

    def show(row: RowView) -> Cell:
        value = row.values.get(name)
        if not value and value is not False and value != 0:
            return None
        return make(row, value)

    return show


def _single(field: FieldSpec) -> Make:
    make = SHOWN.get(field.type.cell, _text)
    return lambda row, value: make(field, row, value)


def _badges(field: FieldSpec) -> Make:
    """The badge of an option is made once."""
    made: dict[Any, Cell] = {}

    def make(row: RowView, value: Any) -> Cell:
        cell = made.get(value)
        if cell is None:
            cell = made[value] = ui_cells.cell(_choice(field, row, value))
        return cell

    return make


def _moments(field: FieldSpec) -> Make:
    language, zone = translation.get_language() or "en", timezone.get_current_timezone()

    def make(row: RowView, value: Any) -> Cell:
        text = ui_cells.escape(formats.format_datetime(value, language, zone))
        return Markup(f'<time datetime="{value.isoformat()}">{text}</time>')  # noqa: S704 (escaped)

    return make


def text_of(field: FieldSpec, row: RowView) -> str:
    """The value of a field of a record as plain text in the reader's language and zone."""
    return flat(field, row.values.get(field.name), row.labels.get(field.name))


def flat(field: FieldSpec, value: Any, label: Any = None) -> str:
    """A value as plain text; `label` is what a reference is called."""
    if value is None or value == "" or value == () or value == {}:
        return ""
    language, zone = translation.get_language() or "en", timezone.get_current_timezone()
    match field.type.cell:
        case "reference" | "user" | "file":
            return str(label or "")
        case "references":
            return ", ".join(text for _id, text in label or ())
        case "money":
            return formats.format_money(value.amount, value.currency, language)
        case "date":
            return formats.format_date(value, language, zone)
        case "datetime":
            return formats.format_datetime(value, language, zone)
        case "number" | "decimal" | "rollup":
            return formats.format_number(value, language)
        case "boolean":
            return _("Yes") if value else _("No")
        case _:
            return field.type.to_text(field, value)


def record_url(key: str, record_id: int) -> str:
    """The address of a record's page."""
    return f"{list_url(key)}{record_id}/"


@lru_cache(maxsize=512)
def _list_url(plural: str) -> str:
    return reverse("list", args=[plural])


def list_url(key: str) -> str:
    """The address of an object's list."""
    return _list_url(catalog.current()[key].plural)


# -- one function for each kind of cell ----------------------------------------------------------------------------


def _text(field: FieldSpec, row: RowView, value: Any) -> Cell:
    return str(value)


def _long(field: FieldSpec, row: RowView, value: Any) -> Cell:
    text = " ".join(str(value)[: LONGEST * 2].split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _number(field: FieldSpec, row: RowView, value: Any) -> Cell:
    return formats.format_number(value, translation.get_language() or "en")


def _computed(field: FieldSpec, row: RowView, value: Any) -> Cell:
    return _number(field, row, value) if isinstance(value, (int, float)) else str(value)


def _money(field: FieldSpec, row: RowView, value: Any) -> Cell:
    return formats.format_money(value.amount, value.currency, translation.get_language() or "en")


def _choice(field: FieldSpec, row: RowView, value: Any) -> Cell:
    choice = field.choice(value)
    return {"kind": "badge", "text": choice.label, "tone": choice.tone} if choice else str(value)


def _choices(field: FieldSpec, row: RowView, value: Any) -> Cell:
    found = [c for c in field.choices if c.value in value]
    return {"kind": "badges", "items": [{"text": c.label, "tone": c.tone} for c in found]}


def _reference(field: FieldSpec, row: RowView, value: Any) -> Cell:
    label = row.labels.get(field.name)
    return {"kind": "link", "text": label or _("(no name)"), "url": record_url(field.target, value)}


def _references(field: FieldSpec, row: RowView, value: Any) -> Cell:
    items = [
        {"text": text or _("(no name)"), "tone": formats.tone_of(text or "")}
        for _id, text in row.labels.get(field.name) or ()
    ]
    return {"kind": "badges", "items": items} if items else None


def _user(field: FieldSpec, row: RowView, value: Any) -> Cell:
    return {"kind": "person", "text": row.labels.get(field.name) or ""}


def _file(field: FieldSpec, row: RowView, value: Any) -> Cell:
    return {"kind": "link", "text": row.labels.get(field.name) or _("File"), "url": f"/files/{value}/", "icon": "file"}


def _first(link: Callable[[str], str]) -> Show:
    """The first of several contact points as a link, with how many more there are."""
    return lambda field, row, value: {"kind": "html", "html": _first_of(link, value)}


def _firsts(link: Callable[[str], str]) -> Callable[[FieldSpec], Make]:
    """`_first` for a column."""
    return lambda field: lambda row, value: _first_of(link, value)


def _first_of(link: Callable[[str], str], points: Sequence[Mapping[str, Any]]) -> Markup:
    text, more = str(points[0]["value"]), len(points) - 1
    target = link(text)
    first = f'<a href="{ui_cells.escape(target)}">{ui_cells.escape(text)}</a>' if target else ui_cells.escape(text)
    tail = f' <span class="faint num">+{more}</span>' if more else ""
    return Markup(f"{first}{tail}")  # noqa: S704, each part is escaped above


def _web(field: FieldSpec, row: RowView, value: Any) -> Cell:
    return {"kind": "web", "text": str(value).split("://")[-1].removesuffix("/"), "url": value}


LINKS: dict[str, Callable[[str], str]] = {
    "emails": lambda text: f"mailto:{text}",
    "phones": lambda text: f"tel:{text.replace(' ', '')}",
    "domains": lambda text: f"https://{text}/",
    "handles": lambda text: "",
    "addresses": lambda text: "",
    "contacts": lambda text: "",
}
"""Where contact points of a kind lead to, if anywhere."""
SHOWN: dict[str, Show] = {
    "markdown": _long,
    "number": _number,
    "decimal": _number,
    "formula": _computed,
    "rollup": _computed,
    "money": _money,
    "choice": _choice,
    "choices": _choices,
    "reference": _reference,
    "references": _references,
    "participants": _references,
    "user": _user,
    "file": _file,
    "url": _web,
    "boolean": lambda field, row, value: {"kind": "bool", "value": value},
    "date": lambda field, row, value: {"kind": "date", "value": value},
    "datetime": lambda field, row, value: {"kind": "datetime", "value": value},
    "email": lambda field, row, value: {"kind": "email", "text": value},
    "phone": lambda field, row, value: {"kind": "phone", "text": value},
    "address": lambda field, row, value: address_line(value),
    "json": lambda field, row, value: {"kind": "code", "text": json.dumps(value)[:LONGEST]},
    **{kind: _first(link) for kind, link in LINKS.items()},
}
"""One row for each kind of cell; any other is shown as text."""
COLUMNS: dict[str, Callable[[FieldSpec], Make]] = {
    "choice": _badges,
    "datetime": _moments,
    **{kind: _firsts(link) for kind, link in LINKS.items()},
}
"""Kinds of cells whose columns have something to prepare."""
