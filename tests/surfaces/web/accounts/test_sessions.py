"""Sessions die with the password, the account and its rights (ASVS 5.0 V7.4)."""

from __future__ import annotations

import pytest
from django.test import Client
from tests import factories as f

from rapport.records.accounts import epochs
from rapport.records.accounts.models import Organisation, User

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_a_new_password_ends_other_sessions() -> None:
    ann = User.objects.get(pk=f.user().user_id)
    one, other = Client(), Client()
    for client in (one, other):
        client.force_login(ann, backend=BACKEND)
        assert client.get("/").status_code == 200
    data = {"oldpassword": "correct horse battery", "password1": "another horse 42", "password2": "another horse 42"}
    assert one.post("/accounts/password/change/", data).status_code == 302
    assert one.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert other.get("/people/").headers["Location"].startswith("/accounts/login/")


def test_a_deactivated_user_is_signed_out() -> None:
    ann = User.objects.get(pk=f.user().user_id)
    client = Client()
    client.force_login(ann, backend=BACKEND)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    epochs.raise_(epochs.RIGHTS)
    assert client.get("/").status_code == 302


def test_the_way_in_of_an_empty_rapport_is_the_set_up() -> None:
    Organisation.objects.all().delete()
    assert Client().get("/").headers["Location"] == "/setup/"
    f.user()
    assert Client().get("/").headers["Location"].startswith("/accounts/login/")
