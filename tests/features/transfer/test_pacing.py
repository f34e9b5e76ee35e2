"""A bulk write on SQLite is short and leaves gaps while others write, and long when alone."""

from __future__ import annotations

import gc
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import factories

from rapport.features.transfer import checkpoints, importing, loading, pacing
from rapport.features.transfer.pacing import (
    EXPECTED,
    FIRST,
    GAP,
    LEAST,
    LONG,
    MOST,
    PATIENT,
    REMEMBERED,
    SHORT,
    Pacer,
    few_collections,
    settings_of_bulk,
)  # fmt: skip
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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    found = [100.0]
    monkeypatch.setattr(pacing.time, "monotonic", lambda: found[0])
    return found


@pytest.mark.django_db(transaction=True)
def test_alone_transactions_grow_and_nothing_rests(rests: list[float], clock: list[float]) -> None:
    pacer = Pacer()
    sizes = []
    for _transaction in range(8):
        sizes.append(pacer.rows)
        pacer.rest()
        pacer.took(pacer.rows, pacer.rows * 0.00005)
    assert sizes[:4] == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]
    assert sizes[-1] == MOST
    pacer.took(MOST, 4 * LONG)
    assert pacer.rows == MOST // 4
    assert rests == []


@pytest.mark.django_db(transaction=True)
def test_beside_others_transactions_are_short_and_leave_a_gap(rests: list[float], clock: list[float]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("sqlite: the database of this run has many writers at a time")
    pacer = Pacer()
    pacer.took(1000, 0.1)
    assert pacer.rows == 2000
    write_from_elsewhere()
    pacer.took(2000, 4 * SHORT)
    assert pacer.rows == 500
    clock[0] += 0.002
    with CaptureQueriesContext(connection) as asked:
        pacer.rest()
    assert "wal_checkpoint" in asked.captured_queries[-1]["sql"]
    assert rests == pytest.approx([GAP - 0.002])
    clock[0] += 1
    pacer.rest()
    assert len(rests) == 1
    pacer.took(400, 400 * SHORT)
    assert pacer.rows == LEAST
    clock[0] += REMEMBERED
    pacer.took(LEAST, 0.001)
    pacer.rest()
    assert pacer.rows == 2 * LEAST
    assert len(rests) == 1


@pytest.mark.django_db(transaction=True)
def test_a_patient_transaction_is_longer_and_sees_who_waits(rests: list[float], clock: list[float]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("sqlite: the database of this run has many writers at a time")
    pacer, own = Pacer(patient=True), cast("Any", connection)
    pacer.took(2 * PATIENT, 0.1)
    assert pacer.rows == PATIENT
    own._say_waiting()
    pacer.begun()
    assert not pacer.awaited
    own._say_waiting()
    assert pacer.awaited
    pacer.took(1000, 4 * SHORT)
    assert pacer.rows == 250
    pacer.rest()
    assert rests == pytest.approx([GAP])
    clock[0] += EXPECTED
    pacer.took(1000, SHORT)
    assert pacer.rows == 1000, "who was there may come again"
    pacer.rest()
    assert len(rests) == 1


@pytest.mark.django_db(transaction=True)
def test_an_import_lets_others_write_after_the_rows_at_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("sqlite: the database of this run has many writers at a time")
    path = tmp_path / "people.csv"
    path.write_text("last_name\n" + "".join(f"P{n}\n" for n in range(2 * FIRST)), encoding="utf-8")
    load, waits = loading.load, iter([True])

    def loaded(*given: Any) -> None:
        load(*given)
        if next(waits, False):
            cast("Any", connection)._say_waiting()

    monkeypatch.setattr(loading, "load", loaded)
    steps: list[int] = []
    report = importing.import_file(factories.admin(), "person", path, progress=steps.append)
    assert (report.rows, report.created, report.rejected) == (2 * FIRST, 2 * FIRST, 0)
    assert (steps[0], steps[-1]) == (LEAST, 2 * FIRST)


@pytest.mark.django_db(transaction=True)
def test_the_log_of_a_bulk_write_goes_to_its_place_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("sqlite: the database of this run has a server that sees to its log")

    def in_place() -> bool:
        """Whether the file of the database itself, without its log, has what was written."""
        with closing(sqlite3.connect(f"file:{connection.settings_dict['NAME']}?immutable=1", uri=True)) as file:
            return bool(file.execute("SELECT 1 FROM records_epoch WHERE name = 'x'").fetchall())

    monkeypatch.setattr(checkpoints, "EVERY", 0.01)
    with settings_of_bulk():
        write_from_elsewhere()
        end = time.monotonic() + 20
        while not in_place() and time.monotonic() < end:
            threading.Event().wait(0.01)
        assert in_place()
    assert "checkpoints" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.django_db(transaction=True)
def test_other_databases_need_no_gap(rests: list[float]) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("postgresql: the database of this run is SQLite")
    pacer = Pacer()
    pacer.took(1000, 2 * LONG)
    pacer.rest()
    assert pacer.rows == 500
    assert rests == []


@pytest.mark.django_db(transaction=True)
def test_settings_of_a_bulk_write_end_with_it(request: pytest.FixtureRequest) -> None:
    def pragmas() -> list[Any]:
        return [db.row(Sql(f"PRAGMA {name}")) for name in names]

    sqlite = connection.vendor == "sqlite"
    names = (
        ("wal_autocheckpoint", "cache_size", "ignore_check_constraints", "journal_size_limit", "synchronous")
        if sqlite
        else ()
    )
    waiting = pragmas()[-1:]
    request.addfinalizer(lambda: [db.row(Sql(f"PRAGMA synchronous = {n}")) for (n,) in waiting])
    if names:
        db.row(Sql("PRAGMA synchronous = FULL"))
    before = pragmas()
    with pytest.raises(ZeroDivisionError), settings_of_bulk(), few_collections():
        assert not gc.isenabled()
        assert not before or pragmas() == [(100_000,), (-128 * 1024,), (1,), (-1,), (1,)]
        raise ZeroDivisionError
    assert gc.isenabled()
    assert pragmas() == before
