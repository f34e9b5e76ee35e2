"""Saved views of an object."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from rapport.features.views import saving
from rapport.features.views.models import SavedView
from rapport.features.views.saving import Definition
from rapport.records.read import visible
from rapport.records.read.following import following
from rapport.surfaces.api.calls import Call, Reply

UNSET = msgspec.UNSET
Line = Annotated[str, msgspec.Meta(max_length=100)]


class ViewAnswer(msgspec.Struct):
    """A view: whose, shared with whom, and what it keeps."""

    id: int
    name: str
    owner: int | None
    share: str
    team: int | None
    layout: str
    filter: dict[str, Any]
    columns: list[str]
    sort: str
    group: str
    mine: bool


class Views(msgspec.Struct):
    """The views of an object that the caller sees."""

    items: list[ViewAnswer]


class ViewGiven(msgspec.Struct, forbid_unknown_fields=True):
    """A view as it shall be; what is left out stays."""

    name: Line | msgspec.UnsetType = UNSET
    share: str | msgspec.UnsetType = UNSET
    team: int | msgspec.UnsetType | None = UNSET
    layout: str | msgspec.UnsetType = UNSET
    filter: dict[str, Any] | msgspec.UnsetType = UNSET
    columns: list[str] | msgspec.UnsetType = UNSET
    sort: str | msgspec.UnsetType = UNSET
    group: str | msgspec.UnsetType = UNSET


def _share(view: SavedView) -> str:
    return saving.EVERYONE if view.everyone else saving.TEAM if view.team_id is not None else saving.PRIVATE


def _answer(call: Call, view: SavedView) -> ViewAnswer:
    return ViewAnswer(
        id=view.pk, name=view.name, owner=view.owner_id, share=_share(view), team=view.team_id, layout=view.layout,
        filter=dict(following(call.caller, call.object, view.filter)), columns=view.columns, sort=view.sort,
        group=view.group, mine=view.owner_id == call.caller.user_id,
    )  # fmt: skip


def list_views(call: Call) -> Reply:
    """The views of an object."""
    return Reply(Views([_answer(call, view) for view in saving.views_of(call.caller, call.object.key)]))


def _or(given: Any, otherwise: Any) -> Any:
    return otherwise if given is UNSET else given


def _definition(call: Call, old: SavedView) -> Definition:
    body = call.body
    filter_ = _or(body.filter, old.filter)
    visible(call.caller, call.object).where(filter_)  # refuses what can't be asked
    return Definition(
        layout=_or(body.layout, old.layout), filter=filter_, columns=tuple(_or(body.columns, old.columns)),
        sort=_or(body.sort, old.sort), group=_or(body.group, old.group),
    )  # fmt: skip


def create_view(call: Call) -> Reply:
    """Keep a view."""
    body, new = call.body, SavedView(object_key=call.object.key)
    made = saving.create_view(
        call.caller, call.object.key, name=_or(body.name, ""), definition=_definition(call, new),
        share=_or(body.share, saving.PRIVATE), team=_or(body.team, None),
    )  # fmt: skip
    return Reply(_answer(call, made), 201)


def update_view(call: Call) -> Reply:
    """Change a view."""
    body, old = call.body, saving.view_of(call.caller, call.object.key, call.id)
    changed = saving.update_view(
        call.caller, call.object.key, call.id, name=_or(body.name, None), definition=_definition(call, old),
        share=_or(body.share, None), team=_or(body.team, old.team_id),
    )  # fmt: skip
    return Reply(_answer(call, changed))


def delete_view(call: Call) -> Reply:
    """Remove a view."""
    saving.delete_view(call.caller, call.object.key, call.id)
    return Reply(status=204)
