"""Teams in a tree."""

from __future__ import annotations

from django.utils.translation import gettext as _

from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.changing import administering
from rapport.records.accounts.models import Team
from rapport.records.errors import Invalid, NotFound


def create(caller: Caller, *, name: str, parent_id: int | None = None) -> Team:
    """A team, at the root or below another. Raises Forbidden, Invalid."""
    with administering(caller, "team created", name):
        return Team.objects.create(name=_named(name), parent=_parent(parent_id))


def update(caller: Caller, team_id: int, *, name: str, parent_id: int | None) -> None:
    """Rename or move a team. Raises Forbidden, NotFound, Invalid (for a place below itself)."""
    with administering(caller, "team changed", name) as noted:
        team = _team(team_id)
        if parent_id in callers.below([team.pk]):
            raise Invalid({"parent": [_("A team can't be part of itself or of a team below it.")]})
        noted["before"] = [team.name, str(team.parent or "")]
        team.name, team.parent = _named(name, team.pk), _parent(parent_id)
        team.save()


def delete(caller: Caller, team_id: int) -> None:
    """Remove a team; those below it move up, its records lose their team. Raises Forbidden, NotFound."""
    with administering(caller, "team deleted") as noted:
        team = _team(team_id)
        noted["team"] = team.name
        team.children.update(parent=team.parent)
        team.delete()


def _team(team_id: int) -> Team:
    team = Team.objects.filter(pk=team_id).first()
    if team is None:
        raise NotFound
    return team


def _parent(parent_id: int | None) -> Team | None:
    if parent_id is None:
        return None
    parent = Team.objects.filter(pk=parent_id).first()
    if parent is None:
        raise Invalid({"parent": [_("Choose a team of the list.")]})
    return parent


def _named(name: str, team_id: int = 0) -> str:
    name = " ".join(name.split())[:100]
    if not name:
        raise Invalid({"name": [_("This is needed.")]})
    if Team.objects.filter(name__iexact=name).exclude(pk=team_id).exists():
        raise Invalid({"name": [_("Another team has this name.")]})
    return name
