"""Pages of imports: a file becomes a draft, its columns are placed, tried, imported, stopped and gone on with."""

from __future__ import annotations

import csv
import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests import factories as f
from tests.database import snapshot
from tests.surfaces.web.lists.conftest import client_of

from rapport.features.transfer import drafts, jobs, runs
from rapport.features.transfer.models import ImportDraft, ImportRun, State
from rapport.records.accounts import epochs
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import User
from rapport.records.jobs import queue
from rapport.records.jobs.worker import drain
from rapport.records.read import visible

pytestmark = pytest.mark.django_db
PEOPLE = (
    "Vorname,Surname,x1,x2,Firma,Level\n"
    "Ann,Ode,ann@example.com,+49 30 1234560,Fjord,gold\n"
    "Bob,Poe,bob@example.com,+49 30 1234561,Fjord,silver\n"
    "Cy,Roe,broken@@,+49 30 1234562,,gold\n"
    "Di,Toe,di@example.com,+49 30 1234563,Fjord,gold\n"
    "Ed,Woe,ed@example.com,+49 30 1234564,Fjord,silver\n"
)

SELECTS = r'<select[^>]* name="((?:target|type|unknown)-\d+|duplicates|match)"[^>]*>(.*?)</select>'


@pytest.fixture
def admin(db: None) -> Caller:
    return f.admin()


@pytest.fixture
def client(admin: Caller) -> Client:
    return client_of(admin)


def sent(client: Client, content: str | bytes = PEOPLE, name: str = "people.csv", plural: str = "people") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(f"/{plural}/import/", {"file": SimpleUploadedFile(name, raw)})


def form(client: Client, url: str) -> dict[str, str]:
    """What the form of the columns would post."""
    text = client.get(url).content.decode()
    found = {"columns": "1"}
    for name, body in re.findall(
        r'<select[^>]* name="((?:target|type|unknown)-\d+|duplicates|match)"[^>]*>(.*?)</select>', text, re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', body)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def names(caller: Caller) -> list[str]:
    return [row.title for row in visible(caller, "person").page(columns=("name",), sort="id").rows]


def test_a_file_is_understood_tried_and_imported(admin: Caller, client: Client) -> None:
    assert "/people/import/" in client.get("/people/").content.decode()
    answer = sent(client)
    draft = ImportDraft.objects.get()
    assert answer.url == f"/imports/new/{draft.pk}/"
    text = client.get(answer.url).content.decode()
    assert "a guess" in text
    assert "bob@example.com" in text
    assert draft.guessed == ["x1", "x2"]
    entered = form(client, answer.url)
    assert [entered[f"target-{n}"] for n in range(4)] == ["first_name", "last_name", "emails", "phones"]
    entered |= {"target-4": "company", "target-5": "+", "do": "map"}
    assert client.post(answer.url, entered).status_code == 302
    entered = form(client, answer.url)
    assert (entered["target-5"], entered["type-5"], entered["unknown-4"]) == ("+", "text", "refuse")
    before = snapshot("transfer_importdraft", "records_jobrow")
    client.post(answer.url, {**entered, "type-5": "choice", "do": "try"})
    assert "Trying…" in client.get(answer.url).content.decode()
    drain()
    assert snapshot("transfer_importdraft", "records_jobrow") == before
    text = client.get(answer.url).content.decode()
    assert "Would create 0; 5 would be refused." in text
    assert "there is none called “Fjord”" in text
    entered = form(client, answer.url) | {"unknown-4": "create", "do": "try"}
    client.post(answer.url, entered)
    drain()
    assert "Would create 4; 1 would be refused." in client.get(answer.url).content.decode()
    assert names(admin) == []
    begun = client.post(answer.url, form(client, answer.url) | {"do": "begin"})
    run = ImportRun.objects.get()
    assert begun.url == f"/imports/{run.pk}/"
    assert not ImportDraft.objects.exists()
    assert "waiting for its turn" in client.get(begun.url).content.decode()
    drain()
    text = client.get(begun.url).content.decode()
    assert "4 rows were imported." in text
    assert names(admin) == ["Ann Ode", "Bob Poe", "Di Toe", "Ed Woe"]
    people = visible(admin, "person").page(columns=("company", "level"), sort="id").rows
    assert [row.labels["company"] for row in people] == ["Fjord"] * 4
    refused = client.get(f"/imports/{run.pk}/rows/refused/")
    rows = list(csv.reader(b"".join(refused.streaming_content).decode("utf-8-sig").splitlines()))
    assert rows[1][:3] == ["Cy", "Roe", "broken@@"]
    assert f'href="/imports/{run.pk}/records/created/"' in text
    f.make(admin, "person", last_name="Bystander")
    listed = client.get(f"/imports/{run.pk}/records/created/").content.decode()
    assert re.findall(r'<td class="is-primary"[^>]*><a href="[^"]*">([^<]*)<', listed) == [
        "Fjord", "Ann Ode", "Bob Poe", "Di Toe", "Ed Woe",
    ]  # fmt: skip
    assert "people.csv" in client.get("/imports/").content.decode()
    run.refresh_from_db()
    assert run.path == ""


def test_how_a_file_is_read_can_be_changed(client: Client) -> None:
    url = sent(client, "Ann|1\nBob|2\n").url
    client.post(url, {"do": "read", "format": "csv", "encoding": "cp1252", "delimiter": "|", "header": "yes"})
    source = ImportDraft.objects.get().source
    assert (source["encoding"], source["has_header"], source["columns"]) == ("cp1252", True, ["Ann", "1"])
    client.post(url, {"do": "read", "format": "csv", "encoding": "utf-8", "delimiter": ";", "header": "no"})
    assert ImportDraft.objects.get().source["columns"] == ["1"]
    answer = client.post(url, {"do": "read", "format": "xlsx"})
    assert answer.status_code == 422
    assert "This is no Excel workbook (.xlsx)." in answer.content.decode()
    assert ImportDraft.objects.get().source["format"] == "csv"


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "The file is empty."), (b"PK\x03\x04\x00\x00", "neither a text")]
)
def test_what_can_not_be_read_is_refused_and_not_kept(
    client: Client, content: bytes, message: str, settings: Any, tmp_path: Path
) -> None:
    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": own}
    before = snapshot()
    answer = sent(client, content)
    assert answer.status_code == 422
    assert message in answer.content.decode() or "Choose a file" in answer.content.decode()
    assert client.post("/people/import/").status_code == 422
    assert snapshot() == before
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_v8_2_imports_of_others_do_not_exist(admin: Caller, client: Client) -> None:
    draft_url = sent(client).url
    run = jobs.start(admin, "person", SimpleUploadedFile("a.csv", b"last_name\nA\n"))
    reader = client_of(f.user("Tom", rights={"person": {"read": "all", "create": "none"}}))
    other = client_of(f.user("Eve"))
    before = snapshot()
    assert reader.get("/people/import/").status_code == 403
    assert reader.post("/people/import/").status_code == 403
    assert "/people/import/" not in reader.get("/people/").content.decode()
    for url in (draft_url, f"/imports/{run.pk}/", f"/imports/{run.pk}/rows/refused/"):
        assert other.get(url).status_code == 404
    assert other.post(draft_url, {"do": "begin"}).status_code == 404
    assert other.post(f"/imports/{run.pk}/", {"do": "stop"}).status_code == 404
    assert snapshot() == before
    assert "a.csv" not in other.get("/imports/").content.decode()
    assert client.get(f"/imports/{run.pk}/rows/else/").status_code == 404


