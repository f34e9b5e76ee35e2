"""Home: tiles, what changed, first steps."""

from __future__ import annotations

import datetime as dt
import json
import re
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import factories as f

from rapport.records import write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def client_of(caller: Caller) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=caller.user_id), backend=BACKEND)
    return client


@pytest.fixture
def ada(db: None) -> Caller:
    """An administrator."""
    return f.admin()


def test_my_tasks_are_shown_and_done_with_one_click(ada: Caller) -> None:
    late = timezone.now() - dt.timedelta(days=3)
    mine = write.create(ada, "task", {"subject": "Call Noor", "due_at": late})
    write.create(f.user("Tom"), "task", {"subject": "Not mine", "due_at": late})
    client = client_of(ada)
    text = client.get("/").content.decode()
    assert "Call Noor" in text
    assert "3 days late" in text
    assert "Not mine" not in text
    done = client.post("/tasks/bulk/?do=action&action=complete", {"ids": mine}, headers={"HX-Request": "true"})
    assert json.loads(done.headers["HX-Trigger"])["toast"]["text"] == "1 task done."
    assert "Call Noor" not in client.get("/").content.decode()


def test_deals_that_rot_or_close_are_shown(ada: Caller) -> None:
    pipeline = write.create(ada, "pipeline", {"name": "Sales"})
    stage = write.create(ada, "stage", {"name": "Open", "pipeline": pipeline, "rotting_days": 7})
    base = {"pipeline": pipeline, "stage": stage}
    write.create(
        ada,
        "deal",
        {"name": "Missed", "close_on": timezone.localdate(timezone=ZoneInfo(ada.zone)) - dt.timedelta(days=2), **base},
    )
    rotten = write.create(ada, "deal", {"name": "Rotten", **base})
    write.create(ada, "deal", {"name": "Fresh", **base})
    with connection.cursor() as cursor:
        moment = timezone.now() - dt.timedelta(days=9)
        value = moment if connection.vendor == "postgresql" else moment.strftime("%Y-%m-%d %H:%M:%S.%f")
        cursor.execute("UPDATE sales_deal SET stage_since = %s WHERE id = %s", (value, rotten))
    text = client_of(ada).get("/").content.decode()
    assert "Missed" in text
    assert "Overdue 2 d" in text
    assert "9 days here" in text
    assert "Fresh" not in text
    assert "has-flag" in client_of(ada).get("/deals/?layout=board").content.decode()


def test_new_leads_are_shown(ada: Caller) -> None:
    write.create(ada, "person", {"last_name": "Okafor", "lifecycle": "lead"})
    write.create(ada, "person", {"last_name": "Durand", "lifecycle": "customer"})
    text = client_of(ada).get("/").content.decode()
    assert "Okafor" in text
    assert "Durand" not in text


def test_changes_are_those_that_may_be_seen(ada: Caller) -> None:
    company = write.create(ada, "company", {"name": "Fjord"})
    write.create(ada, "person", {"last_name": "Secret"})
    tom = f.user("Tom", rights={"person": {"read": "own"}}, fields={"company": {"industry": "hidden"}})
    text = client_of(tom).get("/home/changes/").content.decode()
    assert "Fjord" in text
    assert "Secret" not in text
    write.delete(ada, "company", [company])
    other = write.create(ada, "company", {"name": "Atlas"})
    write.update(ada, "company", other, {"industry": "media"})
    lines = client_of(tom).get("/home/changes/").content.decode()
    assert "added by Ada" in lines
    assert "changed by Ada" not in lines


def test_a_bulk_act_is_one_line(ada: Caller) -> None:
    write.create(ada, "company", {"name": "Before"})
    rows = [{"name": f"Import {n}"} for n in range(300)]
    write.create_many(ada.through("import", "b1"), "company", rows)
    text = client_of(ada).get("/home/changes/").content.decode()
    assert text.count("<li>") == 2
    assert "and others" in text


def test_first_steps_are_ticked_and_hidden(ada: Caller) -> None:
    client = client_of(ada)
    assert "First steps" in client.get("/").content.decode()
    before = client.get("/first-steps/").content.decode().count('class="is-done"')
    write.create(ada, "task", {"subject": "Call"})
    assert client.get("/first-steps/").content.decode().count('class="is-done"') == before + 1
    client.post("/first-steps/hide/")
    assert 'id="first-steps"' not in client.get("/").content.decode()
    client.post("/first-steps/hide/", {"show": "1"})
    assert 'id="first-steps"' in client.get("/").content.decode()


def test_home_without_rights_is_home_all_the_same(ada: Caller) -> None:
    nobody = f.user("Tom", rights={"*": {"read": "none", "create": "none"}})
    answer = client_of(nobody).get("/")
    assert answer.status_code == 200
    assert "My tasks" not in answer.content.decode()
    assert visible(ada, "task").count() == 0


def test_statements_do_not_grow_with_rows(ada: Caller) -> None:
    def statements() -> int:
        client.get("/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
            client.get("/home/changes/")
        return len(captured)

    client = client_of(ada)
    for key in ("task", "person", "interaction"):
        f.make(ada, key)
    write.create(ada, "task", {"subject": "One", "due_at": timezone.now()})
    before = statements()
    for _n in range(6):
        write.create(ada, "task", {"subject": "More", "due_at": timezone.now()})
        write.create(ada, "person", {"last_name": "More"})
    assert statements() == before


def test_whoever_administers_is_asked_to_invite_colleagues(ada: Caller) -> None:
    client = client_of(ada)

    def step() -> str:
        found = re.search(
            r"<li[^>]*>(?:(?!</li>).)*Invite colleagues.*?</li>", client.get("/first-steps/").content.decode(), re.S
        )
        return found[0] if found else ""

    assert 'href="/settings/users/invite/"' in step()
    assert "is-done" not in step()
    client.post("/settings/users/invite/", {"email": "ben@example.com"})
    assert "is-done" in step()
    ben = f.user("Ben")
    assert "Invite colleagues" not in client_of(ben).get("/first-steps/").content.decode()


def test_changes_of_the_system_alone_are_told(ada: Caller) -> None:
    write.create(callers.system(), "company", {"name": "Fjord"})
    answer = client_of(ada).get("/home/changes/")
    assert answer.status_code == 200
    assert "Fjord" in answer.content.decode()
