"""Unique custom fields: values that stand are claimed, writers at the same time can't both win."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from tests.database import snapshot
from tests.records.customising.conftest import Add

from rapport.lib.sql import Sql
from rapport.records import db, write
from rapport.records.accounts import epochs
from rapport.records.accounts.caller import Caller
from rapport.records.customising import actions, sync
from rapport.records.customising.definitions import FieldDefinition
from rapport.records.errors import Invalid, Outdated
from rapport.records.history.models import UniqueValue
from rapport.records.read import visible
from rapport.registry import catalog


def test_values_that_stand_are_claimed(admin: Caller, add: Add) -> None:
    row = add("text", "Badge")
    first = write.create(admin, "person", {"last_name": "A", "badge": "X1"})
    gone = write.create(admin, "person", {"last_name": "B", "badge": "x1"})
    write.delete(admin, "person", [gone])
    actions.update_field(admin, row.pk, FieldDefinition(label="Badge", unique=True))
    sync.refresh()
    assert list(UniqueValue.objects.values_list("value", "record_id")) == [("x1", first)]
    with pytest.raises(Invalid):
        write.create(admin, "person", {"last_name": "C", "badge": "X1"})
    with pytest.raises(Invalid):
        write.restore(admin, "person", [gone])


def test_duplicates_are_told_and_nothing_changes(admin: Caller, add: Add) -> None:
    row = add("text", "Badge")
    ids = [write.create(admin, "person", {"last_name": n, "badge": "X1"}) for n in "AB"]
    before = snapshot()
    with pytest.raises(Invalid) as refused:
        actions.update_field(admin, row.pk, FieldDefinition(label="Badge", unique=True))
    assert "x1" in str(refused.value)
    assert all(str(i) in str(refused.value) for i in ids)
    assert snapshot() == before


def test_switched_off_and_removed_fields_claim_nothing(admin: Caller, add: Add) -> None:
    row = add("text", "Badge", unique=True)
    write.create(admin, "person", {"last_name": "A", "badge": "X1"})
    assert UniqueValue.objects.count() == 1
    actions.remove_field(admin, row.pk)
    assert not UniqueValue.objects.exists()
    actions.restore_field(admin, row.pk)
    assert UniqueValue.objects.count() == 1
    actions.update_field(admin, row.pk, FieldDefinition(label="Badge"))
    assert not UniqueValue.objects.exists()


@pytest.mark.parametrize("type_", ["longtext", "boolean", "choice", "json", "formula", "rollup", "money"])
def test_types_that_can_not_be_unique(admin: Caller, add: Add, type_: str) -> None:
    with pytest.raises(Invalid):
        add(type_, unique=True)


@pytest.mark.django_db(transaction=True)
def test_of_writers_at_the_same_time_one_wins(admin: Caller, add: Add) -> None:
    add("text", "Badge", unique=True)
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def work(number: int) -> None:
        try:
            start.wait()
            write.create(admin, "person", {"last_name": f"N{number}", "badge": "SAME"})
            outcomes.append("made")
        except Invalid:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused", "refused", "refused"]
    assert visible(admin, "person").count({"field": "badge", "op": "is", "value": "same"}) == 1


def test_a_process_that_does_not_know_yet_writes_no_duplicate(admin: Caller, add: Add) -> None:
    row = add("text", "Badge")
    holder = write.create(admin, "person", {"last_name": "A", "badge": "X1"})
    other = write.create(admin, "person", {"last_name": "B"})
    known = catalog.current()
    actions.update_field(admin, row.pk, FieldDefinition(label="Badge", unique=True))
    before = snapshot()
    for attempt in (
        lambda: write.create(admin, "person", {"last_name": "C", "badge": "X1"}),
        lambda: write.update(admin, "person", other, {"badge": "X1"}),
    ):
        catalog.install(known)
        with pytest.raises(Outdated):
            attempt()
        assert snapshot() == before
        with pytest.raises(Invalid):
            attempt()
    assert list(UniqueValue.objects.values_list("record_id", flat=True)) == [holder]


@pytest.mark.django_db(transaction=True)
def test_a_writer_beside_the_switch_makes_no_duplicate(
    admin: Caller, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = add("text", "Badge")
    write.create(admin, "person", {"last_name": "A", "badge": "X1"})
    began, outcomes = threading.Event(), list[str]()
    raise_ = epochs.raise_

    def work() -> None:
        try:
            began.set()
            write.create(admin, "person", {"last_name": "B", "badge": "X1"})
            outcomes.append("made")
        except (Outdated, Invalid):
            outcomes.append("refused")
        finally:
            connection.close()

    def beside(name: str) -> None:
        """The values are claimed, nothing is committed: now another writer comes, and is waiting before it ends."""
        raise_(name)
        if name != epochs.REGISTRY:
            return
        writer.start()
        began.wait()
        waiting = Sql(
            "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
            "WHERE NOT l.granted AND d.datname = current_database() LIMIT 1"
        )
        while connection.vendor == "postgresql" and db.row(waiting) is None:
            pass

    writer = threading.Thread(target=work)
    monkeypatch.setattr(epochs, "raise_", beside)
    actions.update_field(admin, row.pk, FieldDefinition(label="Badge", unique=True))
    writer.join()
    assert outcomes == ["refused"]
    assert visible(admin, "person").count({"field": "badge", "op": "is", "value": "X1"}) == 1
