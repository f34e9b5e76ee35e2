"""Who arrives by mail or an event: recognised by identity, filled in, made, or refused, as the door's policy says."""

from __future__ import annotations

import pytest
from tests import factories as f

from rapport.features.duplicates import comparing, policies
from rapport.features.duplicates.arriving import arrive
from rapport.features.duplicates.models import DuplicatePair
from rapport.records import write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid
from rapport.records.jobs.outbox import Event
from rapport.registry import catalog

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("door", sorted(policies.ARRIVING))]
ANNA = {"first_name": "Anna", "last_name": "Schmidt", "emails": "anna@example.com"}


def test_an_identity_says_who_is_meant_and_gaps_are_filled(admin: Caller, door: str) -> None:
    there = write.create(admin, "person", ANNA)
    found = arrive(callers.system(door), catalog.current()["person"], {
        "first_name": "Other", "job": "Pilot", "emails": "Anna@Example.com", "phones": "no number",
    })  # fmt: skip
    assert (found.id, found.made) == (there, False)
    values = f.write_values(admin, "person", there)
    assert (values["first_name"], values["job"], list(values["phones"])) == ("Anna", "Pilot", [])


def test_administrators_choose_that_nothing_is_filled_in(admin: Caller, door: str) -> None:
    obj = catalog.current()["person"]
    there = write.create(admin, "person", ANNA)
    policies.choose(admin, obj, door, "nothing", "nothing")
    assert arrive(callers.system(door), obj, {**ANNA, "job": "Pilot"}).id == there
    assert f.write_values(admin, "person", there)["job"] == ""
    for wrong in (("block", "nothing"), ("queue", "nothing"), ("nothing", "merge")):
        with pytest.raises(Invalid):
            policies.choose(admin, obj, door, *wrong)
    with pytest.raises(Invalid):
        policies.choose(admin, catalog.current()["company"], door, "nothing", "nothing")
    with pytest.raises(Forbidden):
        policies.choose(f.user("Ben"), obj, door, "nothing", "nothing")


def test_who_looks_like_somebody_is_made_and_queued(admin: Caller, door: str) -> None:
    there = write.create(admin, "person", {**ANNA, "birthday": "1980-03-04"})
    system = callers.system(door)
    like = {**ANNA, "emails": "a.schmidt@example.org", "birthday": "1980-03-04"}
    found = arrive(system, catalog.current()["person"], like)
    assert found.made
    assert found.id is not None
    comparing.note([Event("person", "create", [found.id], [], None, "")])
    comparing.look(_Work())
    assert set(DuplicatePair.objects.values_list("first_id", "second_id", "source")) == {(there, found.id, door)}


def test_who_looks_like_somebody_is_not_made_where_that_is_refused(admin: Caller, door: str) -> None:
    obj = catalog.current()["person"]
    there = write.create(admin, "person", {**ANNA, "birthday": "1980-03-04"})
    policies.choose(admin, obj, door, "merge", "block")
    like = {**ANNA, "emails": "a.schmidt@example.org", "birthday": "1980-03-04"}
    found = arrive(callers.system(door), obj, like)
    assert (found.id, [match.id for match in found.alike]) == (None, [there])
    assert arrive(callers.system(door), obj, {"emails": "new@example.org"}).made


def test_two_who_are_meant_are_queued_as_one(admin: Caller, door: str) -> None:
    first = write.create(admin, "person", ANNA)
    second = write.create(admin, "person", {"last_name": "Schmidt", "emails": "as@example.org"})
    found = arrive(callers.system(door), catalog.current()["person"], {"emails": "as@example.org"}, known=first)
    assert found.id == first
    assert set(DuplicatePair.objects.values_list("first_id", "second_id", "source")) == {(first, second, door)}
    assert [p["value"] for p in f.write_values(admin, "person", first)["emails"]] == [
        "anna@example.com", "as@example.org",
    ]  # fmt: skip


def test_who_is_in_the_trash_stays_there_as_they_were(admin: Caller, door: str) -> None:
    there = write.create(admin, "person", ANNA)
    write.delete(admin, "person", [there])
    obj, system = catalog.current()["person"], callers.system(door)
    assert arrive(system, obj, {"job": "Pilot"}, known=there).id == there
    write.restore(admin, "person", [there])
    assert f.write_values(admin, "person", there)["job"] == ""


def test_what_only_a_new_record_gets_besides(admin: Caller, door: str) -> None:
    obj, system = catalog.current()["person"], callers.system(door)
    there = write.create(admin, "person", ANNA)
    assert arrive(system, obj, ANNA, new={"source": "web"}).id == there
    assert f.write_values(admin, "person", there)["source"] == ""
    made = arrive(system, obj, {"emails": "new@example.org"}, new={"source": "web"})
    assert made.id is not None
    assert f.write_values(admin, "person", made.id)["source"] == "web"
    assert arrive(system, obj, {"emails": "other@example.org"}, new=None).id is None
    assert arrive(system, obj, ANNA, new=None).id == there


def test_of_nothing_nobody_is_made(admin: Caller, door: str) -> None:
    with pytest.raises(Invalid):
        arrive(callers.system(door), catalog.current()["person"], {"job": "Pilot", "emails": "nonsense"})


class _Work:
    """A job that nobody watches."""

    class stop:
        @staticmethod
        def wait(_seconds: float) -> None:
            """Nobody waits."""

    def progress(self, done: int, total: int | None = None) -> None:
        """Nobody asks."""
