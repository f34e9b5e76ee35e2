"""Who waits for a turn to write on SQLite looks often, and not for ever."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import OperationalError

from rapport.config.sqlite3 import base
from rapport.config.sqlite3.base import LOOK, DatabaseWrapper

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "some.sqlite3")) as made:
        made.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t (n integer)")
    return tmp_path / "some.sqlite3"


@pytest.fixture
def holder(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that has the turn."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def waiting(path: Path, seconds: float) -> DatabaseWrapper:
    options = {"timeout": seconds, "transaction_mode": "IMMEDIATE"}
    settings = {
        "ENGINE": "rapport.config.sqlite3", "NAME": path, "OPTIONS": options, "TIME_ZONE": None, "AUTOCOMMIT": True,
        "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "ATOMIC_REQUESTS": False,
    }  # fmt: skip
    wrapper = DatabaseWrapper(settings, "other")
    wrapper.inc_thread_sharing()
    wrapper.connect()
    return wrapper


def test_it_looks_often_and_begins_when_the_other_has_ended(
    path: Path, holder: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            holder.execute("COMMIT")

    monkeypatch.setattr(base.time, "sleep", sleep)
    wrapper = waiting(path, 30)
    with closing(wrapper):
        wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        assert pauses == [LOOK] * 3
        assert not wrapper.errors_occurred
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            holder.execute("PRAGMA busy_timeout = 0").close()
            holder.execute("BEGIN IMMEDIATE")
        wrapper.rollback()
        wrapper.set_autocommit(True)
        assert wrapper.connection.execute("PRAGMA busy_timeout").fetchone() == (30_000,)


def test_it_gives_up_when_its_time_is_over(path: Path, holder: sqlite3.Connection) -> None:
    with closing(waiting(path, 0.02)) as wrapper, pytest.raises(OperationalError, match="locked"):
        wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def test_who_waits_says_so(path: Path, holder: sqlite3.Connection) -> None:
    with closing(waiting(path, 0.02)) as wrapper:
        assert wrapper.last_waiting() == 0
        before = time.time_ns()
        for _turn in range(2):
            last = wrapper.last_waiting()
            with pytest.raises(OperationalError, match="locked"):
                wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
            assert wrapper.last_waiting() > last
        assert before < wrapper.last_waiting() <= time.time_ns()


def test_nobody_waits_for_a_database_in_memory() -> None:
    with closing(waiting(Path(":memory:"), 0)) as wrapper:
        wrapper._say_waiting()
        assert wrapper.last_waiting() == 0


def test_other_errors_are_not_waited_for(path: Path) -> None:
    wrapper = waiting(path, 30)
    with closing(wrapper):
        wrapper.connection.execute("BEGIN IMMEDIATE").close()
        with pytest.raises(OperationalError, match="within a transaction"):
            wrapper._start_transaction_under_autocommit()
