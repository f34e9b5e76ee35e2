"""Which records a list's state selects: its filter, and within them what the search box says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rapport.records.filters import combine
from rapport.records.read import Page, visible
from rapport.surfaces.web.lists.state import ListState


def condition(state: ListState, *more: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The filter of a state with what the search box adds, and with `more`."""
    searched = {"field": state.obj.spec.title, "op": "contains", "value": state.q} if state.q.strip() else None
    return combine(state.filter, searched, *more)


def page(state: ListState, columns: tuple[str, ...], *more: Mapping[str, Any] | None, size: int = 50) -> Page:
    """One page of the records of a state. Raises Invalid, TooSlow."""
    found = visible(state.caller, state.obj)
    return found.page(
        columns=columns, filter=condition(state, *more), sort=state.sort, cursor=state.cursor, size=size
    )


def count(state: ListState) -> int:
    """How many records a state selects; the cap of `Visible.count` means "at least". Raises Invalid, TooSlow."""
    return visible(state.caller, state.obj).count(condition(state))
