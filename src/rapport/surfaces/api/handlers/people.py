"""Who asks; users, teams and roles."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.conf import settings

from rapport.records.accounts import invitations, roles, teams, users
from rapport.records.accounts.api_tokens import ADMIN
from rapport.records.accounts.models import Role, Team, User
from rapport.records.errors import NotFound
from rapport.registry import catalog
from rapport.registry.objects import ACTIONS
from rapport.surfaces.api.calls import Call, Key, Reply

Line = Annotated[str, msgspec.Meta(max_length=300)]
Levels = dict[str, dict[str, str]]
UNSET = msgspec.UNSET


class Me(msgspec.Struct):
    """Who the token acts for, what it gives, and how far each action reaches on each object."""

    id: int | None
    name: str
    email: str
    administrator: bool
    language: str
    zone: str
    scopes: list[str]
    rights: Levels


class UserAnswer(msgspec.Struct, omit_defaults=True):
    """A user; what is not everyone's business is told to administrators only."""

    id: int
    name: str
    active: bool
    title: str = ""
    email: str | None = None
    administrator: bool | None = None
    teams: list[int] | None = None
    roles: list[int] | None = None


class Users(msgspec.Struct):
    """Users by name."""

    items: list[UserAnswer]


class UserChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be another of a user."""

    name: Line | msgspec.UnsetType = UNSET
    title: Line | msgspec.UnsetType = UNSET
    active: bool | msgspec.UnsetType = UNSET
    administrator: bool | msgspec.UnsetType = UNSET
    teams: list[Key] | msgspec.UnsetType = UNSET
    roles: list[Key] | msgspec.UnsetType = UNSET


class Invite(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to invite."""

    email: Line
    name: Line = ""
    administrator: bool = False
    team: Key | None = None
    role: Key | None = None


class Invited(msgspec.Struct):
    """An invitation; the link is told this once."""

    id: int
    email: str
    link: str


class TeamAnswer(msgspec.Struct):
    """A team; `parent` is the team that it is part of."""

    id: int
    name: str
    parent: int | None


class Teams(msgspec.Struct):
    """Teams by name."""

    items: list[TeamAnswer]


class TeamGiven(msgspec.Struct, forbid_unknown_fields=True):
    """A team as it shall be."""

    name: Line
    parent: Key | None = None


class RoleAnswer(msgspec.Struct):
    """A role: `rights` are object (`*` for all) to action to level, `fields` object to field to hidden or read."""

    id: int
    name: str
    description: str
    rights: Levels
    fields: Levels


class Roles(msgspec.Struct):
    """Roles by name."""

    items: list[RoleAnswer]


class RoleGiven(msgspec.Struct, forbid_unknown_fields=True):
    """A role as it shall be; what is left out stays."""

    name: Line | msgspec.UnsetType = UNSET
    description: Line | msgspec.UnsetType = UNSET
    rights: Levels | msgspec.UnsetType = UNSET
    fields: Levels | msgspec.UnsetType = UNSET


def me(call: Call) -> Reply:
    """Who asks, and what they may."""
    caller = call.caller
    objects = catalog.current().objects.values()
    rights = {
        o.key: {a: caller.level(o, a) for a in ACTIONS} for o in objects if any(caller.may(o, a) for a in ACTIONS)
    }
    return Reply(
        Me(
            id=caller.user_id, name=caller.name, email=caller.email, administrator=caller.is_admin,
            language=caller.language, zone=caller.zone, scopes=list(call.grant.scopes), rights=rights,
        )
    )  # fmt: skip


def _detailed(call: Call) -> bool:
    return call.caller.is_admin and call.grant.allows(ADMIN)


def _user(found: User, detailed: bool) -> UserAnswer:
    plain = UserAnswer(id=found.pk, name=str(found), active=found.is_active, title=found.title)
    if detailed:
        plain.email, plain.administrator = found.email, found.is_admin
        plain.teams = sorted(t.pk for t in found.teams.all())
        plain.roles = sorted(r.pk for r in found.roles.all())
    return plain


