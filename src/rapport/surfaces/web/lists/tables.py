"""A list as a table, whole or in groups: what `ui/macros/table.html` takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rapport.records.read import Page
from rapport.records.read.select import labels_of
from rapport.registry.fields import FieldSpec
from rapport.surfaces.web.cells import flat, list_url, showing
from rapport.surfaces.web.lists import finding
from rapport.surfaces.web.lists.state import ListState

NUMBERS = frozenset({"number", "decimal", "money", "rollup"})
GROUPS = 60
"""Groups that one page shows; the rest is behind a filter."""
OPEN = 1
"""Groups that are open from the start."""


def columns_of(state: ListState) -> tuple[str, ...]:
    """The columns that are shown, of those that the caller may see."""
    fields = state.fields
    chosen = tuple(n for n in state.columns if n in fields) or tuple(n for n in state.obj.column_names if n in fields)
    return chosen or tuple(fields)[:1]


def identifier(state: ListState) -> str:
    """The id of the list's element."""
    return f"list-{state.obj.plural}"


def table(state: ListState, page: Page | None, next_url: str | None = None) -> dict[str, Any]:
    """A table of a page of records; without a page only its head."""
    names = columns_of(state)
    fields = [state.fields[n] for n in names]
    primary = state.obj.spec.title if state.obj.spec.title in names else names[0]
    base = list_url(state.obj.key)
    return {
        "id": identifier(state),
        "label": capfirst(str(state.obj.label_plural)),
        "columns": [_column(state, f, f.name == primary) for f in fields],
        "rows": _rows(page, fields, base) if page else [],
        "select": True,
        "next_url": next_url,
    }


def rows(state: ListState, *more: Mapping[str, Any], **address: Any) -> dict[str, Any]:
    """The table of the state's page, with the address of the next; `address` is said beside the cursor."""
    found = finding.page(state, columns_of(state), *more)
    following = state.url(cursor=found.next, **address) if found.next else None
    return table(state, found, following)


def _column(state: ListState, field: FieldSpec, primary: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"name": field.name, "label": capfirst(str(field.label)), "primary": primary}
    if field.type.key in NUMBERS:
        made["align"] = "end"
    if field.type.sortable:
        now = state.sort or state.obj.spec.sort
        made["sort"] = {field.name: "asc", f"-{field.name}": "desc"}.get(now)
        made["sort_url"] = state.url(sort=f"-{field.name}" if now == field.name else field.name)
    return made


def _rows(page: Page, fields: list[FieldSpec], base: str) -> list[dict[str, Any]]:
    shows = [showing(f) for f in fields]
    return [
        {"id": row.id, "label": row.title, "url": f"{base}{row.id}/", "cells": [show(row) for show in shows]}
        for row in page.rows
    ]


# -- groups -----------------------------------------------------------------------------------------------------------


def groupable(state: ListState) -> list[FieldSpec]:
    """The fields by which the list may be grouped."""
    return [f for f in state.fields.values() if f.type.groupable and f.type.storage == "column"]


def group_filter(state: ListState, raw: str) -> Mapping[str, Any]:
    """The condition for the records of one group, named as `groups` names it."""
    if raw == "":
        return {"field": state.group, "op": "empty"}
    return {"field": state.group, "op": "is", "value": raw}


def groups(state: ListState) -> dict[str, Any]:
    """The groups of a list in the order of the options or of their labels, those without a value last."""
    field = state.fields.get(state.group)
    found = finding.records(state).groups(state.group, filter=finding.condition(state))
    assert field is not None
    values = [g.value for g in found if g.value not in (None, "")]
    labels = _labels(state, field, values)
    order = {c.value: i for i, c in enumerate(field.choices)}
    made: list[dict[str, Any]] = []
    for group in found:
        value = group.value
        if value is None or value == "":
            made.append({"key": "", "label": _("No value"), "tone": "neutral", "count": group.count, "at": (1, 0, "")})
            continue
        choice = field.choice(value)
        label = labels.get(value, "")
        made.append(
            {
                "key": _key(field, value),
                "label": label or _("(may not be seen)"),
                "tone": choice.tone if choice else None,
                "count": group.count,
                "at": (0, order.get(value, 0), label.lower()),
            }
        )
    made.sort(key=lambda g: g["at"])
    return {"groups": [_opened(state, g, i) for i, g in enumerate(made[:GROUPS])], "more": max(0, len(made) - GROUPS)}


def _key(field: FieldSpec, value: Any) -> str:
    return ("true" if value else "false") if field.type.key == "boolean" else str(value)


def _opened(state: ListState, group: dict[str, Any], position: int) -> dict[str, Any]:
    only = {"all": [state.filter, group_filter(state, group["key"])]} if state.filter else None
    return {
        **{k: v for k, v in group.items() if k != "at"},
        "id": f"{identifier(state)}-g{position}",
        "rows_url": state.url(of=position, value=group["key"]),
        "url": state.url(group="", filter=only or group_filter(state, group["key"])),
        "open": position < OPEN,
    }


def _labels(state: ListState, field: FieldSpec, values: list[Any]) -> dict[Any, str]:
    if field.type.storage == "column" and field.type.key in {"reference", "user", "team", "file"}:
        return labels_of(state.caller, field, set(values))
    return {value: flat(field, bool(value) if field.type.key == "boolean" else value) for value in values}
