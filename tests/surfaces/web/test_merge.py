"""Merging in the browser: side by side, chosen by field, taken back from the toast and from the history."""

from __future__ import annotations

import pytest
from django.test import Client
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Caller:
    return f.admin()


@pytest.fixture
def client(ada: Caller) -> Client:
    return signed_in(ada)


def two(ada: Caller) -> tuple[int, int]:
    one = f.make(ada, "person", first_name="Ann", last_name="Ray", job="Chef", emails=["a@x.com"])
    other = f.make(ada, "person", first_name="Anne", last_name="Ray", emails=["b@x.com"], source="web")
    f.make(ada, "task", person=other)
    return one, other


def test_side_by_side_then_merged_and_back(ada: Caller, client: Client) -> None:
    one, other = two(ada)
    page = client.get("/people/merge/", {"ids": f"{one},{other}"}).content.decode()
    for text in ("Anne", "a@x.com", "b@x.com", f'name="f-first_name" value="{one}" checked', "1</span> task"):
        assert text in page, text
    assert 'name="f-last_name"' not in page, "what is the same is no choice"
    answer = client.post("/people/merge/", {"ids": f"{one},{other}", "survivor": other, "f-first_name": one})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/people/{other}/")
    assert visible(ada, "person").get(other).title == "Ann Ray"
    assert client.get(f"/people/{one}/").headers["Location"] == f"/people/{other}/"
    history = client.get(f"/people/{other}/history/").content.decode()
    assert "merged Ann Ray into this" in history
    path = history.split("/unmerge/")[1].split("/")[0]
    answer = client.post(f"/people/{other}/unmerge/{path}/")
    assert answer.headers["Location"] == f"/people/{other}/"
    assert "1 record is back." in client.get(f"/people/{other}/").content.decode()
    assert visible(ada, "person").get(other).title == "Anne Ray"
    assert "/unmerge/" not in client.get(f"/people/{other}/history/").content.decode()


def test_another_one_may_stay(ada: Caller, client: Client) -> None:
    one, other = two(ada)
    page = client.get("/people/merge/", {"ids": f"{one},{other}", "survivor": other}).content.decode()
    assert f'name="f-first_name" value="{other}" checked' in page
    assert f'name="f-job" value="{one}" checked' in page, "a gap is filled"


def test_the_list_leads_there(ada: Caller, client: Client) -> None:
    one, other = two(ada)
    assert "/people/merge/" in client.get("/people/").content.decode()
    assert "/invoices/merge/" not in client.get("/invoices/").content.decode()
    answer = client.get(
        "/people/merge/", {"ids": f"{one},{other}"}, headers={"HX-Request": "true", "HX-Target": "div#remote"}
    )
    assert answer.status_code == 204
    assert f"ids={one}%2C{other}" in answer.headers["HX-Location"]
    few = client.get("/people/merge/", {"ids": one}, headers={"HX-Request": "true", "HX-Target": "div#remote"})
    assert few.status_code == 422
    assert "at least two" in few.headers["HX-Trigger"]


@pytest.mark.parametrize("data", [{"f-name": "1"}, {"f-first_name": "none"}, {"f-first_name": "999999999"}])
def test_a_wrong_choice_is_told_and_changes_nothing(ada: Caller, client: Client, data: dict[str, str]) -> None:
    one, other = two(ada)
    client.get("/people/")
    before = snapshot()
    answer = client.post("/people/merge/", {"ids": f"{one},{other}", **data})
    assert answer.status_code == 422
    assert snapshot() == before


def test_what_one_may_not_see_is_not_shown(ada: Caller) -> None:
    one, other = two(ada)
    bob = f.user(
        "Bob", rights={"person": {"delete": "all"}, "task": {"read": "none"}}, fields={"person": {"emails": "hidden"}}
    )
    page = signed_in(bob).get("/people/merge/", {"ids": f"{one},{other}"}).content.decode()
    assert "a@x.com" not in page
    assert "Nothing that you can see" in page
    eve = f.user("Eve", rights={"person": {"delete": "none"}})
    assert signed_in(eve).get("/people/merge/", {"ids": f"{one},{other}"}).status_code == 403
    assert "/people/merge/" not in signed_in(eve).get("/people/").content.decode()


def test_kept_fields_are_named(ada: Caller, client: Client) -> None:
    one, other = two(ada)
    made = write.merge(ada, "person", one, [other])
    write.update(ada, "person", one, {"source": "event"})
    client.post(f"/people/{one}/unmerge/{made.pk}/")
    assert "left as it is: source" in client.get(f"/people/{one}/").content.decode()
    assert client.post(f"/people/{other}/unmerge/{made.pk}/").status_code == 404
