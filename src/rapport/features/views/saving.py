"""Saved views, read and written: who sees which, and who may change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rapport.features.views.models import DefaultView, SavedView
from rapport.lib import json
from rapport.lib.sql import TRUE, Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import Team
from rapport.records.errors import Forbidden, Invalid, NotFound

PRIVATE, TEAM, EVERYONE = "private", "team", "everyone"
LAYOUTS = ("list", "board", "calendar")
_COLUMNS = tuple(str(f.column) for f in SavedView._meta.concrete_fields)
MOST = 200
"""Views that one user may keep of one object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a view keeps."""

    layout: str = "list"
    filter: Mapping[str, Any] | None = None
    columns: tuple[str, ...] = ()
    sort: str = ""
    group: str = ""


def views_of(caller: Caller, object_key: str) -> list[SavedView]:
    """The views of an object that the caller sees: own ones, those of everyone and those of the caller's teams."""
    return _seen(caller, Sql('"object_key" = %s', (object_key,)))


def all_views(caller: Caller) -> dict[str, list[SavedView]]:
    """The same for all objects at once, by object."""
    found: dict[str, list[SavedView]] = {}
    for view in _seen(caller, TRUE):
        found.setdefault(view.object_key, []).append(view)
    return found


def _seen(caller: Caller, where: Sql) -> list[SavedView]:
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    statement = (
        f'SELECT {columns} FROM "{SavedView._meta.db_table}" '
        f'WHERE {where.text} AND ("owner_id" = %s OR "everyone" OR "team_id" IS NOT NULL) '
        'ORDER BY "position", "name", "id"'
    )
    found = [_of_row(row) for row in db.rows(Sql(statement, (*where.params, caller.user_id)))]
    if any(_of_team(caller, v) for v in found):
        teams = _teams(caller)
        found = [v for v in found if not _of_team(caller, v) or v.team_id in teams]
    return found


def _of_row(row: tuple[Any, ...]) -> SavedView:
    """A view as the model reads it, without a query set around: every list asks for its views."""
    values = dict(zip(_COLUMNS, row, strict=True))
    values |= {name: json.column(values[name]) for name in ("filter", "columns")}
    values["everyone"] = bool(values["everyone"])
    return SavedView.from_db("default", list(values), list(values.values()))


def view_of(caller: Caller, object_key: str, view_id: int) -> SavedView:
    """One of `views_of`. Raises NotFound."""
    found = next((v for v in views_of(caller, object_key) if v.pk == view_id), None)
    if found is None:
        raise NotFound
    return found


def may_change(caller: Caller, view: SavedView) -> bool:
    """Whether the caller may change or delete a view: its owner, and administrators where others see it too."""
    return view.owner_id == caller.user_id or (caller.is_admin and (view.everyone or view.team_id is not None))


def default_of(caller: Caller, object_key: str) -> int | None:
    """The key of the view with which the list opens for the caller."""
    table = DefaultView._meta.db_table
    statement = f'SELECT "view_id" FROM "{table}" WHERE "user_id" = %s AND "object_key" = %s'
    found = db.row(Sql(statement, (caller.user_id or 0, object_key)))
    return int(found[0]) if found else None


def create_view(
    caller: Caller, object_key: str, *, name: str, definition: Definition, share: str = PRIVATE, team: int | None = None
) -> SavedView:
    """Keep a view. Raises Invalid, and Forbidden for sharing that the caller may not do."""
    if SavedView.objects.filter(owner_id=caller.user_id, object_key=object_key).count() >= MOST:
        raise Invalid({"name": [_("You keep %(max)d views already. Delete one first.") % {"max": MOST}]})
    view = SavedView(object_key=object_key, owner_id=caller.user_id, name=_name(name))
    _share(caller, view, share, team)
    _define(view, definition)
    view.save()
    return view


def update_view(
    caller: Caller, object_key: str, view_id: int, *, name: str | None = None, definition: Definition | None = None,
    share: str | None = None, team: int | None = None,
) -> SavedView:  # fmt: skip
    """Change what is given. Raises NotFound, Forbidden, Invalid."""
    with transaction.atomic():
        view = view_of(caller, object_key, view_id)
        if not may_change(caller, view):
            raise Forbidden
        if name is not None:
            view.name = _name(name)
        if share is not None:
            _share(caller, view, share, team)
        if definition is not None:
            _define(view, definition)
        view.save()
    return view


def delete_view(caller: Caller, object_key: str, view_id: int) -> None:
    """Remove a view. Raises NotFound, Forbidden."""
    view = view_of(caller, object_key, view_id)
    if not may_change(caller, view):
        raise Forbidden
    view.delete()


def set_default(caller: Caller, object_key: str, view_id: int | None) -> None:
    """Open the list with this view from now on; None: with all records. Raises NotFound."""
    if view_id is None:
        DefaultView.objects.filter(user_id=caller.user_id or 0, object_key=object_key).delete()
        return
    view = view_of(caller, object_key, view_id)
    DefaultView.objects.update_or_create(user_id=caller.user_id or 0, object_key=object_key, defaults={"view": view})


def teams_to_share_with(caller: Caller) -> list[tuple[int, str]]:
    """Teams, key and name, with whom the caller may share."""
    teams = Team.objects.all() if caller.is_admin else Team.objects.filter(pk__in=_teams(caller))
    return list(teams.values_list("pk", "name"))


def _of_team(caller: Caller, view: SavedView) -> bool:
    """Whether it is as a member of a team that the caller would see the view."""
    return view.owner_id != caller.user_id and not view.everyone


def _teams(caller: Caller) -> set[int]:
    """The caller's teams, those below them and those above: a view for a team is one for its parts."""
    parents = dict(Team.objects.values_list("pk", "parent_id"))
    found, queue = set(caller.teams), list(caller.teams)
    while queue:
        above = parents.get(queue.pop())
        if above and above not in found:
            found.add(above)
            queue.append(above)
    return found


def _name(raw: str) -> str:
    name = " ".join(str(raw).replace("\x00", "").split())
    if not name:
        raise Invalid({"name": [_("Give the view a name.")]})
    if len(name) > 100:
        raise Invalid({"name": [_("Use at most 100 characters.")]})
    return name


def _share(caller: Caller, view: SavedView, share: str, team: int | None) -> None:
    if share not in (PRIVATE, TEAM, EVERYONE):
        raise Invalid({"share": [_("Choose who sees the view.")]})
    if share == EVERYONE and not view.everyone and not caller.is_admin:
        raise Forbidden(_("Only administrators share views with everyone. Share it with your team instead."))
    if share == TEAM and team not in dict(teams_to_share_with(caller)):
        raise Invalid({"team": [_("Choose one of your teams.")]})
    view.everyone, view.team_id = share == EVERYONE, team if share == TEAM else None


def _define(view: SavedView, definition: Definition) -> None:
    if definition.layout not in LAYOUTS:
        raise Invalid({"layout": [_("Choose list, board or calendar.")]})
    view.layout, view.filter = definition.layout, dict(definition.filter or {})
    view.columns = [str(name)[:60] for name in definition.columns[:100]]
    view.sort, view.group = definition.sort[:62], definition.group[:60]
