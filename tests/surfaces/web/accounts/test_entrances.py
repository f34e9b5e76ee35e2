"""Set-up, invitations, sign-in links, sign-in, sessions, as a browser without a session meets them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

from rapport.records.accounts import sign_in_links, users
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import AuditEntry, Organisation, User

PASSWORD = "correct horse battery"
SET_UP = {
    "name": "Fjord Supply", "country": "NO", "currency": "NOK", "zone": "Europe/Oslo", "language": "en",
    "admin_name": "Ada", "email": "ada@example.com", "password": PASSWORD,
}  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Caller:
    return f.admin()


def test_set_up_makes_the_first_administrator_and_closes() -> None:
    client = Client()
    assert client.get("/setup/").status_code == 200
    wrong = client.post("/setup/", {**SET_UP, "password": "short", "zone": "Mars/Base"})
    assert wrong.status_code == 422
    assert not User.objects.exists()
    answer = client.post("/setup/", SET_UP)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get()
    assert (user.is_admin, user.email, Organisation.objects.get().currency) == (True, "ada@example.com", "NOK")
    before = snapshot()
    for again in (client, Client()):
        assert again.get("/setup/").status_code == 404
        assert again.post("/setup/", {**SET_UP, "email": "eve@example.com"}).status_code == 404
    assert snapshot() == before
    assert client.get("/settings/users/").status_code == 200


def test_a_sign_in_link_needs_a_button_and_works_once(admin: Caller) -> None:
    token = sign_in_links.create(User.objects.get())
    path, client = reverse("sign_in_link", args=[token]), Client()
    for _scan in range(2):
        assert client.get(path).status_code == 200
        assert client.get("/settings/").status_code == 302
    assert client.post(path).status_code == 302
    assert client.get("/settings/").status_code == 200
    assert Client().post(path).status_code == 410
    acts = list(AuditEntry.objects.order_by("id").values_list("act", flat=True))
    assert acts == ["sign-in", "sign-in refused"]
    assert EmailAddress.objects.get().verified


def test_an_invitation_is_mailed_and_followed(admin: Caller, settings: Any) -> None:
    settings.BASE_URL = "https://crm.example"
    office = signed_in(admin)
    shown = office.post("/settings/users/invite/", {"email": "tom@example.com"}, headers={"Host": "evil.example"})
    link = re.search(r"https://crm\.example(/join/[\w-]+/)", shown.content.decode())
    assert link
    assert link[0] in str(mail.outbox[0].body)
    assert "evil.example" not in str(mail.outbox[0].body)
    tom = Client()
    assert "tom@example.com" in tom.get(link[1]).content.decode()
    assert tom.post(link[1], {"name": "Tom", "password": "short"}).status_code == 422
    assert tom.post(link[1], {"name": "Tom", "password": PASSWORD}).status_code == 302
    assert tom.get("/profile/").status_code == 200
    assert Client().get(link[1]).status_code == 410
    assert Client().post(link[1], {"name": "Eve", "password": PASSWORD}).status_code == 410


def test_nobody_signs_up(admin: Caller) -> None:
    before = snapshot()
    values = {"email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert "closed" in Client().post("/accounts/signup/", values).content.decode().lower()
    assert snapshot() == before


def test_v6_3_8_known_and_unknown_addresses_get_the_same_answer(admin: Caller) -> None:
    def told(path: str, **values: str) -> str:
        page = Client().post(path, values, follow=True).content.decode()
        for value in values.values():
            page = page.replace(value, "…")
        return re.sub(r'value="[\w-]{40,}"', "", page)

    def signing(email: str) -> str:
        return told("/accounts/login/", login=email, password="wrong password")

    def resetting(email: str) -> str:
        return told("/accounts/password/reset/", email=email)

    assert signing(admin.email) == signing("nobody@example.com")
    assert resetting(admin.email) == resetting("nobody@example.com")


def test_refused_sign_ins_are_noted_and_limited(admin: Caller) -> None:
    client = Client()
    for _try in range(7):
        answer = client.post("/accounts/login/", {"login": admin.email, "password": "wrong password"})
        assert answer.status_code < 500
    refused = AuditEntry.objects.filter(act="sign-in refused")
    assert 1 <= refused.count() < 7
    assert {e.subject for e in refused} == {admin.email}
    assert "wrong password" not in str(list(refused.values()))
    answer = client.post("/accounts/login/", {"login": admin.email, "password": "correct horse battery"})
    assert client.get("/profile/").status_code == 302


def test_password_sign_in_and_sign_out(admin: Caller) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": admin.email.upper(), "password": "correct horse battery"})
    assert client.get("/profile/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/profile/").status_code == 302
    assert list(AuditEntry.objects.order_by("id").values_list("act", flat=True)) == ["sign-in", "sign-out"]


def test_v7_4_2_sessions_end_with_the_account(admin: Caller) -> None:
    ann = f.user()
    client = Client()
    client.post("/accounts/login/", {"login": ann.email, "password": "correct horse battery"})
    assert client.get("/profile/").status_code == 200
    users.deactivate(admin, ann.user_id or 0)
    assert client.get("/profile/").status_code == 302
    users.activate(admin, ann.user_id or 0)
    assert client.get("/profile/").status_code == 302


def test_signing_out_everywhere_else(admin: Caller) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/accounts/login/", {"login": admin.email, "password": "correct horse battery"})
    here.post("/profile/sign-out-everywhere/")
    assert here.get("/profile/").status_code == 200
    assert there.get("/profile/").status_code == 302


def test_the_profile_is_ones_own(admin: Caller) -> None:
    ann = f.user()
    client = signed_in(ann)
    values = {"name": "Ann B.", "title": "Lead", "language": "en", "zone": "Asia/Tokyo", "theme": "dark",
              "week_start": "6", "currency": "CHF"}  # fmt: skip
    answer = client.post("/profile/", {**values, "is_admin": "true", "email": "x@example.com"})
    assert answer.status_code == 303
    user = User.objects.get(pk=ann.user_id)
    assert (user.name, user.zone, user.theme) == ("Ann B.", "Asia/Tokyo", "dark")
    assert (user.is_admin, user.email) == (False, ann.email)
    form = client.get("/deals/new/").content.decode()
    assert "<option selected>CHF</option>" in form, "amounts are entered in one's own currency"
    for wrong in ({"zone": "Mars/Base"}, {"currency": "Euro"}, {"theme": "pink"}, {"language": "xx"}, {"name": " "}):
        assert client.post("/profile/", {**values, **wrong}).status_code == 422
