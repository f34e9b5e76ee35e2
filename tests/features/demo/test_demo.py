"""The demo organisation: plausible, the same at each load, and gone without a trace of it or a loss to others."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from tests import factories as f
from tests.database import snapshot

from rapport.features.demo import accounts, service
from rapport.records import db, write
from rapport.records.accounts import caller as callers
from rapport.records.models import Change, Organisation, Role, Team, User
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import Demo

pytestmark = pytest.mark.django_db
SUNDAY_NIGHT = dt.datetime(2026, 3, 1, 22, 30, tzinfo=dt.UTC)
LOGS = ("records_outboxentry", "records_epoch", "sqlite_sequence")


def rows(text: str) -> list[tuple[Any, ...]]:
    return db.rows(db.Sql(text))


@time_machine.travel(SUNDAY_NIGHT, tick=True)
def test_a_plausible_year_that_can_be_removed_without_a_trace() -> None:
    made = service.load()
    assert made["person"] == 2000
    assert made["company"] == 400
    assert made["deal"] == 272
    assert made["interaction"] == 6013
    assert made["task"] == 615
    _check_times()
    _check_deals()
    _check_people()
    with pytest.raises(service.DemoError):
        service.load()
    done = service.remove()
    assert done["records"] == sum(made.values())
    left = {key: count for key, count in _counts().items() if count}
    assert left == {}
    assert not Change.objects.exists()
    assert [user.email for user in User.objects.all()] == [accounts.ADMINISTRATOR]
    assert len(done["kept"]) == 1


def _counts() -> dict[str, int]:
    return {
        obj.key: int(rows(f'SELECT COUNT(*) FROM "{obj.table}"')[0][0]) for obj in catalog.current().objects.values()
    }


def _check_times() -> None:
    now = timezone.now()
    admin = _admin()
    interactions = visible(admin, "interaction")
    assert interactions.count({"field": "at", "op": "after", "value": "today"}) == 0
    assert Change.objects.filter(at__gt=now).count() == 0
    months = Counter(
        at.month for (at,) in Change.objects.filter(action="create", object_key="interaction").values_list("at")
    )
    assert len(months) == 12
    early = rows(
        "SELECT COUNT(*) FROM customers_participant p JOIN customers_identity i ON i.id = p.identity_id "
        "JOIN customers_person x ON x.id = i.person_id WHERE p.at < x.created_at"
    )
    assert early[0][0] == 0
    tasks = visible(admin, "task")
    still = {"field": "status", "op": "is_not", "value": "done"}
    for period, least in (("past", 20), ("today", 20), ("future", 80)):
        due = {"past": ("before", "today"), "today": ("within", "today"), "future": ("after", "today")}[period]
        assert tasks.count({"all": [still, {"field": "due_at", "op": due[0], "value": due[1]}]}) >= least, period


def _check_deals() -> None:
    outcomes = dict(rows("SELECT outcome, COUNT(*) FROM sales_deal GROUP BY outcome"))
    assert outcomes == {"open": 130, "won": 88, "lost": 54}
    per_deal = rows("SELECT COUNT(*), MIN(at), MAX(at) FROM sales_stagechange GROUP BY deal_id")
    assert len(per_deal) == 272
    assert max(count for count, _first, _last in per_deal) >= 5
    shuffled = rows(
        "SELECT COUNT(*) FROM sales_stagechange a JOIN sales_stagechange b ON b.deal_id = a.deal_id "
        "AND b.id > a.id AND b.at <= a.at"
    )
    assert shuffled[0][0] == 0
    wrong = rows(
        "SELECT COUNT(*) FROM sales_deal d JOIN sales_stage s ON s.id = d.stage_id WHERE s.outcome <> d.outcome "
        "OR (d.outcome = 'lost' AND d.lost_reason = '') OR (d.outcome = 'open') <> (d.closed_at IS NULL)"
    )
    assert wrong[0][0] == 0


def _check_people() -> None:
    stages = dict(rows("SELECT lifecycle, COUNT(*) FROM customers_person GROUP BY lifecycle"))
    assert min(stages.values()) > 20
    assert len(stages) == 6
    emails = rows("SELECT COUNT(*), COUNT(DISTINCT value) FROM customers_identity WHERE kind = 'email'")
    assert emails == [(2000, 2000)]
    assert rows("SELECT COUNT(*) FROM customers_identity WHERE kind = 'phone'")[0][0] > 1500
    assert Team.objects.count() == 2
    assert set(Role.objects.values_list("name", flat=True)) == {"Administrator", "Sales", "Service", "Read only"}
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert Organisation.objects.get().settings[service.FIRST_STEPS]["done"]


def _admin() -> Any:
    return f.caller_of(User.objects.get(email=accounts.ADMINISTRATOR).pk)


def small(context: Any) -> None:
    at = context.now - dt.timedelta(days=3)
    company = context.create("company", [({"name": "Demo Ltd"}, at, {}), ({"name": "Lone Ltd"}, at, {})])
    context.create("person", [({"last_name": "Demo", "company": company[0].id}, at, {})])
    pipeline = context.create("pipeline", [({"name": "Demo"}, at, {})])[0]
    for name, outcome in (("First", "open"), ("Won", "won")):
        context.create("stage", [({"name": name, "pipeline": pipeline.id, "outcome": outcome}, at, {})])


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Demo data of a few records."""
    monkeypatch.setattr(service, "parts", lambda: [Demo(name="small", load=small)])


