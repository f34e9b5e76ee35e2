"""Who gets in, how far, and how often."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from tests import factories as f
from tests.database import snapshot
from tests.surfaces.api.conftest import Program, program

from rapport.features.programs import limits
from rapport.records.accounts import api_tokens, users
from rapport.records.accounts.models import ApiToken, AuditEntry
from rapport.records.errors import Invalid


def test_without_a_token_nobody_gets_in(ada: Program) -> None:
    for header in ("", "Basic YTpi", "Bearer", "Bearer rpt_unknown", f"Bearer {ada.token[4:]}"):
        answer = ada.client.get("/api/v1/people", headers={"Authorization": header})
        assert answer.status_code == 401, header
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="Rapport"')
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert AuditEntry.objects.filter(act="token refused").count() == 2


def test_a_session_is_no_token(ada: Program) -> None:
    from tests.contract.conftest import signed_in

    assert signed_in(ada.caller).get("/api/v1/people").status_code == 401


def test_a_token_ends_by_date_by_hand_and_with_its_account_v7_4(ada: Program) -> None:
    """ASVS 7.4: access ends with the account."""
    ann = f.user()
    until = timezone.now() + dt.timedelta(days=1)
    _row, expiring = api_tokens.create(ann, name="a", expires_at=until)
    row, revoked = api_tokens.create(ann, name="b")
    _row, closed = api_tokens.create(ann, name="c")
    for text in (expiring, revoked, closed):
        assert Program(ann, text).ask("GET", "me").status_code == 200
    api_tokens.revoke(ann, row.pk)
    assert Program(ann, revoked).ask("GET", "me").status_code == 401
    with time_machine.travel(until + dt.timedelta(seconds=1), tick=True):
        assert Program(ann, expiring).ask("GET", "me").status_code == 401
    assert ann.user_id is not None
    users.deactivate(ada.caller, ann.user_id)
    assert Program(ann, closed).ask("GET", "me").status_code == 401


def test_only_a_hash_of_a_token_is_kept(ada: Program) -> None:
    row = ApiToken.objects.get()
    assert ada.token not in str(row.__dict__)
    assert row.token_hash != ada.token


@pytest.mark.parametrize("scopes", [(), ("all",), ("read:nothing",), ("admin:person",)])
def test_unknown_scopes_are_refused(db: None, scopes: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        api_tokens.create(f.user(), name="x", scopes=scopes)
    assert not ApiToken.objects.exists()


def test_a_token_for_one_object_reaches_no_other_by_any_way(ada: Program) -> None:
    company = f.make(ada.caller, "company", name="Hidden Corp")
    f.make(ada.caller, "person", company=company)
    people = program(ada.caller, "read:person")
    item = people.get("people", include="company")
    assert item["items"][0]["fields"]["company"] is None
    assert "Hidden" not in str(item)
    by_path = {"field": "company.name", "op": "is", "value": "hidden corp"}
    assert people.get("people", filter=by_path)["items"] == []
    assert people.get("search", q="hidden")["items"] == []
    assert people.get("people/aggregate", group_by="company")["items"][0]["group"] is None
    assert {one["object"] for one in people.get("changes")["items"]} <= {"person"}
    assert [o["key"] for o in people.get("objects")["items"]] == ["person"]
    assert "/companies" not in people.get("openapi.json")["paths"]
    assert people.ask("PATCH", "people/1", {"fields": {}}).status_code == 403


def test_refusals_are_in_the_audit_log(ada: Program) -> None:
    program(ada.caller, "read").ask("POST", "people", {"fields": {}})
    refusal = AuditEntry.objects.get(act="refusal")
    assert (refusal.actor_id, refusal.subject) == (ada.caller.user_id, "POST /api/v1/people")


def test_a_limit_a_minute_holds_over_processes(ada: Program, settings: Any) -> None:
    settings.API_PER_MINUTE = 40
    with time_machine.travel("2027-01-04T10:00:30Z", tick=False):
        first = ada.ask("GET", "me")
        assert first.headers["RateLimit-Policy"] == '"minute";q=40;w=60'
        assert first.headers["RateLimit"] == '"minute";r=39;t=30'
        for _ in range(19):
            ada.ask("GET", "me")
        limits.forget()  # another process, which knows only what was added up
        for _ in range(20):
            assert ada.ask("GET", "me").status_code == 200
        answer = ada.ask("GET", "me")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    with time_machine.travel("2027-01-04T10:01:00Z", tick=False):
        assert ada.ask("GET", "me").status_code == 200
    assert ApiToken.objects.get().last_used_at == dt.datetime(2027, 1, 4, 10, 1, tzinfo=dt.UTC)


def test_who_guesses_tokens_is_not_listened_to(ada: Program) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        sent = [{"Authorization": f"Bearer rpt_{n}"} for n in range(32)]
        said = [ada.client.get("/api/v1/me", headers=headers).status_code for headers in sent]
    assert said == [401] * 30 + [429] * 2
    assert AuditEntry.objects.filter(act="token refused").count() == 30


def test_the_link_of_an_invitation_is_kept_sealed(ada: Program) -> None:
    sent = {"email": "eve@example.com"}
    first = ada.post("users/invite", sent, 201, Idempotency_Key="k")
    assert first["link"].rpartition("/join/")[2].strip("/") not in str(snapshot()["api_keptanswer"])
    assert ada.post("users/invite", sent, 201, Idempotency_Key="k") == first
