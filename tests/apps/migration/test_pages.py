"""Pages of migrations: an export is uploaded, looked through, brought over, stopped, and nothing shows to others."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests import factories as f
from tests.apps.migration.moving import DATA, bring, colleague, rows, step
from tests.database import snapshot
from tests.surfaces.web.lists.conftest import client_of

from rapport.apps.migration import jobs, running, undoing
from rapport.apps.migration.models import Migration, State
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import User
from rapport.records.errors import Invalid
from rapport.records.jobs.worker import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Caller:
    return f.admin()


@pytest.fixture
def client(admin: Caller) -> Client:
    return client_of(admin)


def packed(vendor: str) -> bytes:
    """The export of a vendor as a zip, its files in a folder."""
    held = io.BytesIO()
    root = DATA / vendor
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                archive.write(path, f"export/{path.relative_to(root).as_posix()}")
    return held.getvalue()


def sent(client: Client, content: bytes, name: str = "export.zip", vendor: str = "hubspot") -> Any:
    return client.post("/settings/migrate/", {"vendor": vendor, "file": SimpleUploadedFile(name, content)})


def test_an_export_is_understood_brought_over_and_reported(admin: Caller, client: Client) -> None:
    lena = colleague("Lena Brandt", "lena@acme.example")
    response = sent(client, packed("hubspot"))
    migration = Migration.objects.get()
    url = f"/settings/migrate/{migration.pk}/"
    assert (response.status_code, response["Location"]) == (302, url)
    assert "Looking through the files" in client.get(url).content.decode()
    drain()
    text = client.get(url).content.decode()
    assert "export/hubspot-crm-exports-all-contacts-2026-03-01.csv" in text
    assert "Preferred channel" in text
    assert "Tom Unknown" in text
    fields = [name for name in _fields(text) if "Newsletter" not in name]
    chosen = {"do": "start", "unknown": "empty", "field": fields, "owner-0": str(lena), "owner-1": "empty"}
    client.post(url, {**chosen, "zone": "America/New_York"})
    assert "waiting for its turn" in client.get(url).content.decode()
    drain()
    text = client.get(url).content.decode()
    assert "records were brought over." in text
    assert "Download with reasons" in text
    assert b"Give a name" in b"".join(client.get(f"{url}issues/").streaming_content)  # type: ignore[attr-defined]
    people = {p.title: p for p in rows(admin, "person")}
    assert people["Paul Reyes"].values["owner"] is None
    assert "newsletter" not in people["Paul Reyes"].values
    quayside = {row.title: row for row in rows(admin, "company")}["Quayside Foods Ltd"]
    assert quayside.values["created_at"] == dt.datetime(2024, 5, 31, 3, 30, tzinfo=dt.UTC)
    migration.refresh_from_db()
    assert (migration.state, migration.path) == (State.DONE, "")


def _fields(text: str) -> list[str]:
    return [html.unescape(m) for m in re.findall(r'name="field" value="([^"]*)"', text)]


def test_owners_may_become_users_with_closed_accounts(admin: Caller, client: Client) -> None:
    sent(client, packed("hubspot"))
    drain()
    url = f"/settings/migrate/{Migration.objects.get().pk}/"
    client.post(url, {"do": "start", "unknown": "create"})
    drain()
    assert "records were brought over." in client.get(url).content.decode()
    made = User.objects.get(email="tom@acme.example")
    assert (made.name, made.is_active, made.has_usable_password()) == ("Tom Unknown", False, False)
    paul = next(p for p in rows(admin, "person") if p.title == "Paul Reyes")
    assert paul.values["owner"] == made.pk


def test_what_is_no_export_is_refused_with_what_to_do_and_leaves_nothing(admin: Caller, client: Client) -> None:
    assert "Choose a file first." in client.post("/settings/migrate/", {"vendor": "hubspot"}).content.decode()
    assert sent(client, b"x", vendor="nobody").status_code == 422
    before = snapshot("migration_migration", "records_jobrow")
    for name, content in (("export.zip", b"PK\x03\x04 broken"), ("recipes.csv", b"Cake,Eggs\nBundt,4\n")):
        sent(client, content, name)
        drain()
        migration = Migration.objects.latest("id")
        assert (migration.state, bool(migration.problem)) == (State.FAILED, True)
        assert "Discard" in client.get(f"/settings/migrate/{migration.pk}/").content.decode()
    assert snapshot("migration_migration", "records_jobrow") == before
    client.post(f"/settings/migrate/{migration.pk}/", {"do": "discard"})
    assert not Migration.objects.filter(pk=migration.pk).exists()


def test_stopped_it_goes_on_where_it_was(admin: Caller, client: Client) -> None:
    migration = running.begin(admin, "hubspot", str(DATA / "hubspot"), "hubspot", stored=False)
    running.look(admin, migration)
    jobs.start(admin, migration, {})
    url = f"/settings/migrate/{migration.pk}/"
    client.post(url, {"do": "stop"})
    drain()
    migration.refresh_from_db()
    assert migration.state == State.STOPPED
    assert "Go on" in client.get(url).content.decode()
    client.post(url, {"do": "resume"})
    drain()
    migration.refresh_from_db()
    assert (migration.state, step(migration, "contact").created) == (State.DONE, 3)


def test_others_than_administrators_have_no_part_in_it(admin: Caller) -> None:
    migration = running.begin(admin, "hubspot", str(DATA / "hubspot"), "hubspot", stored=False)
    other, own = client_of(f.user("Ben")), "/settings/migrate/"
    before = snapshot()
    for url in (own, f"{own}{migration.pk}/", f"{own}{migration.pk}/issues/"):
        assert other.get(url).status_code in {403, 404}
    assert sent(other, packed("hubspot")).status_code in {403, 404}
    assert other.post(f"/settings/migrate/{migration.pk}/", {"do": "start"}).status_code in {403, 404}
    assert snapshot() == before


def test_it_is_undone_but_for_what_was_changed_and_comes_over_again(admin: Caller, client: Client) -> None:
    before = {key: rows(admin, key) for key in ("person", "company", "deal", "task", "interaction", "ticket", "file")}
    sent(client, packed("hubspot"))
    drain()
    migration = Migration.objects.get()
    url = f"/settings/migrate/{migration.pk}/"
    client.post(url, {"do": "start", "unknown": "me"})
    drain()
    assert "Undo this migration" in client.get(url).content.decode()
    touched = next(p for p in rows(admin, "person") if p.title == "Paul Reyes")
    write.update(admin, "person", touched.id, {"job": "Captain"})
    client.post(url, {"do": "undo"})
    assert "Undoing" in client.get(url).content.decode()
    drain()
    text = client.get(url).content.decode()
    assert "This migration is undone. What stays as it is stands below." in text
    assert "Paul Reyes" in text
    left = {key: rows(admin, key) for key in before}
    assert [p.title for p in left.pop("person")] == ["Paul Reyes"]
    assert [c.id for c in left.pop("company")] == [touched.values["company"]] * bool(touched.values["company"])
    assert left == {key: before[key] for key in left}
    assert client.post(url, {"do": "undo"}).status_code == 302
    again = bring(admin, "hubspot", DATA / "hubspot")
    assert step(again, "contact").created == 2
    assert (step(again, "contact").known, step(again, "deal").created) == (1, 4)


def test_a_paused_undo_goes_on_where_it_was(admin: Caller) -> None:
    migration = bring(admin, "hubspot", DATA / "hubspot")
    undoing.begin(admin, migration)

    class Paused(Exception):
        """Somebody stops the worker."""

    def pause(done: int) -> None:
        raise Paused

    with pytest.raises(Paused):
        undoing.perform(admin, migration, pause)
    assert undoing.perform(admin, Migration.objects.get(pk=migration.pk)) == 0
    assert not any(rows(admin, key) for key in ("person", "company", "deal", "task", "interaction"))
    with pytest.raises(Invalid):
        undoing.begin(admin, Migration.objects.get(pk=migration.pk))