def test_who_is_meant_and_what_becomes_an_option_is_chosen(admin: Caller, client: Client) -> None:
    ben = f.user("Ben")
    f.custom_field("person", "grade", "choice", choices=[{"value": "a", "label": "A", "tone": "neutral"}])
    url = sent(client, "Last name,Owner,Grade\nOne,Benjamin,B\nTwo,Ada,A\n").url
    assert "Who is “Benjamin”?" in client.get(url).content.decode()
    entered = form(client, url) | {"who-1-0": str(ben.user_id), "unknown-1": "mine", "unknown-2": "create"}
    client.post(url, {**entered, "do": "try"})
    drain()
    assert "Would be made: Grade – B" in client.get(url).content.decode()
    client.post(url, {**form(client, url), "who-1-0": str(ben.user_id), "do": "begin"})
    drain()
    rows = visible(admin, "person").page(columns=("owner", "grade"), sort="id").rows
    assert [(row.labels["owner"], row.values["grade"]) for row in rows] == [("Ben", "b"), ("Ada", "a")]
    (made,) = ImportRun.objects.get().made["options"].values()
    assert made == ["b"]
    other = f.user("Cleo")
    client_url = sent(client_of(other), "Last name,Grade\nOne,C\n").url
    text = client_of(other).get(client_url).content.decode()
    assert "Administrators can make new options" in text
    assert "make it an option" not in text


def test_who_may_not_make_fields_is_offered_none(admin: Caller) -> None:
    user = client_of(f.user("Eve"))
    url = sent(user).url
    assert 'value="+"' not in user.get(url).content.decode()
    entered = form(user, url) | {"target-5": "+", "target-4": "", "do": "begin"}
    assert user.post(url, entered).status_code == 403
    assert not ImportRun.objects.exists()


