"""Sequences: what a step makes, once; what stops them; who may; how they are counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests import factories as f
from tests.apps.sequences.office import (
    BERLIN,
    MONDAY,
    Clock,
    advance,
    enroll,
    interaction,
    person,
    read,
    rows,
    sequence,
)
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.apps.sequences import advancing, enrolling, planning, steps
from rapport.apps.sequences.models import StepRun
from rapport.apps.sequences.numbers import numbers
from rapport.records import write
from rapport.records.accounts import users
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.jobs import worker
from rapport.records.read import visible

pytestmark = pytest.mark.django_db


def local(moment: dt.datetime | None) -> str:
    assert moment is not None
    return moment.astimezone(BERLIN).strftime("%a %H:%M")


# -- what steps make --------------------------------------------------------------------------------------------------


def test_steps_come_on_their_days(ada: Caller, noor: int, clock: Clock) -> None:
    first = sequence(ada)
    deal = f.make(ada, "deal", name="Boats")
    key = enroll(ada, first, noor, deal=deal)
    assert read("enrollment", key)["next_at"] == MONDAY  # day 0, and the hour is past
    assert advance() == 1
    (mail,) = rows(ada, "outgoing_mail", "subject", "body", "state", "owner", "address", "deal")
    assert (mail["subject"], mail["body"]) == ("Hello Noor", "How is Fjord & Co?")
    assert (mail["state"], mail["owner"], mail["address"]) == ("draft", ada.user_id, "noor@fjord.example")
    assert mail["deal"] == deal
    assert (read("enrollment", key)["steps_done"], local(read("enrollment", key)["next_at"])) == (1, "Wed 09:00")
    assert advance() == 0
    clock.go(days=2)
    assert advance() == 1
    (call,) = rows(ada, "task", "subject", "description", "assignee", "owner", "due_at", "person", "deal", "company")
    assert (call["subject"], call["description"]) == ("Call Noor Okafor", "Ask about Boats\n\nPhone: +4930123456")
    assert (call["assignee"], call["owner"], call["person"]) == (ada.user_id, ada.user_id, noor)
    assert local(call["due_at"]) == "Wed 17:00"
    clock.go(days=2)
    assert advance() == 1
    assert rows(ada, "task", "priority")[1]["priority"] == "high"
    assert read("enrollment", key)["state"] == "running"  # an answer to the last step still counts
    assert local(read("enrollment", key)["next_at"]) == "Fri 09:00"
    clock.go(days=7)
    assert advance() == 0
    ended = read("enrollment", key)
    assert (ended["state"], ended["next_at"], ended["ended_at"], ended["steps_done"]) == (
        "finished",
        None,
        clock.now,
        3,
    )
    assert {row["status"] for row in rows(ada, "task", "status")} == {"open"}  # work that is still to be done


def test_weekends_are_left_out_unless_every_day_counts(ada: Caller, noor: int, clock: Clock) -> None:
    clock.go(days=4)  # a Friday
    plan = ({"kind": "task", "day": 1},)
    working = enroll(ada, sequence(ada, plan), noor)
    every = enroll(ada, sequence(ada, plan, days="calendar", hour=7), noor)
    assert local(read("enrollment", working)["next_at"]) == "Mon 09:00"
    assert local(read("enrollment", every)["next_at"]) == "Sat 07:00"


def test_the_hour_is_that_of_whoever_works_on_it(ada: Caller, noor: int) -> None:
    users_zone = f.user("Kiri")
    from rapport.records.accounts import epochs
    from rapport.records.accounts.models import User

    User.objects.filter(pk=users_zone.user_id).update(zone="Pacific/Auckland")
    epochs.raise_(epochs.RIGHTS)
    key = enroll(ada, sequence(ada, ({"kind": "task", "day": 3},)), noor, owner=users_zone.user_id)
    at = read("enrollment", key)["next_at"]
    assert at.astimezone(dt.UTC).hour == 20  # nine in the morning in Auckland
    write.update(ada, "enrollment", key, {"owner": ada.user_id})
    assert local(read("enrollment", key)["next_at"]) == "Thu 09:00"


def test_late_steps_keep_their_distance(ada: Caller, noor: int, clock: Clock) -> None:
    key = enroll(ada, sequence(ada), noor)
    clock.go(days=14)  # no worker ran for two weeks
    assert advance() == 1
    assert local(read("enrollment", key)["next_at"]) == "Wed 09:00"
    assert advance() == 0


def test_a_template_is_filled_with_what_its_owner_may_see(ada: Caller, noor: int) -> None:
    template = write.create(
        ada, "mail_template", {"name": "T", "subject": "For {{ person.name }}", "body": "[{{ person.birthday }}]"}
    )
    write.update(ada, "person", noor, {"birthday": "1990-05-01"})
    blind = f.user("Bo", fields={"person": {"birthday": "hidden"}})
    enroll(ada, sequence(ada, ({"kind": "mail", "day": 0, "template": template},)), noor, owner=blind.user_id)
    assert advance() == 1
    (mail,) = rows(ada, "outgoing_mail", "subject", "body", "owner", "created_by")
    assert (mail["subject"], mail["body"]) == ("For Noor Okafor", "[]")
    assert (mail["owner"], mail["created_by"]) == (blind.user_id, blind.user_id)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "mail", "subject": "No text"}, "subject"),
        ({"kind": "mail", "subject": "s", "body": "{{ person.shoe_size }}"}, "body"),
        ({"kind": "task", "subject": "{{ ticket.name }}"}, "subject"),
        ({"kind": "task", "day": 366}, "day"),
        ({"kind": "task", "day": -1}, "day"),
    ],
)
def test_a_step_that_could_not_be_made_is_refused(ada: Caller, values: dict[str, Any], field: str) -> None:
    key = sequence(ada, ())
    with pytest.raises(Invalid) as refused:
        write.create(ada, "sequence_step", {"sequence": key, "day": 1, **values})
    assert field in refused.value.errors


def test_a_template_and_an_own_text_are_one_too_many(ada: Caller) -> None:
    template = write.create(ada, "mail_template", {"name": "T", "subject": "S", "body": "B"})
    values = {"sequence": sequence(ada, ()), "kind": "mail", "day": 0, "template": template}
    with pytest.raises(Invalid, match="not both"):
        write.create(ada, "sequence_step", {**values, "subject": "Own", "body": "Own"})
    assert read("sequence_step", write.create(ada, "sequence_step", values))["name"] == "T"


# -- once, whatever happens -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("breaks", ["rapport.records.db.insert_many", "rapport.apps.sequences.planning.plan"])
def test_a_worker_that_dies_in_a_step_leaves_nothing_and_makes_it_once_later(
    ada: Caller, noor: int, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    key = enroll(ada, sequence(ada), noor)
    worker.drain()
    before = snapshot()

    class Killed(BaseException):
        """No `except` of the job catches it."""

    def die(*args: Any, **kwargs: Any) -> None:
        if breaks.endswith("plan") or args[0] == "sequences_steprun":
            raise Killed
        original(*args, **kwargs)

    from rapport.records import db

    original = db.insert_many
    with monkeypatch.context() as dying:
        dying.setattr(breaks, die)
        with pytest.raises(Killed):
            advance()
    assert snapshot() == before
    assert advance() == 1
    assert advance() == 0
    assert (len(rows(ada, "outgoing_mail")), StepRun.objects.filter(enrollment_id=key).count()) == (1, 1)


def test_a_step_that_was_made_is_not_made_again_by_a_second_worker(ada: Caller, noor: int) -> None:
    key = enroll(ada, sequence(ada), noor)
    assert advancing.step(key) == 1
    assert advancing.step(key) == 0  # the second one had read that it was due
    assert len(rows(ada, "outgoing_mail")) == 1


def test_what_can_not_be_made_stops_one_and_holds_up_no_other(ada: Caller, noor: int) -> None:
    first = sequence(ada)
    key, other = enroll(ada, first, noor), enroll(ada, first, person(ada, first_name="Bea", company=None))
    write.update(ada, "person", noor, {"emails": []})
    assert advance() == 1
    assert (read("enrollment", key)["state"], read("enrollment", key)["reason"]) == ("stopped", "failed")
    assert read("enrollment", key)["note"]
    assert read("enrollment", other)["steps_done"] == 1


def test_the_worker_runs_the_job(ada: Caller, noor: int) -> None:
    from rapport.records.jobs import schedule

    enroll(ada, sequence(ada), noor)
    schedule.plan()
    worker.drain()
    assert [row["state"] for row in rows(ada, "outgoing_mail", "state")] == ["draft"]


# -- what stops them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["call", "mail", "message", "chat", "meeting"])
def test_an_answer_stops_it_and_takes_back_what_is_open(ada: Caller, noor: int, clock: Clock, kind: str) -> None:
    key = enroll(ada, sequence(ada), noor)
    advance()
    clock.go(days=2)
    advance()
    clock.go(hours=1)
    interaction(ada, noor, kind=kind)
    ended = read("enrollment", key)
    assert (ended["state"], ended["ended_at"], ended["next_at"]) == ("answered", clock.now, None)
    assert rows(ada, "outgoing_mail") == []
    (task,) = rows(ada, "task", "status", "description")
    assert task["status"] == "done"
    assert task["description"].endswith("Closed by the sequence. First contact: Answered")
    clock.go(days=30)
    assert advance() == 0


def test_what_is_no_answer_stops_nothing(ada: Caller, noor: int, clock: Clock) -> None:
    key = enroll(ada, sequence(ada, stops_on=["mail", "call"]), noor)
    advance()
    interaction(ada, noor, direction="out")
    interaction(ada, noor, direction="")
    interaction(ada, noor, kind="chat")  # a kind that this sequence does not take for one
    interaction(ada, noor, kind="visit")
    interaction(ada, noor, at=(MONDAY - dt.timedelta(hours=1)).isoformat())  # before the start
    interaction(ada, person(ada, first_name="Bea", emails=[{"value": "bea@example.com"}]))
    assert read("enrollment", key)["state"] == "running"
    interaction(ada, noor, kind="call")
    assert read("enrollment", key)["state"] == "answered"


def test_an_answer_counts_while_paused_and_after_the_last_step(ada: Caller, noor: int, clock: Clock) -> None:
    plan = ({"kind": "task", "day": 0},)
    paused = enroll(ada, sequence(ada, plan), noor)
    enrolling.pause(ada, [paused])
    waiting = enroll(ada, sequence(ada, plan), noor)
    advance()
    clock.go(days=3)
    advance()
    interaction(ada, noor)
    assert {read("enrollment", key)["state"] for key in (paused, waiting)} == {"answered"}


def test_what_was_sent_or_done_is_left_as_it_is(ada: Caller, noor: int, clock: Clock) -> None:
    enroll(ada, sequence(ada), noor)
    advance()
    clock.go(days=2)
    advance()
    (mail,), (task,) = rows(ada, "outgoing_mail"), rows(ada, "task")
    write.update(ada, "outgoing_mail", mail["id"], {"draft": False})
    write.update(ada, "task", task["id"], {"status": "done", "description": "Reached"})
    interaction(ada, noor)
    assert [row["id"] for row in rows(ada, "outgoing_mail")] == [mail["id"]]
    assert read("task", task["id"])["description"] == "Reached"


def test_by_hand_by_trash_and_by_a_closed_deal(ada: Caller, noor: int) -> None:
    stage = f.make(ada, "stage", outcome="won")
    deal = f.make(ada, "deal")
    one, two, three = (sequence(ada, name=name) for name in ("One", "Two", "Three"))
    by_hand, by_deal = enroll(ada, one, noor), enroll(ada, two, noor, deal=deal)
    by_sequence, by_trash = enroll(ada, three, noor), enroll(ada, one, person(ada, first_name="Bea"))
    advance()
    enrolling.stop(ada, [by_hand])
    won = visible(ada, "stage").get(stage).values
    write.update(ada, "deal", deal, {"pipeline": won["pipeline"], "stage": stage})
    write.delete(ada, "sequence", [three])
    write.delete(ada, "person", [read("enrollment", by_trash)["person"]])
    worker.drain()
    found = {key: read("enrollment", key) for key in (by_hand, by_deal, by_sequence, by_trash)}
    assert {row["state"] for row in found.values()} == {"stopped"}
    assert [row["reason"] for row in found.values()] == ["hand", "deal", "sequence", "person"]
    assert rows(ada, "outgoing_mail") == []


def test_erasing_a_person_leaves_nothing_of_their_sequences(ada: Caller, noor: int, clock: Clock) -> None:
    key = enroll(ada, sequence(ada), noor)
    advance()
    clock.go(days=2)
    advance()
    write.erase(ada, "person", [noor])
    with pytest.raises(NotFound):
        read("enrollment", key)
    assert StepRun.objects.count() == 0
    assert rows(ada, "outgoing_mail") == []
    assert [row["status"] for row in rows(ada, "task", "status")] == ["done"]


def test_the_owner_is_told_and_the_timeline_tells(ada: Caller, noor: int) -> None:
    from rapport.features.notifications import reading

    ben = f.user("Ben")
    enroll(ada, sequence(ada), noor, owner=ben.user_id)
    interaction(ada, noor)
    told = [n for n in reading.page(ben) if n.kind == "sequence-ended"]
    assert [(n.object_key, n.record_id) for n in told] == [("person", noor)]
    text = signed_in(ada).get(f"/people/{noor}/").content.decode()
    assert "started the sequence" in text
    assert "An answer stopped" in text


# -- who may, once, and how it goes on --------------------------------------------------------------------------------


def test_nobody_is_in_one_sequence_twice(ada: Caller, noor: int) -> None:
    first = sequence(ada)
    key = enroll(ada, first, noor)
    with pytest.raises(Invalid, match="in “First contact” already"):
        enroll(ada, first, noor)
    made = write.create_many(ada, "enrollment", [{"sequence": sequence(ada), "person": noor}] * 2)
    assert (len(made.errors), made.ids[1]) == (1, None)
    enrolling.pause(ada, [key])
    with pytest.raises(Invalid):
        enroll(ada, first, noor)
    enrolling.stop(ada, [key])
    assert enroll(ada, first, noor) != key
    with pytest.raises(Invalid, match="has ended"):
        enrolling.resume(ada, [key])
    with pytest.raises(Invalid, match="can't be changed"):
        write.update(ada, "enrollment", key, {"sequence": sequence(ada)})


def test_who_can_not_be_started_is_told_why(ada: Caller, noor: int) -> None:
    with pytest.raises(Invalid, match="no steps yet"):
        enroll(ada, sequence(ada, ()), noor)
    with pytest.raises(Invalid, match="not active"):
        enroll(ada, sequence(ada, active=False), noor)
    with pytest.raises(Invalid, match="no e-mail address"):
        enroll(ada, sequence(ada), person(ada, emails=[]))
    with pytest.raises(Invalid, match="begins as “Running”"):
        enroll(ada, sequence(ada), noor, state="finished")
    deal = f.make(ada, "deal")
    stage = f.make(ada, "stage", outcome="lost")
    lost = {"stage": stage, "pipeline": visible(ada, "stage").get(stage).values["pipeline"], "lost_reason": "price"}
    write.update(ada, "deal", deal, lost)
    with pytest.raises(Invalid, match="closed"):
        enroll(ada, sequence(ada), noor, deal=deal)
    blind = f.user("Bo", rights={"person": {"read": "own"}})
    with pytest.raises(Invalid, match="Bo may not see this person"):
        enroll(ada, sequence(ada), noor, owner=blind.user_id)


def test_rights_are_those_on_the_person(ada: Caller, noor: int) -> None:
    first = sequence(ada)
    key = enroll(ada, first, noor)
    person_two = person(ada, first_name="Two")
    reader = f.user("Rita", rights={"person": {"read": "all", "edit": "own"}})
    assert visible(reader, "enrollment").allowed([key]) == {key}
    before = snapshot()
    for act in (
        lambda: enroll(reader, first, person_two),
        lambda: enrolling.stop(reader, [key]),
        lambda: write.delete(reader, "enrollment", [key]),
    ):
        with pytest.raises((Forbidden, Invalid, NotFound)):
            act()
    assert snapshot() == before
    stranger = f.user("Sam", rights={"person": {"read": "own"}})
    assert visible(stranger, "enrollment").allowed([key]) == set()
    assert numbers(stranger, first).started == 0
    assert signed_in(stranger).get(f"/enrollments/{key}/").status_code == 404
    own = person(stranger, first_name="Own", owner=stranger.user_id)
    assert enroll(stranger, first, own)
    assert numbers(stranger, first).started == 1


def test_what_its_owner_may_not_see_any_more_stops_it(ada: Caller, noor: int) -> None:
    ben = f.user("Ben", rights={"person": {"read": "own"}, "deal": {"read": "own"}})
    write.update(ada, "person", noor, {"owner": ben.user_id})
    key = enroll(ada, sequence(ada), noor, owner=ben.user_id)
    write.update(ada, "person", noor, {"owner": ada.user_id})
    assert advance() == 0
    assert (read("enrollment", key)["state"], read("enrollment", key)["reason"]) == ("stopped", "unseen")
    other = enroll(ada, sequence(ada), noor, owner=f.user("Cem").user_id)
    users.deactivate(ada, read("enrollment", other)["owner"])
    assert advance() == 0
    assert read("enrollment", other)["reason"] == "owner"
    assert rows(ada, "outgoing_mail") == []


def test_pausing_holds_and_going_on_shifts(ada: Caller, noor: int, clock: Clock) -> None:
    key = enroll(ada, sequence(ada), noor)
    advance()
    enrolling.pause(ada, [key])
    clock.go(days=12)  # a Saturday
    assert advance() == 0
    enrolling.resume(ada, [key])
    assert local(read("enrollment", key)["next_at"]) == "Mon 09:00"
    clock.go(days=2)
    assert advance() == 1
    assert local(read("enrollment", key)["next_at"]) == "Wed 09:00"


def test_an_inactive_sequence_holds_everybody(ada: Caller, noor: int) -> None:
    first = sequence(ada)
    enroll(ada, first, noor)
    write.update(ada, "sequence", first, {"active": False})
    assert advance() == 0
    write.update(ada, "sequence", first, {"active": True})
    assert advance() == 1


def test_changed_steps_are_followed(ada: Caller, noor: int, clock: Clock) -> None:
    first = sequence(ada)
    key = enroll(ada, first, noor)
    advance()
    order = [s.id for s in steps.of_sequences([first])[first]]
    write.update(ada, "sequence_step", order[1], {"day": 1})
    worker.drain()
    assert local(read("enrollment", key)["next_at"]) == "Tue 09:00"
    steps.move(ada, order[2], -1)
    worker.drain()
    _way, following = planning.upcoming([key])[key]
    assert following.step is not None
    assert following.step.id == order[2]
    assert local(read("enrollment", key)["next_at"]) == "Fri 09:00"
    write.delete(ada, "sequence_step", order[1:])
    worker.drain()
    clock.go(days=10)
    advance()
    assert read("enrollment", key)["state"] == "finished"


def test_leads_start_as_the_people_that_they_are(ada: Caller, noor: int) -> None:
    lead = f.make(ada, "lead", first_name="Noor", email="noor@fjord.example")
    nobody = f.make(ada, "lead", subject="A visitor")
    first = sequence(ada)
    with pytest.raises(Invalid, match="convert it"):
        enrolling.start_leads(ada, [lead, nobody], {"sequence": first})
    assert enrolling.start_leads(ada, [lead], {"sequence": first}) == "1 person started."
    assert [row["person"] for row in rows(ada, "enrollment", "person")] == [noor]
