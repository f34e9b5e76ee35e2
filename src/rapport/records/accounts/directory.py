"""The organisation's own settings, and users made and removed by programs rather than by invitation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts import epochs
from rapport.records.accounts.caller import below
from rapport.records.accounts.models import Organisation, Role, Team, User


def organisation() -> Organisation | None:
    """The organisation, once it is set up."""
    return Organisation.objects.order_by("id").first()


@transaction.atomic
def found_organisation(**values: Any) -> Organisation:
    """The one organisation, made with these values. Raises ValueError when there is one."""
    if organisation() is not None:
        raise ValueError("the organisation exists")
    made = Organisation.objects.create(**values)
    epochs.raise_(epochs.RIGHTS)
    return made


@transaction.atomic
def keep_settings(values: Mapping[str, Any]) -> None:
    """Set entries of the organisation's settings; None removes one."""
    row = Organisation.objects.select_for_update().order_by("id").first()
    if row is not None:
        row.settings = {k: v for k, v in {**row.settings, **values}.items() if v is not None}
        row.save(update_fields=["settings"])


@transaction.atomic
def active_users() -> list[tuple[int, str]]:
    """Key and name of everyone who may sign in, by name."""
    return [(user.pk, str(user)) for user in User.objects.filter(is_active=True)]


def members(team: int | None) -> tuple[int, ...]:
    """Keys of the users of a team, and of those below it, who may sign in; none without a team."""
    if team is None:
        return ()
    teams = below([team])
    text = (
        "SELECT DISTINCT m.user_id FROM records_user_teams m JOIN records_user u ON u.id = m.user_id "
        f"WHERE u.is_active AND m.team_id IN ({db.marks(teams)}) ORDER BY m.user_id"
    )
    return tuple(row[0] for row in db.rows(Sql(text, teams)))


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
