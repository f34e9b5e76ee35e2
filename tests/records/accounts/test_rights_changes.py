"""Changes of users, teams, roles and invitations: who may, what is kept, what the audit log says."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from tests import factories as f
from tests.database import snapshot

from rapport.records.accounts import caller as callers
from rapport.records.accounts import invitations, organisations, roles, teams, users
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import AuditEntry, Invitation, Role, Team, User
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.read import visible

PASSWORD = "correct horse battery"


@pytest.fixture
def admin(db: None) -> Caller:
    return f.admin()


ACTS: dict[str, Callable[[Caller], object]] = {
    "invite": lambda c: invitations.invite(c, "tom@example.com"),
    "rights": lambda c: users.set_rights(c, c.user_id or 0, is_admin=True, team_ids=[], role_ids=[]),
    "deactivate": lambda c: users.deactivate(c, 1),
    "team": lambda c: teams.create(c, name="North"),
    "role": lambda c: roles.create(c, name="Sales"),
    "organisation": lambda c: organisations.update(
        c, name="X", country="DE", currency="EUR", zone="UTC", language="en"
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_v8_3_1_only_administrators_change_rights(admin: Caller, act: str) -> None:
    ann = f.user()
    before = snapshot()
    with pytest.raises(Forbidden):
        ACTS[act](ann)
    assert snapshot() == before


def test_the_last_administrator_stays(admin: Caller) -> None:
    key = admin.user_id or 0
    with pytest.raises(Invalid):
        users.set_rights(admin, key, is_admin=False, team_ids=[], role_ids=[])
    assert User.objects.get(pk=key).is_admin
    other = f.admin()
    users.set_rights(admin, key, is_admin=False, team_ids=[], role_ids=[])
    with pytest.raises(Invalid):
        users.deactivate(other, other.user_id or 0)
    assert User.objects.filter(is_admin=True, is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_administrators_can_not_remove_each_other_at_once(admin: Caller) -> None:
    other = f.admin()
    start = threading.Barrier(2)

    def work(who: Caller, whom: Caller) -> None:
        try:
            start.wait()
            users.set_rights(who, whom.user_id or 0, is_admin=False, team_ids=[], role_ids=[])
        except Invalid:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in ((admin, other), (other, admin))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(is_admin=True, is_active=True).count() == 1


def test_v7_4_2_a_deactivated_user_is_nobody(admin: Caller) -> None:
    ann = f.user()
    users.deactivate(admin, ann.user_id or 0)
    assert callers.of_user(ann.user_id or 0) is None
    users.activate(admin, ann.user_id or 0)
    assert callers.of_user(ann.user_id or 0) is not None


def test_changes_of_rights_are_in_the_audit_log(admin: Caller) -> None:
    ann, north = f.user(), teams.create(admin, name="North")
    users.set_rights(admin, ann.user_id or 0, is_admin=True, team_ids=[north.pk], role_ids=[])
    entry = AuditEntry.objects.filter(act="rights").get()
    assert entry.actor_id == admin.user_id
    assert entry.detail == {"user": ann.email, "administrator": [False, True], "teams": [[], ["North"]]}
    assert f.caller_of(ann.user_id).is_admin


def test_an_invitation_is_used_once(admin: Caller) -> None:
    north, sales = teams.create(admin, name="North"), roles.create(admin, name="Sales")
    invitation, token = invitations.invite(admin, "Tom@Example.com", team_id=north.pk, role_id=sales.pk)
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values())
    made = invitations.accept(token, name="Tom", password=PASSWORD)
    assert (made.email, made.is_admin, made.zone) == ("tom@example.com", False, "Europe/Berlin")
    assert list(made.teams.all()) == [north]
    assert list(made.roles.all()) == [sales]
    before = snapshot()
    with pytest.raises(NotFound):
        invitations.accept(token, name="Eve", password=PASSWORD)
    assert snapshot() == before


def test_an_invitation_expires_and_the_last_one_counts(admin: Caller) -> None:
    _first, old = invitations.invite(admin, "tom@example.com")
    second, token = invitations.invite(admin, "tom@example.com")
    assert invitations.find(old) is None
    assert invitations.find(token) == second
    with time_machine.travel(timezone.now() + invitations.VALID + dt.timedelta(minutes=1)):
        assert invitations.find(token) is None
        with pytest.raises(NotFound):
            invitations.accept(token, name="Tom", password=PASSWORD)
    invitations.withdraw(admin, second.pk)
    assert invitations.find(token) is None
    assert not User.objects.filter(email="tom@example.com").exists()


def test_a_weak_password_leaves_the_invitation_open(admin: Caller) -> None:
    _invitation, token = invitations.invite(admin, "tom@example.com")
    for name, password in (("Tom", "short"), ("Tom", "password1234"), (" ", PASSWORD)):
        with pytest.raises(Invalid):
            invitations.accept(token, name=name, password=password)
    assert invitations.find(token) is not None


def test_users_are_not_invited(admin: Caller) -> None:
    for email in (admin.email.upper(), "no address", ""):
        with pytest.raises(Invalid):
            invitations.invite(admin, email)
    assert not Invitation.objects.exists()


def test_teams_form_a_tree(admin: Caller) -> None:
    top = teams.create(admin, name="Sales")
    north = teams.create(admin, name="North", parent_id=top.pk)
    ann = f.user(teams=(top,))
    assert ann.teams == (top.pk, north.pk)
    with pytest.raises(Invalid):
        teams.update(admin, top.pk, name="Sales", parent_id=north.pk)
    with pytest.raises(Invalid):
        teams.create(admin, name="north")
    teams.delete(admin, top.pk)
    assert Team.objects.get().parent is None


def test_roles_refuse_what_is_no_right(admin: Caller) -> None:
    role = roles.create(admin, name="Sales")
    before = snapshot()
    for rights in ({"nothing": {"read": "all"}}, {"person": {"fly": "all"}}, {"person": {"read": "most"}}):
        with pytest.raises(Invalid):
            roles.update(admin, role.pk, name="Sales", description="", rights=rights)
    for fields in ({"nothing": "read"}, {"job": "see"}, {"name": "hidden"}):
        with pytest.raises(Invalid):
            roles.set_field_rights(admin, role.pk, "person", fields)
    assert snapshot() == before
    roles.update(admin, role.pk, name="Sales", description="", rights={"*": {"read": "team", "edit": ""}})
    roles.set_field_rights(admin, role.pk, "person", {"job": "hidden", "birthday": "edit"})
    role = Role.objects.get()
    assert (role.rights, role.fields) == ({"*": {"read": "team"}}, {"person": {"job": "hidden"}})


@pytest.mark.django_db(transaction=True)
def test_set_up_runs_once_whoever_tries_at_the_same_time() -> None:
    outcomes: list[str] = []
    start = threading.Barrier(3)

    def work(number: int) -> None:
        try:
            start.wait()
            organisations.set_up(
                name="Acme", country="DE", currency="EUR", zone="Europe/Berlin", language="en",
                admin_name="Ada", email=f"ada{number}@example.com", password=PASSWORD,
            )  # fmt: skip
            outcomes.append("made")
        except NotFound:
            outcomes.append("closed")
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["closed", "closed", "made"]
    assert User.objects.count() == 1


def test_a_record_beyond_the_rights_is_not_got_in_place_of_another(db: None) -> None:
    admin = f.admin()
    near = Team.objects.create(name="Near")
    mine, other = f.make(admin, "person", team=near.pk), f.make(admin, "person")
    ann = f.user(teams=(near,), rights={"person": {"read": "team"}})
    assert visible(ann, "person").get(mine).id == mine
    with pytest.raises(NotFound):
        visible(ann, "person").get(other)
