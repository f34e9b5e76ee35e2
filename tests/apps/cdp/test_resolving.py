"""Whom events tell of: recognised, filled in, made, queued, refused; histories that join; nobody merged by an event."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone
from tests import factories as f
from tests.apps.cdp.intake import Door, identify, track, whose
from tests.database import snapshot

from rapport.apps.cdp import resolving
from rapport.apps.cdp.models import Event
from rapport.apps.customers.models import Identity, Person
from rapport.features.duplicates import comparing, policies
from rapport.features.duplicates.models import DuplicatePair
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.jobs import queue, worker
from rapport.records.models import JobRow
from rapport.registry import catalog, extensions

ANNA = {"first_name": "Anna", "last_name": "Schmidt", "emails": "anna@example.com"}


def pairs() -> set[tuple[int, int, str]]:
    return set(DuplicatePair.objects.values_list("first_id", "second_id", "source"))


def test_a_stranger_becomes_a_person_with_their_history(door: Door, admin: Caller) -> None:
    door.send(track(None, "v1", "Looked"))
    assert whose() == {"Looked": None}
    f.custom_field("person", "shoe_size", "number")
    traits = {
        "email": "noor@example.com", "firstName": "Noor", "last_name": "Haddad", "phone": "+49 30 1234567",
        "title": "Pilot", "birthday": "1990-02-03T00:00:00Z", "shoeSize": 38, "age": "nonsense", "newsletter": True,
        "address": {"street": "Road 1", "city": "Berlin", "postalCode": "10115", "state": "BE", "country": "DE"},
    }  # fmt: skip
    door.send(identify("u1", "v1", **traits))
    (person,) = Person.objects.all()
    values = f.write_values(admin, "person", person.pk)
    assert {n: values[n] for n in ("first_name", "last_name", "job", "source", "lifecycle", "shoe_size")} == {
        "first_name": "Noor", "last_name": "Haddad", "job": "Pilot", "source": "web", "lifecycle": "subscriber",
        "shoe_size": 38,
    }  # fmt: skip
    assert str(values["birthday"]) == "1990-02-03"
    assert values["addresses"][0]["postcode"] == "10115"
    assert values["addresses"][0]["region"] == "BE"
    assert whose() == {"Looked": person.pk, "identify": person.pk}
    door.send(track("u1", None, "Bought"), track(None, "v1", "Came back"))
    assert set(whose().values()) == {person.pk}


def test_the_same_identity_is_filled_in(door: Door, admin: Caller) -> None:
    there = write.create(admin, "person", {**ANNA, "source": "referral"})
    door.send(identify("u1", None, email="ANNA@example.com", firstName="Other", title="Pilot"))
    values = f.write_values(admin, "person", there)
    assert (values["first_name"], values["job"], values["source"]) == ("Anna", "Pilot", "referral")
    assert whose() == {"identify": there}
    assert Person.objects.count() == 1
    assert not pairs()


def test_who_is_alike_is_made_and_queued(door: Door, admin: Caller) -> None:
    there = write.create(admin, "person", {**ANNA, "birthday": "1980-03-04"})
    door.send(identify("u1", None, email="as@example.org", name="Anna Schmidt", birthday="1980-03-04"))
    (made,) = Person.objects.exclude(pk=there)
    assert JobRow.objects.filter(name=comparing.JOB).update(due_at=timezone.now())
    worker.drain()
    assert pairs() == {(there, made.pk, "event")}
    assert whose() == {"identify": made.pk}


def test_who_is_alike_is_not_made_where_that_is_refused(door: Door, admin: Caller) -> None:
    there = write.create(admin, "person", {**ANNA, "birthday": "1980-03-04"})
    policies.choose(admin, catalog.current()["person"], "event", "merge", "block")
    door.send(identify("u1", None, email="as@example.org", name="Anna Schmidt", birthday="1980-03-04"))
    assert list(Person.objects.values_list("pk", flat=True)) == [there]
    assert whose() == {"identify": None}
    assert Event.objects.get().resolution == "alike"


def test_a_source_may_only_recognise(admin: Caller) -> None:
    door = Door(admin, makes_people=False)
    door.send(identify("u1", None, email="anna@example.com", name="Anna Schmidt"))
    assert (Person.objects.count(), Event.objects.get().resolution) == (0, "unknown")
    there = write.create(admin, "person", ANNA)
    door.send(identify("u1", None, email="anna@example.com", title="Pilot"))
    assert f.write_values(admin, "person", there)["job"] == "Pilot"
    assert whose() == {"identify": there}


def test_of_a_bare_id_nobody_is_made(door: Door) -> None:
    door.send(identify("u1", "v1"), identify("u2", None, plan="gold"), identify("u3", None, email="nonsense"))
    assert Person.objects.count() == 0
    assert set(Event.objects.values_list("resolution", flat=True)) == {"bare"}


def test_what_a_person_cannot_take_keeps_nobody_from_being_recognised(door: Door, admin: Caller) -> None:
    f.custom_field("person", "number", "text", unique=True)
    write.create(admin, "person", {"last_name": "First", "number": "7"})
    there = write.create(admin, "person", ANNA)
    door.send(identify("u1", "v1", email="anna@example.com", number="7", title="Pilot"), track(None, "v1", "Looked"))
    assert set(whose().values()) == {there}
    assert not f.write_values(admin, "person", there)["number"]
    door.send(identify("u2", None, email="new@example.org", number="7"))
    (made,) = Person.objects.exclude(pk__lte=there)
    assert not f.write_values(admin, "person", made.pk)["number"]


def test_order_does_not_matter(door: Door) -> None:
    """The visitor's and the user's events met before it was known who the user is."""
    door.send(track("u1", "v1", "Met"))
    door.send(identify("u1", None, email="noor@example.com"))
    door.send(track(None, "v1", "Later"))
    assert None not in whose().values()


def test_one_browser_of_two_people(door: Door) -> None:
    door.send(identify("u1", "v1", email="noor@example.com", name="Noor Haddad"))
    door.send(identify("u2", "v1"), identify("u3", "v1", email="sam@example.org", name="Sam Okafor"))
    noor, sam = Person.objects.order_by("pk")
    held = dict(Identity.objects.filter(kind__in=["user", "anonymous"]).values_list("value", "person"))
    assert held == {"u1": noor.pk, "v1": noor.pk, "u2": None, "u3": sam.pk}
    assert not pairs()


def test_two_who_are_said_to_be_one_are_queued_and_not_merged(door: Door) -> None:
    door.send(identify("u1", None, email="noor@example.com"), identify("u2", None, email="n.haddad@example.org"))
    one, other = Person.objects.order_by("pk").values_list("pk", flat=True)
    door.send({"type": "alias", "previousId": "u1", "userId": "u2"})
    assert pairs() == {(one, other, "event")}
    assert set(Person.objects.filter(deleted_at=None).values_list("pk", flat=True)) == {one, other}
    held = dict(Identity.objects.filter(kind="user").values_list("value", "person"))
    assert held == {"u1": one, "u2": other}, "who holds an identity keeps it"


def test_a_user_with_the_address_of_somebody_else_is_queued(door: Door) -> None:
    door.send(identify("u1", None, email="noor@example.com"), identify("u2", None, email="n.haddad@example.org"))
    one, other = Person.objects.order_by("pk").values_list("pk", flat=True)
    door.send(identify("u1", None, email="n.haddad@example.org"))
    assert pairs() == {(one, other, "event")}
    assert whose()["identify"] == one


def test_who_is_in_the_trash_stays_there_with_their_events(door: Door, admin: Caller) -> None:
    door.send(identify("u1", "v1", email="noor@example.com"))
    person = Person.objects.get().pk
    write.delete(admin, "person", [person])
    door.send(identify("u1", "v1", title="Pilot"), track("u1", "v1", "Bought"))
    assert set(whose().values()) == {person}
    assert Person.objects.get().deleted_at is not None
    write.restore(admin, "person", [person])
    assert f.write_values(admin, "person", person)["job"] == ""


def test_one_visitor_that_cannot_be_resolved_holds_up_no_other(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    right = resolving.arrive

    def broken(caller: Caller, obj: object, raw: dict[str, object], *rest: object, **more: object) -> object:
        if raw.get("emails") == "boom@example.com":
            raise ZeroDivisionError
        return right(caller, obj, raw, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(resolving, "arrive", broken)
    door.send(identify("u1", None, email="boom@example.com"), identify("u2", None, email="noor@example.com"))
    assert list(Event.objects.order_by("id").values_list("resolution", flat=True)) == ["failed", "done"]
    assert worker.drain() == 0


def test_a_job_that_another_worker_has_writes_nothing(door: Door) -> None:
    assert door.post("/v1/identify", identify("u1", "v1", email="noor@example.com")).status_code == 200
    row = JobRow.objects.get(name=resolving.JOB)
    row.worker, row.attempts = "somebody else", 7
    before = snapshot()
    with pytest.raises(queue.TakenAway):
        resolving.resolve(worker.Context(row, extensions.named(extensions.Job, resolving.JOB)))  # type: ignore[arg-type]
    assert snapshot() == before
    worker.drain()
    assert Person.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a table this small as a whole")
def test_what_waits_is_found_without_walking_all_events(door: Door) -> None:
    door.send(*[track(None, f"v{n % 7}", "Looked") for n in range(200)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("EXPLAIN QUERY PLAN " + resolving.WAITING)
        plan = " ".join(row[3] for row in cursor.fetchall())
    assert "event_waiting" in plan
    assert "event_of_source" not in plan
