"""The page that describes the API."""

from __future__ import annotations

import re

import pytest
from tests import factories as f
from tests.contract.conftest import signed_in

pytestmark = pytest.mark.django_db


def test_the_page_shows_what_the_reader_may() -> None:
    f.custom_object("boat", "boats")
    ada, client = f.admin(), signed_in(f.admin())
    index = client.get("/api/v1/docs/")
    assert index.status_code == 200
    groups = set(re.findall(r"about=([^\"]+)", index.content.decode()))
    assert {"Boats", "People", "Companies"} <= groups
    for group in groups:
        page = client.get(f"/api/v1/docs/?about={group}").content.decode()
        assert "<code>GET /" in page, group
    boats = client.get("/api/v1/docs/?about=Boats").content.decode()
    assert "POST /boats" in boats
    assert "fields.name" in boats
    assert ada.is_admin
    nobody = signed_in(f.user(rights={"*": dict.fromkeys(("create", "read", "edit", "delete"), "none")}))
    assert "about=Boats" not in nobody.get("/api/v1/docs/").content.decode()


def test_the_page_is_for_people_who_are_signed_in() -> None:
    from django.test import Client

    answer = Client().get("/api/v1/docs/")
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/accounts/login/")
