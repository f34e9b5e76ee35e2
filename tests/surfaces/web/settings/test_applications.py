"""The pages on which administrators add applications."""

from __future__ import annotations

import re

import pytest
from allauth.idp.oidc.models import Client
from django.urls import reverse
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot

pytestmark = pytest.mark.django_db
LIST, NEW = "/settings/applications/", "/settings/applications/new/"
SENT = {
    "name": "Shop", "kind": "confidential", "level": "read",
    "redirect_uris": "https://shop.example/back\n\nhttps://shop.example/other",
}  # fmt: skip


def test_an_application_is_added_changed_and_removed() -> None:
    client = signed_in(f.admin())
    assert b"No applications yet" in client.get(LIST).content
    shown = client.post(NEW, SENT)
    assert shown.headers["Cache-Control"] == "no-store"
    secret = re.search(r"rps_[\w-]{43}", shown.content.decode())
    assert secret is not None
    made = Client.objects.get()
    assert secret[0] not in made.secret
    assert "shop.example" in client.get(LIST).content.decode()
    one = reverse("settings-application", args=[made.pk])
    assert "https://shop.example/other" in client.get(one).content.decode()
    changed = {"name": "Store", "level": "write", "redirect_uris": "https://store.example/"}
    assert client.post(one, changed).status_code == 303
    assert Client.objects.get().get_redirect_uris() == ["https://store.example/"]
    again = client.post(f"{one}secret/").content.decode()
    assert secret[0] not in again
    assert "rps_" in again
    assert client.post(f"{one}remove/").status_code == 303
    assert not Client.objects.exists()


def test_one_without_a_secret() -> None:
    client = signed_in(f.admin())
    assert "rps_" not in client.post(NEW, {**SENT, "kind": "public"}).content.decode()
    one = reverse("settings-application", args=[Client.objects.get().pk])
    assert "New secret" not in client.get(one).content.decode()
    assert client.post(f"{one}secret/", follow=True).status_code == 200
    assert Client.objects.get().secret == ""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"redirect_uris": "http://shop.example/"}, "returned to"), ({"redirect_uris": " "}, "required"),
        ({"name": ""}, "required"), ({"level": "all"}, "valid choice"), ({"kind": ""}, "required"),
        ({"redirect_uris": "\n".join(f"https://a.example/{n}" for n in range(21))}, "from 1 to 20"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(wrong: dict[str, str], said: str) -> None:
    answer = signed_in(f.admin()).post(NEW, SENT | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Client.objects.exists()


def test_only_administrators_v8_2() -> None:
    """ASVS 8.2: functions of administrators are refused to others, and nothing changes."""
    signed_in(f.admin()).post(NEW, SENT)
    one, ben = reverse("settings-application", args=[Client.objects.get().pk]), signed_in(f.user("Ben"))
    before = snapshot("records_auditentry")
    for path in (LIST, NEW, one):
        assert ben.get(path).status_code == 403
    for path in (NEW, one, f"{one}secret/", f"{one}remove/"):
        assert ben.post(path, SENT).status_code == 403
    assert snapshot("records_auditentry") == before
