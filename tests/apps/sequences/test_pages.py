"""Sequences on pages: how they are counted, started, edited, paused and stopped there."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories as f
from tests.apps.sequences.office import (
    STEPS,
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

from rapport.apps.sequences import advancing, enrolling, steps
from rapport.apps.sequences.models import StepRun
from rapport.apps.sequences.numbers import Reached, numbers
from rapport.records import write
from rapport.records.accounts.caller import Caller

pytestmark = pytest.mark.django_db


# -- numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_are_those_of_a_plain_count(ada: Caller, clock: Clock) -> None:
    first = sequence(ada)
    ben = f.user("Ben", rights={"person": {"read": "own"}})
    people = [person(ada, first_name=f"P{n}", owner=(ben if n % 3 else ada).user_id) for n in range(9)]
    keys = [enroll(ada, first, key) for key in people]
    for number, key in enumerate(keys):
        for _step in range(number % 4):
            write.derive("enrollment", "next_at", {key: clock.now})
            assert advancing.step(key) == 1
        if number % 4 == 2:
            interaction(ada, people[number])
        if number % 4 == 1:
            enrolling.stop(ada, [key])
    order = [s.id for s in steps.of_sequences([first])[first]]
    for caller in (ada, ben):
        seen = [
            k for k, p in zip(keys, people, strict=True) if caller is ada or read("person", p)["owner"] == ben.user_id
        ]
        counted = numbers(caller, first)
        assert counted.started == len(seen)
        states = [read("enrollment", key)["state"] for key in seen]
        assert counted.states == {state: states.count(state) for state in set(states)}
        for step in order:
            runs = [r for r in StepRun.objects.filter(step_id=step) if r.enrollment_id in seen]
            last = [
                read("enrollment", r.enrollment_id)["state"] for r in runs
                if StepRun.objects.filter(enrollment_id=r.enrollment_id).latest("id").pk == r.pk
            ]  # fmt: skip
            expected = Reached(len(runs), last.count("running") + last.count("paused"), last.count("answered"))
            assert counted.steps.get(step, Reached()) == expected


# -- pages ------------------------------------------------------------------------------------------------------------


def test_starting_from_the_page_of_a_person_and_from_the_list(ada: Caller, noor: int) -> None:
    client, first = signed_in(ada), sequence(ada)
    assert "Start sequence" in client.get(f"/people/{noor}/").content.decode()
    asked = client.get(f"/people/{noor}/act/start-sequence/").content.decode()
    assert 'name="sequence"' in asked
    assert client.post(f"/people/{noor}/act/start-sequence/", {"sequence": ""}).status_code == 422
    assert client.post(f"/people/{noor}/act/start-sequence/", {"sequence": first}).status_code == 303
    text = client.get(f"/people/{noor}/").content.decode()
    assert "First contact" in text
    assert "Next: Hello Noor" in text
    client.post(f"/people/{noor}/act/start-sequence/", {"sequence": first})
    assert "already" in client.get(f"/people/{noor}/").content.decode()
    others = [person(ada, first_name=f"P{n}") for n in range(2)]
    answer = client.post("/people/bulk/?do=action&action=start-sequence", {"ids": [*others, noor], "sequence": first})
    assert answer.status_code == 302
    assert len(rows(ada, "enrollment")) == 3


def test_the_panel_pauses_goes_on_and_stops(ada: Caller, noor: int) -> None:
    client, key = signed_in(ada), enroll(ada, sequence(ada), noor)
    for act, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert f"/enrollments/{key}/act/{act}/" in client.get(f"/people/{noor}/").content.decode()
        client.post(f"/enrollments/{key}/act/{act}/", {"next": f"/people/{noor}/"})
        assert read("enrollment", key)["state"] == state
    assert f"/enrollments/{key}/act/" not in client.get(f"/people/{noor}/").content.decode()


def test_the_page_of_a_sequence_edits_and_counts_its_steps(ada: Caller, noor: int) -> None:
    client, first = signed_in(ada), sequence(ada, ())
    assert "No steps yet" in client.get(f"/sequences/{first}/").content.decode()
    for values in STEPS:
        made = client.post("/sequence-steps/new/", {"sequence": first, **values})
        assert made.status_code == 303, made.content.decode()
    order = [s.id for s in steps.of_sequences([first])[first]]
    client.post(f"/sequence-steps/{order[0]}/move/", {"to": "down"})
    assert [s.id for s in steps.of_sequences([first])[first]] == [order[1], order[0], order[2]]
    client.post(f"/sequence-steps/{order[0]}/move/", {"to": "up"})
    client.post(f"/sequence-steps/{order[2]}/delete/", {"next": f"/sequences/{first}/"})
    assert [s.id for s in steps.of_sequences([first])[first]] == order[:2]
    enroll(ada, first, noor)
    advance()
    text = client.get(f"/sequences/{first}/").content.decode()
    assert "Noor Okafor" in text
    assert "Hello {{ person.first_name }}" in text
    reader = signed_in(f.user("Rita", rights={"sequence": {"read": "all", "edit": "own"}}))
    assert f"/sequence-steps/{order[0]}/move/" not in reader.get(f"/sequences/{first}/").content.decode()
    assert reader.post(f"/sequence-steps/{order[0]}/move/", {"to": "down"}).status_code == 403
    shown = client.get("/settings/sequences/").content.decode()
    assert [f">{n}</td>" in shown for n in (1, 0)] == [True, True]


def test_pages_ask_no_more_for_more_people(ada: Caller) -> None:
    first = sequence(ada)
    keys = [enroll(ada, first, person(ada, first_name=f"P{n}")) for n in range(12)]
    client = signed_in(ada)
    client.get(f"/sequences/{first}/")
    with CaptureQueriesContext(connection) as many:
        client.get(f"/sequences/{first}/")
    write.delete(ada, "enrollment", keys[1:])
    with CaptureQueriesContext(connection) as few:
        client.get(f"/sequences/{first}/")
    assert len(many) <= len(few) + 1
