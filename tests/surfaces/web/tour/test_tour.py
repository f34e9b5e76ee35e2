"""The tour: its stations are what the caller may see, it is left and taken up again, and starts anew."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.registry import extensions
from rapport.registry.extensions import TourStop

pytestmark = pytest.mark.django_db


def stations(client: Client) -> list[str]:
    html = client.get("/tour/").content.decode()
    return re.findall(r'name="to" value="([a-z]+)"', html.partition("steps-list")[2])


def go(client: Client, to: str) -> str:
    answer = client.post("/tour/go/", {"to": to})
    assert answer.status_code == 303
    return str(answer["Location"])


def card(client: Client) -> str:
    answer = client.get("/tour/card/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_organisation_has_the_stations_that_need_no_records() -> None:
    client = signed_in(f.admin())
    assert stations(client) == ["home", "board", "forecast", "calendar", "fields", "palette"]
    ada = f.admin()
    for key in ("person", "quote", "ticket"):
        f.make(ada, key)
    assert stations(client) == [s.name for s in sorted(extensions.all_of(TourStop), key=lambda s: s.order)]


def test_stations_are_those_that_one_may_see() -> None:
    nothing = dict.fromkeys(("read", "create", "edit"), "none")
    f.make(f.admin(), "person")
    ann = signed_in(f.user("Ann", rights={"*": nothing, "person": {"read": "all"}}))
    assert stations(ann) == ["home", "person", "calendar", "palette"]
    own = signed_in(f.user("Eve", rights={"person": {"read": "own"}}))
    assert "person" not in stations(own)


def test_one_goes_from_station_to_station_and_back() -> None:
    client = signed_in(f.admin())
    assert card(client) == ""
    assert go(client, "start") == "/#tour"
    assert "1 of 6" in card(client)
    assert 'value="back"' not in card(client)
    assert go(client, "next") == "/deals/?layout=board#tour"
    assert "2 of 6" in card(client)
    assert go(client, "back") == "/#tour"
    assert go(client, "back") == "/#tour"
    assert go(client, "calendar") == "/calendar/#tour"
    assert client.post("/tour/go/", {"to": "nowhere"}).status_code == 404
    assert client.post("/tour/go/", {"to": "\x00"}).status_code == 404


def test_it_is_left_and_taken_up_again_elsewhere() -> None:
    ada = f.admin()
    here, there = signed_in(ada), signed_in(ada)
    go(here, "start")
    go(here, "next")
    assert 'hx-get="/tour/card/"' in here.get("/people/").content.decode()
    answer = here.post("/tour/leave/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "The tour waits" in answer["HX-Trigger"]
    assert 'hx-get="/tour/card/"' not in here.get("/people/").content.decode()
    assert 'hx-get="/tour/card/"' not in there.get("/people/").content.decode()
    assert go(there, "on") == "/deals/?layout=board#tour"
    assert 'hx-get="/tour/card/"' in there.get("/people/").content.decode()


def test_whoever_came_to_the_end_is_offered_it_no_more_as_a_first_step() -> None:
    ada = f.admin()
    client = signed_in(ada)
    step = extensions.named(extensions.FirstStep, "tour")
    assert step is not None
    go(client, "start")
    for _station in range(5):
        go(client, "next")
    assert not step.done(ada)
    assert go(client, "next") == "/"
    assert step.done(ada)
    assert card(client) == ""
    assert "Start again" in client.get("/tour/").content.decode()
    assert go(client, "start") == "/#tour"
    assert step.done(ada)


def test_a_station_that_is_gone_is_passed_over() -> None:
    ada = f.admin()
    client = signed_in(ada)
    person = f.make(ada, "person")
    assert go(client, "person") == f"/people/{person}/#tour"
    client.post(f"/people/{person}/delete/")
    assert "1 of 6" in card(client)
    assert go(client, "on") == "/#tour"


def test_who_is_not_signed_in_has_no_tour() -> None:
    f.admin()
    for path in ("/tour/", "/tour/card/"):
        assert Client().get(path).status_code == 302
    assert Client().post("/tour/go/", {"to": "start"}).status_code == 302
