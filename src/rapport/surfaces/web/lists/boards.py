"""A board: a column for each value of the board's field, cards with what the object declares, totals per column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rapport.lib.format import format_date, tone_of
from rapport.records.errors import Invalid, NotFound
from rapport.records.filters import combine
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import Board, Mark
from rapport.surfaces.web.cells import record_url, text_of
from rapport.surfaces.web.lists import finding, sums
from rapport.surfaces.web.lists.state import BOARD, ListState
from rapport.surfaces.web.lists.sums import Summed

CARDS = 25
COLUMNS = 40
TONES = ("blue", "purple", "yellow", "orange", "teal", "pink")
NONE = "none"
"""The column of the records without a value."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the value that moves write, as text and as it is; its title and colour."""

    id: str
    value: Any
    title: str
    tone: str


def board_of(state: ListState) -> tuple[Board, FieldSpec]:
    """The declared board. Raises NotFound for an object without one, or whose field the caller may not see."""
    declared = state.obj.spec.board
    if declared is None or BOARD not in state.layouts:
        raise NotFound
    return declared, state.fields[declared.field]


def board(state: ListState) -> dict[str, Any]:
    """The board of a state, as `ui/macros/board.html` takes it. Raises Invalid, TooSlow."""
    declared, field = board_of(state)
    choices, chosen = within(state)
    columns = columns_of(state, chosen)
    found = totals(state, chosen)
    if NONE in found and not field.required:
        columns = [Column(NONE, None, _("No value"), "neutral"), *columns]
    made = {
        "id": "board",
        "label": _("%(objects)s by %(field)s") % {"objects": _plural(state), "field": field.label},
        "move_url": state.url("move", within=chosen) if state.caller.edits(state.obj, field) else None,
        "columns": [
            {**_head(state, declared, field, c, found.get(c.id), chosen), **_cards(state, c, chosen)} for c in columns
        ],
    }
    label = capfirst(str(state.fields[declared.within].label)) if declared.within else ""
    links = [{"label": text, "url": state.url(within=key), "current": key == chosen} for key, text in choices]
    return {"b": made, "within": links, "within_label": label}


def more_cards(state: ListState, column: str) -> dict[str, Any]:
    """The next cards of a column. Raises NotFound for an unknown column."""
    _choices, chosen = within(state)
    cards = _cards(state, column_named(state, column, chosen), chosen)
    return {"b": {"id": "board"}, "column": {"id": column, **cards}}


def _plural(state: ListState) -> str:
    return capfirst(str(state.obj.label_plural))


def column_named(state: ListState, name: str, chosen: int | None) -> Column:
    """The column with this id. Raises NotFound."""
    if name == NONE:
        return Column(NONE, None, _("No value"), "neutral")
    found = next((c for c in columns_of(state, chosen) if c.id == name), None)
    if found is None:
        raise NotFound
    return found


def column_id(value: Any) -> str:
    """The id of the column of a value."""
    return NONE if value is None or value == "" else str(value)


# -- what the columns are ---------------------------------------------------------------------------------------------


def within(state: ListState) -> tuple[list[tuple[int, str]], int | None]:
    """The records (pipelines, say) of which one is looked at, and which it is: the one asked for, else the first."""
    declared, _field = board_of(state)
    if not declared.within:
        return [], None
    target = catalog.current()[state.fields[declared.within].target]
    rows = visible(state.caller, target).page(columns=(target.spec.title,), sort=target.spec.sort, size=100).rows
    choices = [(row.id, row.title) for row in rows]
    keys = [key for key, _text in choices]
    return choices, state.within if state.within in keys else keys[0] if keys else None


def columns_of(state: ListState, chosen: int | None) -> list[Column]:
    """The columns in their order."""
    declared, field = board_of(state)
    if field.choices:
        return [Column(c.value, c.value, str(c.label), c.tone) for c in field.choices[:COLUMNS]]
    target = catalog.current().objects.get(field.target)
    if target is None:
        raise Invalid({"layout": [_("This object has no columns for a board.")]})
    names = (target.spec.title, *((declared.tone,) if declared.tone else ()))
    filter_ = {"field": declared.within, "op": "is", "value": chosen} if declared.within and chosen else None
    rows = visible(state.caller, target).page(columns=names, filter=filter_, sort=target.spec.sort, size=COLUMNS).rows
    return [Column(str(r.id), r.id, r.title, _tone(target.fields.get(declared.tone), r, i)) for i, r in enumerate(rows)]


def _tone(field: FieldSpec | None, row: RowView, position: int) -> str:
    choice = field.choice(row.values.get(field.name)) if field else None
    return choice.tone if choice and choice.tone != "neutral" else TONES[position % len(TONES)]


