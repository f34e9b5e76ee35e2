"""The page of one's own tokens."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.records.accounts import api_tokens
from rapport.records.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db
LIST = "/settings/tokens/"


def test_a_token_is_made_shown_once_used_and_revoked() -> None:
    ann = f.user()
    client = signed_in(ann)
    assert b"No tokens yet" in client.get(LIST).content
    sent = {"name": "Shop", "scope": "write", "days": "30"}
    shown = client.post(reverse("settings-token-new"), sent)
    found = re.search(r"rpt_[\w-]{43}", shown.content.decode())
    assert found is not None
    assert shown.headers["Cache-Control"] == "no-store"
    assert found[0] not in client.get(LIST).content.decode()
    grant = api_tokens.use(found[0], "rest")
    assert grant is not None
    assert (grant.scopes, grant.caller.user_id) == (("write",), ann.user_id)
    client.post(reverse("settings-token-revoke", args=[grant.token_id]))
    assert api_tokens.use(found[0], "rest") is None
    assert list(AuditEntry.objects.filter(act__startswith="token").values_list("act", flat=True)) == [
        "token revoked", "token made",
    ]  # fmt: skip


def test_nobody_revokes_tokens_of_others_or_reaches_further_than_offered() -> None:
    ann, ben = f.user(), f.user("Ben")
    made, text = api_tokens.create(ann, name="Shop")
    answer = signed_in(ben).post(reverse("settings-token-revoke", args=[made.pk]))
    assert answer.status_code == 404
    assert api_tokens.use(text, "rest") is not None
    refused = signed_in(ben).post(reverse("settings-token-new"), {"name": "x", "scope": "admin", "days": "0"})
    assert refused.status_code == 422
    assert api_tokens.of_user(ben) == []
