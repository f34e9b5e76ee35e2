"""A bulk write on SQLite rests when others write, and looks now and then whether somebody waits."""

from __future__ import annotations

import gc
import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from rapport.features.transfer import pacing
from rapport.features.transfer.pacing import LOOK_EVERY, Pacer, few_collections, rare_checkpoints
from rapport.lib.sql import Sql
from rapport.records import db


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses taken."""
    found: list[float] = []
    monkeypatch.setattr(pacing.time, "sleep", found.append)
    return found


def write_from_elsewhere() -> None:
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other, other:
        other.execute(
            "INSERT INTO records_epoch (name, value) VALUES ('x', 1) ON CONFLICT DO UPDATE SET value = value + 1"
        )


@pytest.mark.django_db(transaction=True)
def test_rests_are_as_long_as_the_transaction_while_others_write(
    rests: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("sqlite: the database of this run has many writers at a time")
    clock = [100.0]
    monkeypatch.setattr(pacing.time, "monotonic", lambda: clock[0])
    pacer = Pacer()
    pacer.rest(0.5)
    assert rests == []
    write_from_elsewhere()
    pacer.rest(0.25)
    clock[0] += 4
    pacer.rest(0.75)
    assert rests == [0.25, 0.75]
    clock[0] += 4
    for _chunk in range(LOOK_EVERY - 3):
        pacer.rest(1.0)
    assert rests == [0.25, 0.75, 0.5]


@pytest.mark.django_db
def test_other_databases_need_no_rest(rests: list[float]) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("postgresql: the database of this run is SQLite")
    pacer = Pacer()
    for _chunk in range(2 * LOOK_EVERY):
        pacer.rest(1.0)
    assert rests == []


@pytest.mark.django_db(transaction=True)
def test_settings_of_a_bulk_write_end_with_it() -> None:
    def pages() -> int:
        found = db.row(Sql("PRAGMA wal_autocheckpoint")) if connection.vendor == "sqlite" else (0,)
        return int(found[0]) if found else -1

    before = pages()
    with pytest.raises(ZeroDivisionError), rare_checkpoints(), few_collections():
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()
    assert pages() == before