def list_users(call: Call) -> Reply:
    """Users; the active ones, for administrators all."""
    detailed = _detailed(call)
    found = User.objects.prefetch_related("teams", "roles") if detailed else User.objects.filter(is_active=True)
    return Reply(Users([_user(user, detailed) for user in found]))


def get_user(call: Call) -> Reply:
    """One user."""
    detailed = _detailed(call)
    found = User.objects.filter(pk=call.id).first()
    if found is None or not (detailed or found.is_active):
        raise NotFound
    return Reply(_user(found, detailed))


def update_user(call: Call) -> Reply:
    """Name, rights, and whether they may sign in."""
    caller, body = call.caller, call.body
    users.check_administrator(caller)
    found = User.objects.filter(pk=call.id).first()
    if found is None:
        raise NotFound
    if UNSET is not body.name or UNSET is not body.title:
        users.rename(caller, call.id, name=_or(body.name, found.name), title=_or(body.title, found.title))
    if not (body.administrator is UNSET and body.teams is UNSET and body.roles is UNSET):
        users.set_rights(
            caller, call.id, is_admin=_or(body.administrator, found.is_admin),
            team_ids=_or(body.teams, [t.pk for t in found.teams.all()]),
            role_ids=_or(body.roles, [r.pk for r in found.roles.all()]),
        )  # fmt: skip
    if body.active is not UNSET and body.active != found.is_active:
        (users.activate if body.active else users.deactivate)(caller, call.id)
    return get_user(call)


def _or(given: Any, otherwise: Any) -> Any:
    return otherwise if given is UNSET else given


def invite(call: Call) -> Reply:
    """Invite somebody; hand the link over."""
    body = call.body
    made, token = invitations.invite(
        call.caller, body.email, name=body.name, is_admin=body.administrator, team_id=body.team, role_id=body.role
    )
    return Reply(Invited(made.pk, made.email, f"{settings.BASE_URL}/join/{token}/"), 201, secret=True)


def list_teams(call: Call) -> Reply:
    """All teams."""
    return Reply(Teams([_team(team) for team in Team.objects.all()]))


def _team(team: Team) -> TeamAnswer:
    return TeamAnswer(team.pk, team.name, team.parent_id)


def create_team(call: Call) -> Reply:
    """A new team."""
    return Reply(_team(teams.create(call.caller, name=call.body.name, parent_id=call.body.parent)), 201)


def update_team(call: Call) -> Reply:
    """Rename or move a team."""
    teams.update(call.caller, call.id, name=call.body.name, parent_id=call.body.parent)
    return Reply(_team(Team.objects.get(pk=call.id)))


def delete_team(call: Call) -> Reply:
    """Remove a team."""
    teams.delete(call.caller, call.id)
    return Reply(status=204)


def _role(role: Role) -> RoleAnswer:
    return RoleAnswer(role.pk, role.name, role.description, role.rights, role.fields)


def list_roles(call: Call) -> Reply:
    """All roles."""
    users.check_administrator(call.caller)
    return Reply(Roles([_role(role) for role in Role.objects.all()]))


def get_role(call: Call) -> Reply:
    """One role."""
    users.check_administrator(call.caller)
    return Reply(_role(roles.get(call.id)))


def create_role(call: Call) -> Reply:
    """A new role."""
    body = call.body
    made = roles.create(call.caller, name=_or(body.name, ""), description=_or(body.description, ""))
    return Reply(_filled(call, made), 201)


def update_role(call: Call) -> Reply:
    """What a role is called and says."""
    users.check_administrator(call.caller)
    return Reply(_filled(call, roles.get(call.id)))


def _filled(call: Call, role: Role) -> RoleAnswer:
    body = call.body
    roles.update(
        call.caller, role.pk, name=_or(body.name, role.name), description=_or(body.description, role.description),
        rights=_or(body.rights, role.rights),
    )  # fmt: skip
    for key, fields in (_or(body.fields, {})).items():
        roles.set_field_rights(call.caller, role.pk, key, fields)
    return _role(roles.get(role.pk))


def delete_role(call: Call) -> Reply:
    """Remove a role."""
    roles.delete(call.caller, call.id)
    return Reply(status=204)
