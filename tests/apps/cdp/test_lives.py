"""Events of a person through what happens to the person: timeline, merge, un-merge, trash, erasure, archive."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import time_machine
from tests.apps.cdp.intake import Door, identify, track
from tests.database import snapshot
from tests.features.archive.copying import state, there_and_back

from rapport.apps.cdp import personal
from rapport.apps.cdp.models import Event, EventSource, IdentityLink
from rapport.apps.customers.models import Identity, Person
from rapport.features.timeline.gathering import gather
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


def told(caller: Caller, person: int, limit: int = 30) -> list[tuple[str, str]]:
    """Title and facts of all entries of events, read page by page."""
    found, cursor = [], ""
    obj = catalog.current()["person"]
    while True:
        part = gather(caller, obj, person, show="events", cursor=cursor, limit=limit)
        for entry in part.entries:
            title = "".join(piece if isinstance(piece, str) else piece.text for piece in entry.title.split())  # type: ignore[union-attr]
            found.append((title, entry.meta))
        if part.next is None:
            return found
        cursor = part.next


def page(name: str, minute: int, visitor: str = "v1") -> dict[str, object]:
    at = NOON + dt.timedelta(minutes=minute)
    return {"type": "page", "anonymousId": visitor, "name": name, "timestamp": at.isoformat()}


@pytest.fixture
def noor(door: Door) -> int:
    door.send(identify("u1", "v1", email="noor@example.com"))
    return Person.objects.get().pk


@pytest.fixture
def sam(door: Door, noor: int) -> int:
    door.send(identify("u2", "v2", email="sam@example.org"))
    return Person.objects.exclude(pk=noor).get().pk


def test_visits_are_told_in_few_words(door: Door, noor: int, admin: Caller) -> None:
    order = {"product": "Rowing machine", "revenue": 1499.5, "currency": "eur"}
    bought = {
        **track("u1", None, "Order Completed", **order),
        "timestamp": (NOON + dt.timedelta(minutes=3)).isoformat(),
    }
    with time_machine.travel(NOON + dt.timedelta(days=1)):
        door.send(page("Home", 0), page("Prices", 1), page("Home", 2), bought, page("Help", 40))
        door.send({"type": "screen", "userId": "u1", "timestamp": (NOON + dt.timedelta(hours=2)).isoformat(),
                   "context": {"page": {"title": "Cart"}}})  # fmt: skip
    expected = [
        ("Looked at Cart", ""),
        ("Looked at Help", ""),
        ("Order Completed", "Rowing machine · 1,499.5 EUR"),
        ("Looked at 2 pages", "Home · Prices"),
    ]
    for limit in (30, 3, 2, 1):
        assert told(admin, noor, limit) == expected, f"cut into pages of {limit}, the same entries"
    assert "identify" not in str(told(admin, noor))


def test_a_long_history_is_read_to_its_end(door: Door, noor: int, admin: Caller) -> None:
    with time_machine.travel(NOON + dt.timedelta(days=30)):
        for start in range(0, 900, 300):
            door.send(*[page(f"P{n}", n) for n in range(start, start + 300)])
    whole = told(admin, noor, 5)
    assert len(whole) == 30, "a half hour each"
    assert whole[0] == ("Looked at 30 pages", "P870 · P871 · P872 · P873 · …")


def test_a_merge_moves_what_comes_and_an_unmerge_gives_it_back(
    door: Door, noor: int, sam: int, admin: Caller
) -> None:  # fmt: skip
    door.send(track("u1", "v1", "A1"), track("u2", "v2", "B1"))
    merge = write.merge(admin, "person", noor, [sam])
    assert {title for title, _facts in told(admin, noor)} == {"A1", "B1"}
    door.send(track("u2", None, "B2"), track(None, "v2", "B3"), track(None, "v1", "A2"))
    door.send(track("u2", "new", "B4"), track("u1", "also", "A3"))
    assert {title for title, _facts in told(admin, noor)} == {"A1", "A2", "A3", "B1", "B2", "B3", "B4"}
    write.unmerge(admin, "person", merge.pk)
    door.send(track(None, "new", "B5"))
    assert {title for title, _facts in told(admin, noor)} == {"A1", "A2", "A3"}
    assert {title for title, _facts in told(admin, sam)} == {"B1", "B2", "B3", "B4", "B5"}


def test_export_and_erasure(door: Door, noor: int, sam: int, admin: Caller) -> None:
    door.send(track("u1", "v1", "Bought", secret="spa"), track("u2", "v2", "Stays"))
    obj = catalog.current()["person"]
    exported = personal.export(obj, noor)
    assert [(e["type"], e["name"], e["source"]) for e in exported] == [
        ("identify", "", "Shop"), ("track", "Bought", "Shop"),
    ]  # fmt: skip
    assert exported[1]["properties"] == {"secret": "spa"}
    assert exported[1]["user"] == "u1"
    write.erase(admin, "person", [noor])
    assert set(Event.objects.values_list("name", flat=True)) == {"", "Stays"}
    assert not Identity.objects.filter(value__in=["u1", "v1"]).exists()
    assert IdentityLink.objects.count() == 1
    assert "noor@example.com" not in str(snapshot())
    door.send(track("u1", "v1", "Again"))
    assert Identity.objects.get(value="u1").person_id is None


def test_the_trash_is_emptied_with_the_events(door: Door, noor: int, sam: int, admin: Caller) -> None:
    door.send(track("u1", "v1", "Bought"), track("u2", "v2", "Stays"))
    write.delete(admin, "person", [noor])
    assert write.purge("person", ids=[noor]) == 1
    assert set(Event.objects.values_list("identity__person", flat=True)) == {sam}
    assert set(Identity.objects.filter(kind__in=["user", "anonymous"]).values_list("value", flat=True)) == {"u2", "v2"}


def test_a_source_that_is_removed_leaves_its_events(door: Door, noor: int, admin: Caller) -> None:
    write.delete(admin, "event_source", [door.id])
    assert door.post("/v1/track", track("u1", None, "Late")).status_code == 401
    write.purge("event_source", ids=[door.id])
    assert list(Event.objects.values_list("source", "identity__person")) == [(None, noor)]


def test_an_archive_brings_events_and_keeps_keys_back(door: Door, noor: int, tmp_path: Path) -> None:
    door.send(track("u1", "v1", "Bought", revenue=2.5))
    before = state()
    there_and_back(tmp_path / "whole.zip", secrets=True)
    assert state() == before
    there_and_back(tmp_path / "open.zip", secrets=False)
    assert EventSource.objects.get().write_key == ""
    assert Event.objects.count() == 2
    assert door.post("/v1/track", track("u1", None, "Late")).status_code == 401
    assert door.post("/v1/track", track("u1", None, "Late"), key="").status_code == 401
