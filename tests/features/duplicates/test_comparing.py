"""New records after their commit: keys of many, near matches for the queue, and fields that are marked later."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests import factories as f

from rapport.features.duplicates import comparing, finding, policies
from rapport.features.duplicates.models import DuplicateKey, DuplicatePair, KeyState, NewRecords
from rapport.records import write
from rapport.records.accounts import caller as callers
from rapport.records.accounts.caller import Caller
from rapport.records.customising import actions, sync
from rapport.records.customising.definitions import FieldDefinition
from rapport.records.jobs.outbox import Event
from rapport.registry import catalog

pytestmark = pytest.mark.django_db
SET = 30


@dataclass
class Work:
    """A job that never rests."""

    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.stop.set()

    def progress(self, done: int, total: int | None = None) -> None:
        """Nobody asks."""


def tell(caller: Caller, ids: list[int], key: str = "person") -> None:
    comparing.note([Event(key, "create", ids, [], caller.user_id, "")])


def pairs() -> set[tuple[int, int, str]]:
    return set(DuplicatePair.objects.values_list("first_id", "second_id", "source"))


def rows(count: int) -> list[dict[str, Any]]:
    return [{"first_name": f"Given{i:03}", "last_name": f"{'abcdefgh'[i % 8]}{i:03}xyz"} for i in range(count)]


def import_(admin: Caller, values: list[dict[str, Any]]) -> list[int]:
    made = write.create_many(admin.through("import"), "person", values).ids
    ids = [key for key in made if key is not None]
    tell(admin, ids)
    return ids


def test_an_import_gets_keys_and_its_pairs_are_queued(admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "SET", 7)
    there = write.create(admin, "person", {"first_name": "Anna", "last_name": "Schmidt", "birthday": "1980-03-04"})
    anna = {"first_name": "Anna", "last_name": "Schmitt", "birthday": "1980-03-04"}
    before = DuplicateKey.objects.count()
    ids = import_(admin, [anna, *rows(SET), anna])
    assert DuplicateKey.objects.count() == before
    comparing.look(Work())
    first, last = ids[0], ids[-1]
    assert pairs() == {(there, first, "import"), (there, last, "import"), (first, last, "import")}
    assert not NewRecords.objects.exists()
    assert finding.find(admin, catalog.current()["person"], {"first_name": "Given007", "last_name": "h007xyz"})


@pytest.mark.parametrize(
    ("door", "told"), [("mail", "mail"), ("event", "event"), ("rest", "api"), ("mcp", "agent"), ("feed", "other")]
)
def test_whatever_door_a_record_comes_in_by_it_is_compared(admin: Caller, door: str, told: str) -> None:
    anna = {"first_name": "Anna", "last_name": "Schmidt", "emails": "anna@example.com"}
    there = write.create(admin, "person", anna)
    caller = callers.system(door)
    place = door if door in policies.DOORS else "other"
    exact = "merge" if place in policies.ARRIVING else "queue"
    policies.choose(admin, catalog.current()["person"], place, exact, "queue")
    again = write.create(caller, "person", {**anna, "last_name": "Schmitt"})
    tell(caller, [again])
    comparing.look(Work())
    assert pairs() == {(there, again, told)}
    policies.choose(admin, catalog.current()["person"], place, "nothing", "nothing")
    tell(caller, [write.create(caller, "person", {**anna, "job": "Pilot"})])
    comparing.look(Work())
    assert len(pairs()) == 1


def test_taken_up_after_a_kill_it_goes_on(admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "SET", 10)
    ids = import_(admin, rows(SET))

    class Killed(Work):
        def progress(self, done: int, total: int | None = None) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        comparing.look(Killed())
    assert NewRecords.objects.get().keyed_to == ids[9]
    comparing.look(Work())
    assert set(DuplicateKey.objects.values_list("record_id", flat=True)) == set(ids)


def test_what_its_maker_may_not_see_is_queued_for_others(admin: Caller) -> None:
    there = write.create(admin, "person", {"last_name": "Schmidt", "emails": "anna@example.com"})
    ben = f.user("Ben", rights={"person": {"read": "own", "create": "all"}})
    made = write.create(ben, "person", {"last_name": "Schmidt", "emails": "anna@example.com"})
    seen = write.create(admin, "person", {"last_name": "Schmidt", "emails": "anna@example.com"})
    tell(ben, [made])
    tell(admin, [seen])
    comparing.look(Work())
    assert (there, made, "form") in pairs()
    assert all(made in pair for pair in pairs())


def test_administrators_choose_that_nothing_is_done(admin: Caller) -> None:
    policies.choose(admin, catalog.current()["person"], "rest", "nothing", "nothing")
    write.create(admin, "person", {"first_name": "Anna", "last_name": "Schmidt"})
    made = write.create(admin.through("rest"), "person", {"first_name": "Anna", "last_name": "Schmidt"})
    tell(admin, [made])
    assert not NewRecords.objects.exists()


def test_a_field_that_is_marked_later_is_known_soon(admin: Caller) -> None:
    row = actions.add_field(admin, "person", "text", FieldDefinition(label="Number"))
    sync.refresh()
    made = write.create(admin, "person", {"last_name": "Noor", "number": "77"})
    asked = {"last_name": "Else", "number": "77"}
    comparing.follow(Work())
    comparing.look(Work())
    assert comparing.follow(Work()) == {}
    actions.update_field(admin, row.pk, FieldDefinition(label="Number", options={"matching": True}))
    sync.refresh()
    assert comparing.follow(Work()) == {"objects": ["person"]}
    comparing.look(Work())
    assert [m.id for m in finding.find(admin, catalog.current()["person"], asked)] == [made]
    assert set(KeyState.objects.values_list("object_key", flat=True)) == {"person", "company"}


def test_gaps_are_filled_and_nothing_is_overwritten(admin: Caller) -> None:
    obj = catalog.current()["person"]
    made = write.create(admin, "person", {"last_name": "Noor", "job": "Pilot", "emails": "a@example.com"})
    given = {"last_name": "Other", "job": "", "first_name": "Ada", "emails": "b@example.com", "birthday": "1980-01-02"}
    assert set(policies.fill(admin, obj, made, given)) == {"first_name", "emails", "birthday"}
    values = f.write_values(admin, "person", made)
    assert (values["first_name"], values["last_name"], values["job"]) == ("Ada", "Noor", "Pilot")
    assert [point["value"] for point in values["emails"]] == ["a@example.com", "b@example.com"]
