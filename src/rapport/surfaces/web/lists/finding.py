"""Which records a list's state selects: its filter, and within them what the search box finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rapport.features.search.finding import search
from rapport.lib.sql import Sql, all_of, one_of
from rapport.records.bulk.running import Selection
from rapport.records.filters import combine
from rapport.records.filters.compiler import Filter
from rapport.records.read import Page, Visible, visible
from rapport.surfaces.web.lists.state import ListState

HITS = 500
"""Records that the search box finds at most, the best ones."""


Condition = Callable[[str], Sql]
"""A condition on the row of an alias."""


class Narrowed(Visible):
    """The records that a caller may see, of those that satisfy conditions which no filter can say."""

    conditions: Sequence[Condition] = ()

    def where(self, filter_: Filter | None = None, action: str = "read", alias: str = "t") -> Sql:
        """As ever, and the conditions."""
        return all_of([super().where(filter_, action, alias), *(c(alias) for c in self.conditions)])


def records(state: ListState, *conditions: Condition) -> Visible:
    """The records among which the filter of a state selects: those that the search box finds."""
    if _searches(state):
        found_ids = hits(state)
        conditions = (*conditions, lambda alias: one_of(f"{alias}.id", found_ids))
    if not conditions:
        return visible(state.caller, state.obj)
    found = Narrowed(state.caller, state.obj)
    found.conditions = conditions
    return found


def hits(state: ListState) -> list[int]:
    """What the search box finds, ascending; looked for once."""
    if state.hits is None:
        found = search(state.caller, state.q, [state.obj.key], limit=HITS)
        object.__setattr__(state, "hits", sorted(hit.id for hit in found))
    assert state.hits is not None
    return state.hits


def _searches(state: ListState) -> bool:
    return bool(state.q.strip() and state.obj.spec.search)


def condition(state: ListState, *more: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The filter of a state and `more`. Objects that are in no index are searched by their title."""
    by_title = None
    if state.q.strip() and not _searches(state):
        by_title = {"field": state.obj.spec.title, "op": "contains", "value": state.q}
    return combine(state.filter, by_title, *more)


def page(state: ListState, columns: tuple[str, ...], *more: Mapping[str, Any] | None, size: int = 50) -> Page:
    """One page of the records of a state. Raises Invalid, TooSlow."""
    return records(state).page(
        columns=columns, filter=condition(state, *more), sort=state.sort, cursor=state.cursor, size=size
    )


def count(state: ListState, *more: Mapping[str, Any] | None) -> int:
    """How many records a state selects; the cap of `Visible.count` means "at least". Raises Invalid, TooSlow."""
    return records(state).count(condition(state, *more))


def everything(state: ListState) -> Selection:
    """All records of a state, for a bulk act. Raises Invalid, TooSlow."""
    if not _searches(state):
        return Selection(filter=condition(state), everything=True)
    return Selection(ids=tuple(records(state).ids(condition(state), limit=HITS)))
