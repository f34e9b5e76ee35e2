"""After an import: which records it was, rows that wait for an answer, and undoing all of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from tests import factories as f
from tests.database import snapshot
from tests.surfaces.web.importing.test_pages import client_of, form, sent

from rapport.features.transfer import answering
from rapport.features.transfer.models import ImportIssue, ImportRun, State
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.jobs.worker import drain
from rapport.records.models import Change
from rapport.records.read import visible

pytestmark = pytest.mark.django_db
FILE = (
    "First name,Last name,Job,E-mail\nAda,Byron,Countess,ada@example.com\nGrace,Hopper,Admiral,grace@example.com\n"
    "New,One,Aide,new@example.com\nMax,Both,Boss,ada@example.com;grace@example.com\n"
)


@pytest.fixture
def admin() -> Caller:
    return f.admin()


@pytest.fixture
def client(admin: Caller) -> Client:
    return client_of(admin)


@pytest.fixture
def known(admin: Caller) -> list[int]:
    one = f.make(admin, "person", first_name="Ada", last_name="Lovelace", emails="ada@example.com")
    return [one, f.make(admin, "person", last_name="Hopper", emails="grace@example.com", job="Rear admiral")]


def imported(client: Client, **choices: str) -> ImportRun:
    """The run of the file, begun on its page with these choices."""
    url = sent(client, FILE).url
    client.post(url, {**form(client, url), **choices, "do": "begin"})
    drain()
    return ImportRun.objects.get()


def text(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def person(caller: Caller, record_id: int) -> dict[str, Any]:
    return visible(caller, "person").get(record_id).values


def test_rows_wait_and_are_answered_one_by_one_and_all_together(
    admin: Caller, client: Client, known: list[int]
) -> None:
    run = imported(client)
    url = f"/imports/{run.pk}/waiting/"
    assert "3 rows are about records that are there already." in text(client, f"/imports/{run.pk}/")
    page = text(client, url)
    assert "<strong>Byron</strong>" in page
    assert "Rear admiral" in page
    first, _second, both = ImportIssue.objects.order_by("line")
    assert f'<option value="{known[1]}">' in page
    before = snapshot()
    client.post(url, {"do": "burn", "row": first.pk})
    assert snapshot("django_session") == before
    assert client.post(url, {"do": "fill", "row": first.pk}).url == url
    assert (person(admin, known[0])["last_name"], person(admin, known[0])["job"]) == ("Lovelace", "Countess")
    client.post(url, {"do": "overwrite", "row": both.pk, "record": known[1]})
    assert person(admin, known[1])["first_name"] == "Max"
    assert client.post(url, {"do": "skip"}).url == f"/imports/{run.pk}/"
    run.refresh_from_db()
    assert (run.created, run.updated, run.skipped, run.rejected) == (1, 2, 1, 0)
    assert not ImportIssue.objects.exists()
    assert set(Change.objects.filter(object_key="person", action="update").values_list("batch", flat=True)) == {
        f"import:{run.pk}"
    }
    listed = text(client, f"/imports/{run.pk}/records/updated/")
    assert "Ada Lovelace" in listed
    assert "New One" not in listed
    assert "Nothing waits for you" in text(client, url)


def test_many_are_answered_in_the_background(
    admin: Caller, client: Client, known: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "AT_ONCE", 1)
    monkeypatch.setattr(answering, "PART", 2)
    run = imported(client)
    url = f"/imports/{run.pk}/waiting/"
    client.post(url, {"do": "make"})
    assert "Answering…" in text(client, f"/imports/{run.pk}/")
    client.post(url, {"do": "skip"})
    drain()
    run.refresh_from_db()
    assert (run.created, run.skipped) == (4, 0)
    assert visible(admin, "person").count() == 6


def test_what_can_not_be_answered_is_refused_with_a_reason(admin: Caller, client: Client, known: list[int]) -> None:
    run = imported(client)
    write.delete(admin, "person", [known[0]])
    client.post(f"/imports/{run.pk}/waiting/", {"do": "overwrite"})
    run.refresh_from_db()
    assert (run.updated, run.rejected) == (2, 1)
    assert "not there any more" in ImportIssue.objects.get().reasons


def test_undone_on_its_page_with_what_stays(admin: Caller, client: Client, known: list[int]) -> None:
    run = imported(client, duplicates="overwrite")
    assert run.updated == 2
    write.update(admin, "person", known[0], {"job": "Owner"})
    url = f"/imports/{run.pk}/"
    assert "Undo this import" in text(client, url)
    client.post(url, {"do": "undo"})
    assert "Undoing…" in text(client, url)
    drain()
    page = text(client, url)
    assert "What stays as it is stands below" in page
    assert re.search(r">Ada Lovelace</a>.*?Job.*?changed since", page, re.DOTALL)
    assert "Undo this import" not in page
    run.refresh_from_db()
    assert run.state == State.UNDONE
    assert (person(admin, known[0])["last_name"], person(admin, known[0])["job"]) == ("Lovelace", "Owner")
    assert person(admin, known[1])["job"] == "Rear admiral"
    assert visible(admin, "person").count() == 2
    history = text(client, f"/people/{known[0]}/history/")
    assert f"Import {run.pk}" in history
    assert f"Import {run.pk} undone" in history
    client.post(url, {"do": "undo"})
    run.refresh_from_db()
    assert run.state == State.UNDONE


def test_v8_2_what_an_import_did_is_for_whoever_did_it(admin: Caller, client: Client, known: list[int]) -> None:
    run = imported(client)
    other = client_of(f.user("Ben"))
    for path in ("waiting/", "records/created/", "records/updated/", ""):
        assert other.get(f"/imports/{run.pk}/{path}").status_code == 404
    before = snapshot()
    assert other.post(f"/imports/{run.pk}/", {"do": "undo"}).status_code == 404
    assert other.post(f"/imports/{run.pk}/waiting/", {"do": "overwrite"}).status_code == 404
    assert snapshot() == before
    assert client.get(f"/imports/{run.pk}/records/nothing/").status_code == 404


def test_who_the_same_is_can_be_chosen(admin: Caller, client: Client, known: list[int]) -> None:
    url = sent(client, FILE).url
    entered = form(client, url)
    assert 'name="duplicates"' in text(client, url)
    client.post(url, {**entered, "duplicates": "skip", "do": "try"})
    drain()
    assert "0 would be changed and 3 left as they are" in text(client, url).replace("\n", " ")
    client.post(url, {**entered, "duplicates": "nonsense", "do": "map"})
    assert 'value="skip" selected' in text(client, url)