def test_what_users_made_stays_with_all_that_it_needs(little: None) -> None:
    f.organisation()
    admin = f.admin()
    own_team = f.make(admin, "company", name="Own Ltd")
    before = {key: count for key, count in _counts().items() if count}
    service.load()
    demo = {row.title: row.id for row in visible(admin, "company").page(size=50).rows}
    person = write.create(admin, "person", {"last_name": "Own", "company": demo["Demo Ltd"]})
    write.create(admin, "employment", {"person": person, "company": demo["Demo Ltd"], "role": "Boss"})
    stage = visible(admin, "stage").page(filter={"field": "name", "op": "is", "value": "First"}).rows[0].id
    deal = write.create(admin, "deal", {"name": "Own deal", "stage": stage})
    role = Role.objects.get(name="Sales")
    User.objects.get(pk=admin.user_id).roles.add(role)
    done = service.remove()
    assert _counts() == {**dict.fromkeys(_counts(), 0), **before, "company": 2, "person": 1, "employment": 1,
                         "pipeline": 1, "stage": 1, "deal": 1}  # fmt: skip
    assert {row.title for row in visible(admin, "company").page(size=50).rows} == {"Own Ltd", "Demo Ltd"}
    assert visible(admin, "deal").get(deal).values["stage"] == stage
    assert visible(admin, "company").get(own_team).title == "Own Ltd"
    assert len(done["kept"]) == 3
    assert list(User.objects.values_list("pk", flat=True)) == [admin.user_id]
    assert [r.name for r in Role.objects.all()] == ["Sales"]
    assert not Team.objects.exists()


def test_an_organisation_keeps_its_name_and_its_own_roles_and_teams(little: None) -> None:
    f.organisation()
    admin = f.admin()
    team, role = Team.objects.create(name="Sales"), Role.objects.create(name="Sales", rights={"*": {"read": "none"}})
    before = snapshot(*LOGS)
    service.load()
    assert Organisation.objects.get().name == "Acme"
    assert Role.objects.filter(name="Sales (demo)").exists()
    assert role.holders.count() == 0
    assert team.members.count() > 0
    service.remove()
    assert snapshot(*LOGS) == before
    assert callers.of_user(admin.user_id or 0) is not None


def test_it_can_be_loaded_again_after_its_removal(little: None) -> None:
    service.load()
    service.remove()
    assert not service.is_loaded()
    service.load()
    assert User.objects.count() == len(accounts.PEOPLE)
    assert Role.objects.count() == 4
    service.remove()


def test_a_load_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(context: Any) -> None:
        small(context)
        raise RuntimeError

    before = snapshot(*LOGS)
    monkeypatch.setattr(service, "parts", lambda: [Demo(name="bad", load=fail)])
    with pytest.raises(RuntimeError):
        service.load()
    assert snapshot(*LOGS) == before


def test_parts_come_after_those_that_they_name() -> None:
    a, b = Demo(name="a", load=small, after=("b",)), Demo(name="b", load=small)
    assert [d.name for d in service.ordered([a, b])] == ["b", "a"]
    with pytest.raises(ValueError):
        service.ordered([a])


def test_the_same_at_each_load(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [part for part in service.parts() if part.name in {"tags", "customers"}]
    monkeypatch.setattr(service, "parts", lambda: some)
    with time_machine.travel(SUNDAY_NIGHT, tick=False):
        service.load()
        first = rows("SELECT name, created_at FROM customers_person ORDER BY id")
        service.remove()
        service.load()
        assert rows("SELECT name, created_at FROM customers_person ORDER BY id") == first
