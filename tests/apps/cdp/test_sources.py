"""Event sources are the administrators': pages, rights, origins, keys. ASVS 5.0 V8.2, V14.2."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from tests import factories as f
from tests.apps.cdp.intake import Door, identify, track
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.apps.cdp import sources
from rapport.apps.cdp.models import Event
from rapport.apps.customers.models import Person
from rapport.records import write
from rapport.records.accounts import api_tokens
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Forbidden, Invalid, NotFound
from rapport.records.models import AuditEntry, Change
from rapport.records.read import visible
from rapport.records.write import delete


@pytest.fixture
def browser(admin: Caller) -> Client:
    return signed_in(admin)


def test_an_administrator_makes_and_keeps_a_source(browser: Client, admin: Caller) -> None:
    listed = browser.get("/settings/event-sources/").content.decode()
    assert "No event sources yet" in listed
    sent = {"name": "Shop", "kind": "website", "origins": "HTTPS://Shop.Example/\n\nhttp://localhost:8080"}
    made = browser.post("/settings/event-sources/new/", {**sent, "makes_people": "on"})
    assert made.status_code == 303
    (row,) = visible(admin, "event_source").page(columns=("origins", "active", "makes_people")).rows
    assert row.values["origins"] == "https://shop.example\nhttp://localhost:8080"
    key = sources.key_of(admin, row.id)
    assert len(key) >= 32
    shown = browser.get(made["Location"])
    assert shown.content.decode().count(key) == 4, "beside its label and in each of three examples"
    assert shown["Cache-Control"] == "no-store"
    edited = browser.post(f"/settings/event-sources/{row.id}/edit/", {**sent, "name": "Store"})
    assert edited.status_code == 303
    values = f.write_values(admin, "event_source", row.id)
    assert (values["name"], values["makes_people"], values["active"]) == ("Store", False, True)
    browser.post(f"/settings/event-sources/{row.id}/key/")
    assert sources.key_of(admin, row.id) != key
    assert AuditEntry.objects.filter(act="write key replaced", subject="Store").count() == 1
    browser.post(f"/settings/event-sources/{row.id}/switch/", {"active": "false"})
    assert f.write_values(admin, "event_source", row.id)["active"] is False
    assert not [c for c in Change.objects.all() if key in str(c.diff)], "keys are in no log"


def test_the_page_tells_what_came_and_why_nobody(browser: Client, door: Door, admin: Caller) -> None:
    door.send(identify("u1", "v1", email="noor@example.com", name="Noor Haddad"), identify("u2", None, plan="gold"))
    door.send(track("u1", None, "Order Completed"), track(None, "v9", "Looked"), {"type": "page"})
    shown = browser.get(reverse("event-source", args=[door.id])).content.decode()
    for text in ("Noor Haddad", "Order Completed", "Not known yet", "too little is known of them",
                 "1 event was left out", "it had no id that tells who it is about"):  # fmt: skip
        assert text in shown, text
    listed = browser.get("/settings/event-sources/").content.decode()
    assert "1 refused" in listed
    write.delete(admin, "person", [Person.objects.get().pk])
    assert "in the trash" in browser.get(reverse("event-source", args=[door.id])).content.decode()


def test_nobody_else_sees_a_source(door: Door) -> None:
    ben = f.user("Ben")
    _row, token = api_tokens.create(ben, name="Test", scopes=("read", "write"))
    client, before = signed_in(ben), snapshot("records_apitoken", "programs_usage")
    for path in ("", "new/", f"{door.id}/", f"{door.id}/edit/"):
        assert client.get(f"/settings/event-sources/{path}").status_code == 403, path
    for path in ("new/", f"{door.id}/edit/", f"{door.id}/key/", f"{door.id}/switch/"):
        assert client.post(f"/settings/event-sources/{path}", {"name": "X"}).status_code == 403, path
    for path in ("/event-sources/", f"/event-sources/{door.id}/"):
        assert client.get(path).status_code in {403, 404}
    assert "Event sources" not in client.get("/settings/").content.decode()
    headers = {"Authorization": f"Bearer {token}"}
    listed = client.get("/api/v1/event-sources", headers=headers)
    assert b"Shop" not in listed.content
    assert door.key.encode() not in listed.content
    assert client.get(f"/api/v1/event-sources/{door.id}", headers=headers).status_code == 404
    with pytest.raises(Forbidden):
        sources.replace_key(ben, door.id)
    with pytest.raises(Forbidden):
        sources.key_of(ben, door.id)
    with pytest.raises((Forbidden, NotFound)):
        delete(ben, "event_source", [door.id])
    assert snapshot("records_apitoken", "programs_usage") == before


@pytest.mark.parametrize(
    "line",
    ["shop.example", "https://", "ftp://shop.example", "https://shop.example/path", "https://*.example", "null", "*",
     "https://a@shop.example", "https://shop.example:port", "https://shop example"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(admin: Caller, line: str) -> None:
    before = snapshot()
    with pytest.raises(Invalid) as error:
        write.create(admin, "event_source", {"name": "Shop", "origins": line})
    assert list(error.value.errors) == ["origins"]
    assert snapshot() == before


def test_old_counts_go_but_for_the_last(door: Door) -> None:
    door.send(track("u1", None, "A"))
    from rapport.apps.cdp.models import IntakeMinute

    (row,) = IntakeMinute.objects.all()
    IntakeMinute.objects.create(source_id=door.id, minute=row.minute - 60 * 24 * 40, taken=7, refused=0, reason="")
    sources.forget(None)
    assert list(IntakeMinute.objects.values_list("minute", flat=True)) == [row.minute]
    assert Event.objects.count() == 1
