"""The pages of a list: whole, the next rows, the rows of a group, the cards of a column, the total."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from rapport.lib.format import format_number
from rapport.records.errors import Invalid, TooSlow
from rapport.records.read.visible import CAP
from rapport.surfaces.web.lists import bulk, filtering, finding, savedviews, sums, tables
from rapport.surfaces.web.lists import state as states
from rapport.surfaces.web.lists.boards import board, more_cards, on_show
from rapport.surfaces.web.lists.calendars import calendar
from rapport.surfaces.web.lists.state import BOARD, CALENDAR, LIST, ListState, address_of
from rapport.surfaces.web.shell import page
from rapport.ui.layout import vary, wants_main

PARTS = {"cursor", "column", "of"}
"""Words of an address that ask for more of a list that stands already."""
ICONS = {LIST: "list", BOARD: "layout-kanban", CALENDAR: "calendar"}


@require_GET
def listing(request: HttpRequest, plural: str) -> HttpResponse:
    """A list in its layout; for htmx the rows or cards that it asks for."""
    state = states.read(request, plural)
    if PARTS & request.GET.keys() and request.headers.get("HX-Request") and not wants_main(request):
        return vary(_part(request, state))
    context, status = _content(request, state)
    return page(request, "web/lists/page.html", {**_frame(state), **context}, status=status)


def _part(request: HttpRequest, state: ListState) -> HttpResponse:
    if "column" in request.GET:
        return render(request, "web/lists/cards.html", more_cards(state, request.GET["column"]))
    if "of" in request.GET and state.group:
        return render(request, "web/lists/group.html", _group_rows(request, state))
    return render(request, "web/lists/rows.html", {"t": tables.rows(state)})


def _group_rows(request: HttpRequest, state: ListState) -> dict[str, Any]:
    """The rows of one group: with a head the first time, then only the next ones."""
    of, value = states.number(request.GET["of"]) or 0, request.GET.get("value", "")[:100]
    table = tables.rows(state, tables.group_filter(state, value), of=of, value=value)
    return {"t": {**table, "rows_id": f"{table['id']}-g{of}"}, "first": not state.cursor}


def _content(request: HttpRequest, state: ListState) -> tuple[dict[str, Any], int]:
    """What the layout shows, or why it can't; and the status."""
    if state.fault:
        return {"fault": {"text": state.fault, "url": state.url(filter={}, sort="", group="", cursor="")}}, 422
    build: dict[str, Callable[[ListState], dict[str, Any]]] = {LIST: _table, BOARD: board, CALENDAR: calendar}
    try:
        return build[state.layout](state), 200
    except (Invalid, TooSlow) as error:
        text = "; ".join(str(m) for texts in error.errors.values() for m in texts) if isinstance(error, Invalid) else ""
        slow = isinstance(error, TooSlow)
        fault = {"text": text or str(error.message), "slow": slow, "url": state.path + "?view=all"}
        return {"fault": fault}, 422 if not slow else 400


def _table(state: ListState) -> dict[str, Any]:
    if state.group:
        return {"grouped": tables.groups(state), "t": tables.table(state, None)}
    return {"t": tables.rows(state)}


def _frame(state: ListState) -> dict[str, Any]:
    """What surrounds the layout: views, toolbar, actions."""
    obj, caller, label = state.obj, state.caller, capfirst(str(state.obj.label_plural))
    return {
        "state": state,
        "obj": obj,
        "title": state.view.name if state.view else label,
        "label": label,
        "layouts": [
            {"label": _layout_label(name), "icon": ICONS[name], "url": state.url(layout=name, cursor=""),
             "active": name == state.layout}
            for name in state.layouts
        ],
        "views": savedviews.menu(state),
        "chips": [] if state.fault else filtering.chips(state),
        "hidden": state.params(),
        "menus": lambda: _menus(state),
        "bulk": lambda: bulk.actions(state),
        "jobs": bulk.running_jobs(state),
        "create_url": address_of("create", obj.plural) if caller.may(obj, "create") else None,
        "quick_url": address_of("quick", obj.plural) if caller.may(obj, "create") else None,
        "bare": not (state.filter or state.q or state.view),
    }  # fmt: skip


def _menus(state: ListState) -> dict[str, Any]:
    """Columns, sorting and grouping to choose from: the same for as long as the address and the fields are."""
    now = state.sort or state.obj.spec.sort
    return {
        "columns": column_choices(state),
        "sorts": [
            {"label": capfirst(str(f.label)), "url": state.url(sort=f.name if now != f.name else f"-{f.name}"),
             "current": now.removeprefix("-") == f.name}
            for f in state.fields.values() if f.type.sortable
        ],
        "groupings": [
            {"label": capfirst(str(f.label)), "url": state.url(group=f.name), "current": f.name == state.group}
            for f in tables.groupable(state)
        ],
    }  # fmt: skip


def _layout_label(name: str) -> str:
    return _("List") if name == LIST else _("Board") if name == BOARD else _("Calendar")


def column_choices(state: ListState) -> list[dict[str, Any]]:
    """The columns to choose from: those shown in their order, then the others."""
    shown = tables.columns_of(state)
    names = (*shown, *(n for n in state.fields if n not in shown))
    return [
        {"name": n, "label": capfirst(str(state.fields[n].label)), "visible": n in shown}
        for n in names
        if state.fields[n].type.cell != "json"
    ]


@require_GET
def total(request: HttpRequest, plural: str) -> HttpResponse:
    """How many records the page shows, loaded after its rows."""
    state = states.read(request, plural)
    try:
        found = finding.count(state, on_show(state))
        sum_ = _sum(state, found)
    except TooSlow:
        return HttpResponse(_("Too many to count"))
    text = f"{format_number(CAP, state.caller.language)}+" if found >= CAP else str(found)
    names = {"count": text, "one": state.obj.label, "many": state.obj.label_plural}
    said = ngettext("%(count)s %(one)s", "%(count)s %(many)s", found) % names
    return HttpResponse(escape(" · ".join([said, *sum_])))


def _sum(state: ListState, found: int) -> list[str]:
    """What the records sum to, where the object's board sums them and they are few enough to be counted."""
    declared = state.obj.spec.board
    if declared is None or not declared.total or found >= CAP:
        return []
    text = sums.texts(state, sums.sums(state, declared, finding.condition(state, on_show(state))).get(None))
    return [text["total_title"]] if text["total_title"] else []
