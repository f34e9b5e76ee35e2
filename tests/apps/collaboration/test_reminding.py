"""Reminders and hand-overs, and how notifications leave by mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import time_machine
from django.core import mail
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.apps.collaboration import reminding
from rapport.features.notifications import choosing, mailing, reading
from rapport.features.notifications.choosing import Choice
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.bulk import running
from rapport.records.bulk.changing import Act
from rapport.records.bulk.running import Selection
from rapport.records.jobs import worker
from rapport.records.read import visible

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


class Context:
    """A job that nobody watches."""

    def progress(self, done: int) -> None:
        """Nothing to do."""


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ada(db: None, clock: Any) -> Caller:
    return f.admin()


def task(caller: Caller, **values: object) -> int:
    return write.create(caller, "task", {"subject": "Call Noor", **values})


def test_a_reminder_is_told_once_when_its_time_has_come(ada: Caller, clock: Any) -> None:
    ben = f.user("Ben")
    key = task(ada, remind_at=MONDAY + HOUR, assignee=ben.user_id)
    task(ada, remind_at=MONDAY + HOUR, assignee=ben.user_id, status="done")
    assert reminding.remind(Context()) == 0
    clock.move_to(MONDAY + 3 * HOUR)
    assert reminding.remind(Context()) == 1
    assert reminding.remind(Context()) == 0
    found = [n for n in reading.page(ben) if n.kind == "task-due"]
    assert [(n.record_id, n.sentence, n.at) for n in found] == [(key, "Remember: Call Noor", MONDAY + HOUR)]
    mailing.send_now(Context())
    assert [(m.to, m.subject) for m in mail.outbox] == [([ben.email], "Remember: Call Noor")]
    assert f"/tasks/{key}/" in mail.outbox[0].body
    mailing.send_now(Context())
    assert len(mail.outbox) == 1
    write.update(ada, "task", key, {"remind_at": MONDAY + 5 * HOUR})
    assert reminding.remind(Context()) == 0
    clock.move_to(MONDAY + 6 * HOUR)
    assert reminding.remind(Context()) == 1


def test_the_worker_reminds_by_itself(ada: Caller, clock: Any) -> None:
    from rapport.records.jobs import schedule

    task(ada, remind_at=MONDAY + HOUR)
    clock.move_to(MONDAY + 2 * HOUR)
    schedule.plan()
    worker.drain()
    assert [n.kind for n in reading.page(ada)] == ["task-due"]
    assert [m.subject for m in mail.outbox] == ["Remember: Call Noor"]


def test_a_refused_mail_is_tried_again_and_a_sent_one_not(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    task(ada, remind_at=MONDAY)
    reminding.remind(Context())

    def refuse(*_args: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(mailing, "send_mail", refuse)
        with pytest.raises(ConnectionRefusedError):
            mailing.send_now(Context())
    assert mailing.send_now(Context()) == 1
    assert mailing.send_now(Context()) == 0
    assert len(mail.outbox) == 1


def test_one_refused_address_does_not_hold_up_the_others(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    ben = f.user("Ben")
    for user in (ada, ben):
        task(ada, remind_at=MONDAY, assignee=user.user_id)
    reminding.remind(Context())
    deliver = mailing.send_mail

    def refuse(subject: str, body: str, sender: str | None, to: list[str]) -> None:
        if to == [ada.email]:
            raise SMTPRecipientsRefused({ada.email: (550, b"unknown")})
        deliver(subject, body, sender, to)

    monkeypatch.setattr(mailing, "send_mail", refuse)
    assert mailing.send_now(Context()) == 1
    assert mailing.send_now(Context()) == 0
    assert [m.to for m in mail.outbox] == [[ben.email]]


def test_a_digest_leaves_once_in_the_morning_without_what_was_read(ada: Caller, clock: Any) -> None:
    ben = f.user("Ben")  # in Berlin
    choosing.choose(ben.user_id, {"assigned": Choice(page=True, mail="digest")})
    first, second = (task(ada, subject=name, assignee=ben.user_id) for name in ("One", "Two"))
    worker.drain()
    assert mail.outbox == []
    reading.mark_read(ben, [n.id for n in reading.page(ben) if n.record_id == first])
    clock.move_to(dt.datetime(2026, 3, 3, 5, 30, tzinfo=dt.UTC))
    assert mailing.send_digests(Context()) == 0
    clock.move_to(dt.datetime(2026, 3, 3, 6, 30, tzinfo=dt.UTC))
    assert mailing.send_digests(Context()) == 1
    assert mail.outbox[0].subject == "Your day in Rapport, 2026-03-03"
    assert f"/tasks/{second}/" in mail.outbox[0].body
    assert f"/tasks/{first}/" not in mail.outbox[0].body
    task(ada, subject="Three", assignee=ben.user_id)
    worker.drain()
    assert mailing.send_digests(Context()) == 0


def test_what_may_not_be_seen_any_more_is_not_mailed(ada: Caller) -> None:
    key = task(ada, remind_at=MONDAY, owner=None)
    reminding.remind(Context())
    write.delete(ada, "task", [key])
    assert mailing.send_now(Context()) == 0
    assert mail.outbox == []


def test_handing_over_gives_record_tasks_and_a_note(ada: Caller) -> None:
    ben = f.user("Ben Olsen")
    person = f.make(ada, "person")
    mine, done = task(ada, person=person), task(ada, person=person, status="done")
    client = signed_in(ada)
    page = client.get(f"/people/{person}/act/hand-over/").content.decode()
    assert 'name="note"' in page
    refused = client.post(f"/people/{person}/act/hand-over/", {"to": "", "note": "x"})
    assert refused.status_code == 422
    assert visible(ada, "person").get(person).values["owner"] == ada.user_id
    sent = {"to": ben.user_id, "note": "Likes to be called early", "tasks": "true"}
    assert client.post(f"/people/{person}/act/hand-over/", sent).status_code == 303
    assert visible(ada, "person").get(person).values["owner"] == ben.user_id
    assert visible(ada, "task").get(mine).values["assignee"] == ben.user_id
    assert visible(ada, "task").get(done).values["assignee"] == ada.user_id
    worker.drain()
    kinds = [(n.kind, n.detail) for n in reading.page(ben) if n.object_key == "person" and n.kind != "comment"]
    assert kinds == [("hand-over", "Likes to be called early")]
    assert "Handed over to Ben Olsen: Likes to be called early" in client.get(f"/people/{person}/").content.decode()


def test_tickets_are_handed_over_in_bulk_with_who_works_on_them(ada: Caller) -> None:
    ben = f.user("Ben")
    tickets = tuple(write.create(ada, "ticket", {"subject": f"T{n}"}) for n in range(2))
    act = Act(kind="action", action="hand-over", values={"to": str(ben.user_id), "note": "", "tasks": ""})
    started = running.start(ada, "ticket", act, Selection(ids=tickets))
    assert started.outcome is not None
    assert started.outcome.done == 2
    for key in tickets:
        found = visible(ada, "ticket").get(key).values
        assert (found["owner"], found["assignee"]) == (ben.user_id, ben.user_id)


def test_runs_that_found_nothing_leave_one_row(ada: Caller, clock: Any) -> None:
    from rapport.records.jobs import schedule
    from rapport.records.jobs.models import JobRow

    for minute in range(4):
        clock.move_to(MONDAY + dt.timedelta(minutes=2 * minute))
        schedule.plan()
        worker.drain()
    assert JobRow.objects.filter(name="remind").count() == 1
    task(ada, remind_at=MONDAY)
    clock.move_to(MONDAY + dt.timedelta(minutes=10))
    schedule.plan()
    worker.drain()
    assert sorted(JobRow.objects.filter(name="remind").values_list("result", flat=True)) == [0, 1]


def test_who_may_not_set_the_owner_hands_nothing_over(ada: Caller) -> None:
    ben = f.user("Ben")
    eve = f.user("Eve", rights={"*": {"read": "all", "edit": "all"}}, fields={"person": {"owner": "read"}})
    person = f.make(ada, "person")
    answer = signed_in(eve).post(f"/people/{person}/act/hand-over/", {"to": ben.user_id, "note": "Take it"})
    assert answer.status_code == 403
    assert visible(ada, "comment").count() == 0
    worker.drain()
    assert reading.page(ben) == []
