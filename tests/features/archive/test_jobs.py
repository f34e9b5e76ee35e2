"""Archives of the settings: made as a job, downloaded for a while, told to the audit log, for administrators only."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.features.archive import jobs
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, NotFound
from rapport.records.jobs import queue, worker
from rapport.records.jobs.models import JobRow, State
from rapport.records.models import AuditEntry, User

pytestmark = pytest.mark.django_db
PAGE = "/settings/archive/"


@pytest.fixture
def ada(db: None) -> Caller:
    return f.admin()


@pytest.fixture
def client(ada: Caller) -> Client:
    return signed_in(ada)


def left() -> list[str]:
    """Archives that lie in the storage."""
    try:
        return default_storage.listdir(jobs.FOLDER)[1]
    except FileNotFoundError:
        return []


@pytest.fixture(autouse=True)
def clean() -> Any:
    """Nothing stays in the storage."""
    yield
    for name in left():
        default_storage.delete(f"{jobs.FOLDER}/{name}")


def acts() -> list[str]:
    return list(AuditEntry.objects.filter(act__startswith="archive").order_by("id").values_list("act", flat=True))


def test_an_archive_is_made_downloaded_and_removed(ada: Caller, client: Client) -> None:
    f.make(ada, "company")
    assert "No archive to download" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}make/").status_code == 303
    assert client.post(f"{PAGE}make/").status_code == 303
    assert JobRow.objects.filter(name=jobs.MAKE).count() == 1
    waiting = client.get(PAGE).content.decode()
    assert "Waits for its turn" in waiting
    assert "hx-trigger" in waiting
    worker.drain()
    (kept,) = jobs.kept()
    answer = client.post(f"{PAGE}{kept.job}/download/")
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="rapport-')
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert len(data) == kept.size
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"Text" in archive.read("tables/customers_company.jsonl")
        assert User.objects.get(pk=ada.user_id).password.encode() not in archive.read("tables/records_user.jsonl")
    assert acts() == ["archive made", "archive downloaded"]
    assert client.get(f"{PAGE}{kept.job}/download/").status_code == 405
    client.post(f"{PAGE}{kept.job}/remove/")
    assert (list(jobs.kept()), left()) == ([], [])
    assert client.post(f"{PAGE}{kept.job}/download/").status_code == 404


def test_a_download_expires_and_goes(ada: Caller) -> None:
    jobs.start(ada)
    worker.drain()
    (kept,) = jobs.kept()
    with time_machine.travel(timezone.now() + jobs.KEPT - dt.timedelta(minutes=1), tick=False):
        jobs.forget(None)
        assert len(left()) == 1
    with time_machine.travel(timezone.now() + jobs.KEPT + dt.timedelta(minutes=1), tick=False):
        assert list(jobs.kept()) == []
        with pytest.raises(NotFound):
            jobs.download(ada, kept.job)
        assert jobs.forget(None) == {"archives": 1}
    assert left() == []


def test_one_that_is_stopped_leaves_nothing(ada: Caller, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked_to_stop(*_rows: Any) -> None:
        raise worker.Stopped

    monkeypatch.setattr(worker.Context, "progress", asked_to_stop)
    jobs.start(ada)
    worker.drain()
    assert JobRow.objects.get(name=jobs.MAKE).state == State.CANCELLED
    assert left() == []
    assert "was stopped" in client.get(PAGE).content.decode()
    jobs.start(ada)
    client.post(f"{PAGE}stop/")
    assert jobs.latest().state == State.CANCELLED  # type: ignore[union-attr]


def test_a_failure_is_told(ada: Caller, client: Client) -> None:
    jobs.start(ada)
    row = jobs.latest()
    assert row is not None
    queue.finish(row, State.FAILED, error="no space left")
    assert "could not be made" in client.get(PAGE).content.decode()


def test_v8_3_1_only_administrators_make_and_fetch_archives(ada: Caller) -> None:
    jobs.start(ada)
    worker.drain()
    (kept,) = jobs.kept()
    bob = f.user("Bob")
    browser, before = signed_in(bob), snapshot()
    for path in ("make/", "stop/", f"{kept.job}/download/", f"{kept.job}/remove/"):
        assert browser.post(f"{PAGE}{path}").status_code == 403
    for refused in (lambda: jobs.start(bob), lambda: jobs.download(bob, kept.job), lambda: jobs.remove(bob, kept.job)):
        with pytest.raises(Forbidden):
            refused()
    assert snapshot() == before
    assert len(left()) == 1


def test_who_is_no_administrator_any_more_gets_none(ada: Caller) -> None:
    jobs.start(ada)
    User.objects.filter(pk=ada.user_id).update(is_admin=False)
    f.user("Bob")
    worker.drain()
    assert JobRow.objects.get(name=jobs.MAKE).state == State.FAILED
    assert left() == []