def test_stopped_and_gone_on_with(admin: Caller, client: Client) -> None:
    run = jobs.start(admin, "person", SimpleUploadedFile("a.csv", b"last_name\nA\nB\n"))
    url = f"/imports/{run.pk}/"
    client.post(url, {"do": "stop"})
    run.refresh_from_db()
    assert run.state == State.STOPPED
    assert "This import stopped after 0 rows." in client.get(url).content.decode()
    assert not drain()
    client.post(url, {"do": "resume"})
    drain()
    assert names(admin) == ["A", "B"]
    assert client.post(url, {"do": "resume"}).status_code in (302, 404)
    assert names(admin) == ["A", "B"]


def test_the_same_file_twice_asks_first(admin: Caller, client: Client) -> None:
    for _twice in range(2):
        url = sent(client, "last_name\nA\n").url
        answer = client.post(url, {"do": "begin"})
        drain()
    assert answer.status_code == 422
    assert "Import it once more" in answer.content.decode()
    assert names(admin) == ["A"]
    client.post(url, {"do": "begin", "again": "1"})
    drain()
    assert names(admin) == ["A", "A"]


@pytest.mark.parametrize(
    "odd",
    [
        {"target-0": "is_admin"}, {"target-0": "emails:nowhere"}, {"target-0": "addresses.planet"},
        {"target-0": "\x00"},
        {"target-0": "first_name", "target-1": "id"}, {"do": "read", "format": "doc"},
        {"do": "nothing", "target-0": "x"},
        {"do": "read", "format": "csv", "encoding": "rot13"}, {"do": "read", "format": "csv", "delimiter": "ab"},
    ],
)  # fmt: skip
def test_v2_2_what_the_page_never_offers_is_refused(client: Client, odd: dict[str, str]) -> None:
    url = sent(client).url
    before = snapshot()
    answer = client.post(url, {"columns": "1", "do": "begin"} | odd)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert snapshot() == before


def test_a_draft_is_discarded_with_its_file(
    admin: Caller, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    url = sent(client).url
    path = ImportDraft.objects.get().path
    assert default_storage.exists(path)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(url, {"do": "discard"}).url == "/people/import/"
    assert not ImportDraft.objects.exists()
    assert not default_storage.exists(path)


def test_v14_2_erased_people_go_from_drafts_too(admin: Caller, client: Client) -> None:
    from rapport.features.transfer import erasing
    from rapport.registry import catalog

    sent(client)
    person = f.make(admin, "person", last_name="Poe", emails="bob@example.com")
    erasing.erase(catalog.current()["person"], [person])
    assert not ImportDraft.objects.exists()


def test_a_trial_can_be_stopped(admin: Caller, client: Client) -> None:
    url = sent(client, "last_name\nA\n").url
    client.post(url, form(client, url) | {"do": "try"})
    job = drafts.trying(ImportDraft.objects.get())
    assert job is not None
    client.post(url, {"do": "stop"})
    assert drafts.trying(ImportDraft.objects.get()) is None
    assert queue.retry(job.pk)
    client.post(url, {"do": "discard"})
    drain()
    assert names(admin) == []


def test_a_file_that_is_gone_is_told(admin: Caller, client: Client) -> None:
    url = sent(client).url
    default_storage.delete(ImportDraft.objects.get().path)
    assert client.get(url).status_code == 404
    run = jobs.start(admin, "person", SimpleUploadedFile("a.csv", b"last_name\nA\n"))
    client.post(f"/imports/{run.pk}/", {"do": "stop"})
    runs.remove_file(run.pk, run.path)
    text = client.get(f"/imports/{run.pk}/").content.decode()
    assert "Upload it again to go on where it stopped." in text


def test_german(admin: Caller, client: Client) -> None:
    User.objects.filter(pk=admin.user_id).update(language="de")
    epochs.raise_(epochs.RIGHTS)
    assert "Datei wählen" in client.get("/people/import/").content.decode()


def test_types_of_columns_are_told_from_content(tmp_path: Path) -> None:
    from rapport.features.transfer.guessing import kind

    cases = {
        "email": ["a@x.example", "b@x.example; c@x.example"], "phone": ["+49 30 123456", "(030) 123-456"],
        "url": ["https://x.example/a", "www.x.example"], "date": ["2024-05-06"], "datetime": ["2024-05-06 10:00"],
        "money": ["€ 1.234,50", "12 EUR"], "country": ["Germany", "Frankreich", "USA"], "boolean": ["yes", "No"],
        "number": ["12", "-3"], "decimal": ["1.5", "2,75"], "choice": ["gold", "silver"] * 5, "text": ["a b", "c"],
        "longtext": ["x" * 300], "": ["", ""],
    }  # fmt: skip
    assert {name: kind(samples) for name, samples in cases.items()} == {name: name for name in cases}
    assert kind(["31.12.2020", "01.02.2021"]) == "date"
    assert kind(["01234", "50667"]) == "text"