def totals(state: ListState, chosen: int | None) -> dict[str, Summed]:
    """Counts and sums by the ids of the columns."""
    declared, _field = board_of(state)
    found = sums.sums(state, declared, finding.condition(state, _chosen(declared, chosen)), declared.field)
    return {column_id(value): summed for value, summed in found.items()}


def counted(state: ListState, summed: Summed | None) -> dict[str, Any]:
    """What the head of a column says of its cards: `count`, `total`, `total_title`."""
    return {"count": summed[0].count if summed else 0, **sums.texts(state, summed)}


def on_show(state: ListState) -> Mapping[str, Any] | None:
    """The condition of the records that a page shows of those that its state selects: a board is one pipeline's."""
    if state.layout != BOARD:
        return None
    declared, _field = board_of(state)
    return _chosen(declared, within(state)[1])


def _chosen(declared: Board, chosen: int | None) -> Mapping[str, Any] | None:
    return {"field": declared.within, "op": "is", "value": chosen} if declared.within and chosen else None


def _head(
    state: ListState, declared: Board, field: FieldSpec, column: Column, summed: Summed | None, chosen: int | None
) -> dict[str, Any]:
    url = None
    if state.caller.may(state.obj, "create") and column.value is not None:
        url = f"{reverse('quick', args=[state.obj.plural])}?{field.name}={column.value}"
        url += f"&{declared.within}={chosen}" if chosen else ""
    return {
        "id": column.id,
        "title": column.title,
        "tone": column.tone,
        **counted(state, summed),
        "create_url": url,
        "locked": column.value is None and field.required,
    }


# -- cards ------------------------------------------------------------------------------------------------------------


def _cards(state: ListState, column: Column, chosen: int | None) -> dict[str, Any]:
    declared, field = board_of(state)
    names = card_fields(state, declared)
    own: Mapping[str, Any] = (
        {"field": field.name, "op": "empty"}
        if column.value is None
        else {"field": field.name, "op": "is", "value": column.value}
    )
    filter_ = combine(own, finding.condition(state, _chosen(declared, chosen)))
    found = finding.records(state).page(
        columns=(*names, *declared.needs), filter=filter_, sort=state.sort, cursor=state.cursor, size=CARDS
    )
    marks = declared.marks(state.caller, found.rows) if declared.marks else {}
    fields = [state.fields[n] for n in names]
    following = state.url(within=chosen, column=column.id, cursor=found.next) if found.next else None
    cards = [card(state.obj.key, row, fields, marks.get(row.id, ())) for row in found.rows]
    return {"cards": cards, "next_url": following}


def card_fields(state: ListState, declared: Board) -> tuple[str, ...]:
    """The fields of a card: as declared, else the subtitle of the object."""
    names = declared.card or (*state.obj.spec.subtitle, "owner")
    return tuple(n for n in names if n in state.fields and n != declared.field)


def card(key: str, row: RowView, fields: Sequence[FieldSpec], marks: Sequence[Mark]) -> dict[str, Any]:
    """A card: money is its value, days are badges, a user its avatar, anything else its subtitle."""
    subtitle: list[str] = []
    badges: list[dict[str, Any]] = [{"text": str(m.text), "tone": m.tone, "icon": m.icon} for m in marks]
    made: dict[str, Any] = {
        "id": row.id, "version": row.version, "title": row.title or _("(no name)"), "url": record_url(key, row.id),
        "flag": next((m.tone for m in marks if m.flag), None),
    }  # fmt: skip
    for field in fields:
        value = row.values.get(field.name)
        if value is None or field.type.is_empty(value):
            continue
        if field.type.key == "money":
            made["value"] = text_of(field, row)
        elif field.type.key in {"date", "datetime"}:
            if not marks:
                badges.append({"text": _day(value), "tone": "neutral", "icon": "calendar"})
        elif field.type.key == "user":
            name = str(row.labels.get(field.name) or "")
            made["avatar"] = {"name": name, "tone": tone_of(name)}
        elif field.type.key == "choice" and (choice := field.choice(value)):
            badges.append({"text": str(choice.label), "tone": choice.tone, "icon": None})
        else:
            subtitle.append(text_of(field, row))
    return made | {"subtitle": " · ".join(s for s in subtitle if s), "badges": badges}


def _day(value: dt.date | dt.datetime) -> str:
    day = timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
    today = timezone.localdate()
    near = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}
    if near_text := near.get((day - today).days):
        return near_text
    style = "MMMd" if day.year == today.year else "yMMMd"
    return format_date(day, translation.get_language() or "en", timezone.get_current_timezone(), style)
