"""Users, teams, roles and the organisation: made and removed here, so that every process learns of changed rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from rapport.records.accounts import epochs
from rapport.records.accounts.models import Organisation, Role, Team, User


def organisation() -> Organisation | None:
    """The organisation, once it is set up."""
    return Organisation.objects.first()


@transaction.atomic
def found_organisation(**values: Any) -> Organisation:
    """The one organisation, made with these values. Raises ValueError when there is one."""
    if Organisation.objects.exists():
        raise ValueError("the organisation exists")
    made = Organisation.objects.create(**values)
    epochs.raise_(epochs.RIGHTS)
    return made


@transaction.atomic
def keep_settings(values: Mapping[str, Any]) -> None:
    """Set entries of the organisation's settings; None removes one."""
    row = Organisation.objects.select_for_update().first()
    if row is not None:
        row.settings = {k: v for k, v in {**row.settings, **values}.items() if v is not None}
        row.save(update_fields=["settings"])


@transaction.atomic
def create_team(name: str, parent: Team | None = None) -> Team:
    """A team. Raises IntegrityError when the name is taken."""
    made = Team.objects.create(name=name, parent=parent)
    epochs.raise_(epochs.RIGHTS)
    return made


@transaction.atomic
def create_role(
    name: str, description: str, rights: Mapping[str, Mapping[str, str]], fields: Mapping[str, Mapping[str, str]]
) -> Role:
    """A role. Raises IntegrityError when the name is taken."""
    made = Role.objects.create(name=name, description=description, rights=dict(rights), fields=dict(fields))
    epochs.raise_(epochs.RIGHTS)
    return made


@transaction.atomic
def create_user(
    email: str, name: str, *, password: str | None = None, teams: Iterable[Team] = (), roles: Iterable[Role] = (),
    **values: Any,
) -> User:  # fmt: skip
    """A user; without a password, sign-in is by link, passkey or provider only. Raises IntegrityError."""
    made = User.objects.create_user(email, password, name=name, **values)
    made.teams.set(teams)
    made.roles.set(roles)
    epochs.raise_(epochs.RIGHTS)
    return made


@transaction.atomic
def remove_users(ids: Iterable[int]) -> None:
    """Remove users for good; what they owned has no owner afterwards."""
    User.objects.filter(pk__in=list(ids)).delete()
    epochs.raise_(epochs.RIGHTS)


@transaction.atomic
def remove_teams(ids: Iterable[int]) -> list[int]:
    """Remove teams without members; those removed."""
    empty = list(Team.objects.filter(pk__in=list(ids), members=None).values_list("pk", flat=True))
    Team.objects.filter(pk__in=empty).delete()
    epochs.raise_(epochs.RIGHTS)
    return empty


@transaction.atomic
def remove_roles(ids: Iterable[int]) -> list[int]:
    """Remove roles that nobody holds; those removed."""
    unheld = list(Role.objects.filter(pk__in=list(ids), holders=None).values_list("pk", flat=True))
    Role.objects.filter(pk__in=unheld).delete()
    epochs.raise_(epochs.RIGHTS)
    return unheld
