"""Unique custom fields: values that stand are claimed, writers at the same time can't both win."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from tests.database import snapshot
from tests.records.customising.conftest import Add

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.customising import actions, sync
from rapport.records.customising.definitions import FieldDefinition
from rapport.records.errors import Invalid
from rapport.records.history.models import UniqueValue
from rapport.records.read import visible


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
