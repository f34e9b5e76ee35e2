"""Tickets: what follows from what is written on them, and what customers' pages tell of them."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.features.timeline.gathering import gather
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.bulk.changing import action_of, run
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


def ticket(caller: Caller, **values: object) -> int:
    return write.create(caller, "ticket", {"subject": "It stands still", **values})


def say(caller: Caller, key: int, kind: str, body: str = "Hello", minutes: int | None = None) -> int:
    return write.create(caller, "ticketentry", {"ticket": key, "kind": kind, "body": body, "minutes": minutes})


def values_of(caller: Caller, key: int) -> dict[str, object]:
    return visible(caller, "ticket").get(key).values


def act(caller: Caller, name: str, key: int, **values: object) -> str:
    return run(caller, action_of(visible(caller, "ticket"), name), [key], values)


def test_numbers_times_and_company_follow(ada: Caller) -> None:
    company = f.make(ada, "company")
    person = f.make(ada, "person", company=company)
    with time_machine.travel(MONDAY, tick=False):
        first, second = ticket(ada, person=person), ticket(ada)
    assert values_of(ada, first)["number"] == "T-1"
    assert values_of(ada, second)["number"] == "T-2"
    found = values_of(ada, first)
    assert (found["opened_at"], found["company"], found["solved_at"]) == (MONDAY, company, None)


def test_first_answer_minutes_and_status_follow_what_is_said(ada: Caller) -> None:
    key = ticket(ada)
    say(ada, key, "note", minutes=5)
    assert values_of(ada, key)["first_answered_at"] is None
    assert values_of(ada, key)["status"] == "new"
    with time_machine.travel(MONDAY, tick=False):
        say(ada, key, "answer", minutes=10)
    with time_machine.travel(MONDAY + dt.timedelta(hours=1), tick=False):
        last = say(ada, key, "answer", minutes=7)
    found = values_of(ada, key)
    assert (found["first_answered_at"], found["minutes"], found["status"]) == (MONDAY, 22, "open")
    write.delete(ada, "ticketentry", [last])
    assert values_of(ada, key)["minutes"] == 15
    write.restore(ada, "ticketentry", [last])
    write.update(ada, "ticketentry", last, {"minutes": 1})
    assert values_of(ada, key)["minutes"] == 16


def test_solving_asks_what_was_done_and_a_customer_opens_it_again(ada: Caller) -> None:
    key = ticket(ada)
    with pytest.raises(Invalid) as refused:
        act(ada, "solve", key, solution="")
    assert refused.value.errors.keys() == {"solution"}
    assert values_of(ada, key)["status"] == "new"
    with time_machine.travel(MONDAY, tick=False):
        assert act(ada, "solve", key, solution="Router replaced") == "1 ticket solved."
    assert values_of(ada, key)["solved_at"] == MONDAY
    say(ada, key, "customer", "It is back again")
    assert (values_of(ada, key)["status"], values_of(ada, key)["solved_at"]) == ("open", None)
    act(ada, "solve", key, solution="Cable replaced")
    act(ada, "reopen", key)
    assert values_of(ada, key)["status"] == "open"


def test_taking_on_is_offered_while_nobody_has_it(ada: Caller) -> None:
    key = ticket(ada)
    act(ada, "take", key)
    assert values_of(ada, key)["assignee"] == ada.user_id


@pytest.mark.parametrize(("kind", "fits", "fails"), [("csat", 5, 0), ("csat", 1, 6), ("nps", 0, 11), ("ces", 7, 8)])
def test_scores_stay_on_their_scale(ada: Caller, kind: str, fits: int, fails: int) -> None:
    key = write.create(ada, "surveyanswer", {"kind": kind, "score": fits})
    assert visible(ada, "surveyanswer").get(key).title == f"{kind.upper()} {fits}"
    with pytest.raises(Invalid) as refused:
        write.update(ada, "surveyanswer", key, {"score": fails})
    assert refused.value.errors.keys() == {"score"}
    assert visible(ada, "surveyanswer").get(key).values["score"] == fits


def test_satisfaction_of_a_ticket_is_its_last_answer(ada: Caller) -> None:
    person = f.make(ada, "person")
    key = ticket(ada, person=person)
    for score, at in ((2, MONDAY), (4, MONDAY + dt.timedelta(days=1))):
        answer = write.create(ada, "surveyanswer", {"score": score, "ticket": key, "answered_at": at})
    write.create(ada, "surveyanswer", {"kind": "nps", "score": 9, "ticket": key})
    assert values_of(ada, key)["satisfaction"] == 4
    assert visible(ada, "surveyanswer").get(answer).values["person"] == person
    write.delete(ada, "surveyanswer", [answer])
    assert values_of(ada, key)["satisfaction"] == 2


def test_timelines_of_ticket_person_and_company(ada: Caller) -> None:
    company = f.make(ada, "company")
    person = f.make(ada, "person", first_name="Noor", last_name="Haddad", company=company)
    key = ticket(ada, person=person, kind="complaint", company=None)
    say(ada, key, "customer", "Where is it?")
    say(ada, key, "answer", "On its way")
    act(ada, "solve", key, solution="Delivered")
    write.create(ada, "surveyanswer", {"score": 5, "ticket": key})
    sources = ("ticket-entries", "tickets", "survey-answers")
    for about, record in (("ticket", key), ("person", person), ("company", company)):
        told = gather(ada, catalog.current()[about], record).entries
        turns = ["tickets"] if about == "ticket" else ["tickets", "tickets"]
        expected = ["survey-answers", "ticket-entries", "ticket-entries", *turns]
        assert sorted(e.source for e in told if e.source in sources) == expected, about
    told = gather(ada, catalog.current()["ticket"], key, show="ticket-entries").entries
    said = [e for e in told if e.tone == "green"]
    assert said[0].title.parts["who"].text == "Noor Haddad"


def test_who_may_not_read_tickets_is_told_nothing(ada: Caller) -> None:
    person = f.make(ada, "person")
    key = ticket(ada, person=person)
    say(ada, key, "answer", "Secret answer")
    write.create(ada, "surveyanswer", {"score": 1, "ticket": key, "comment": "Secret comment"})
    rights = {"*": {"read": "all"}, "ticket": {"read": "none"}, "surveyanswer": {"read": "none"}}
    eve = f.user("Eve", rights=rights)
    sources = {e.source for e in gather(eve, catalog.current()["person"], person).entries}
    assert sources == {"changes"}
    answer = signed_in(eve).get(f"/people/{person}/").content.decode()
    assert "Secret" not in answer
    assert "It stands still" not in answer


def test_pages_show_and_take_up_tickets(ada: Caller) -> None:
    person = f.make(ada, "person")
    client: Client = signed_in(ada)
    sent = {"subject": "Doesn't start", "kind": "problem", "fields": "subject,kind"}
    assert client.post(f"/people/{person}/compose/ticket/", sent).status_code == 303
    key = visible(ada, "ticket").ids()[0]
    found = values_of(ada, key)
    assert (found["person"], found["assignee"], found["kind"]) == (person, ada.user_id, "problem")
    write.create(ada, "surveyanswer", {"score": 4, "person": person})
    shown = client.get(f"/people/{person}/").content.decode()
    assert f"/tickets/{key}/" in shown
    assert "4 of 5" in shown
    assert f"/tickets/{key}/" in client.get("/").content.decode()
    client.post(f"/tickets/{key}/compose/ticket-answer/", {"body": "Press **start**", "fields": "body"})
    assert "Press <strong>start</strong>" in client.get(f"/tickets/{key}/").content.decode()
    client.post(f"/tickets/{key}/act/solve/", {"solution": "Pressed start"})
    assert values_of(ada, key)["status"] == "solved"
    assert "No open tickets" in client.get(f"/people/{person}/").content.decode()
