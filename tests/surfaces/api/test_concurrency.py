"""Writers at the same time: no gap in the feed, one write for one key."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from tests import factories as f
from tests.surfaces.api.conftest import Program, program

from rapport.records import write
from rapport.records.history import following
from rapport.records.read import visible

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two_writers() -> None:
    """SQLite has one writer at a time: there the order of keys is that of commits."""
    if connection.vendor != "postgresql":
        pytest.skip("needs a database with several writers at once")


class Slow(threading.Thread):
    """Creates a company, and commits when it is told to."""

    def __init__(self, caller: Any) -> None:
        super().__init__(daemon=True)
        self.caller, self.written, self.may_end = caller, threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                write.create(self.caller, "company", {"name": "Slow"})
                self.written.set()
                self.may_end.wait(120)
        finally:
            connection.close()


def test_a_reader_never_passes_a_writer_that_has_not_committed(two_writers: None) -> None:
    ada = f.admin()
    start = following.end()
    slow = Slow(ada)
    slow.start()
    assert slow.written.wait(120)
    write.create(ada, "company", {"name": "Fast"})
    told, position, _more = following.follow(ada, start)
    assert (told, position) == ([], start), "the later key is committed, the earlier one is not"
    slow.may_end.set()
    slow.join(20)
    told, position, _more = following.follow(ada, position)
    names = [visible(ada, "company").labels([one.record_id])[one.record_id] for one in told]
    assert names == ["Slow", "Fast"]
    assert following.follow(ada, position)[0] == []


def test_a_writer_that_gives_up_holds_nobody(two_writers: None) -> None:
    ada = f.admin()
    start = following.end()
    with pytest.raises(RuntimeError), transaction.atomic():
        write.create(ada, "company", {"name": "Never"})
        raise RuntimeError
    write.create(ada, "company", {"name": "Then"})
    assert [one.action for one in following.follow(ada, start)[0]] == ["create"]


def test_many_requests_with_one_key_write_once(transactional_db: None) -> None:
    ada = program(f.admin())
    said: list[int] = []

    def ask() -> None:
        try:
            own = Program(ada.caller, ada.token)
            said.append(own.ask("POST", "companies", {"fields": {"name": "Once"}}, Idempotency_Key="k").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(said) == 6
    assert set(said) <= {201, 409}
    assert 201 in said
    assert visible(ada.caller, "company").count() == 1


def test_many_upserts_of_one_number_make_one_record(transactional_db: None) -> None:
    ada = program(f.admin())
    f.custom_field("company", "erp", "text", unique=True)
    said: list[int] = []

    def ask() -> None:
        try:
            own = Program(ada.caller, ada.token)
            said.append(own.ask("PUT", "companies/by/erp/7", {"fields": {"name": "Fjord"}}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == [200] * 4 + [201]
