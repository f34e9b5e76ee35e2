"""Applications get in by OAuth 2.1, as far as users let them, and out at once."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import time_machine
from allauth.idp.oidc.models import Token
from django.test import Client as Browser
from django.utils import timezone
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.database import snapshot
from tests.surfaces.web.oauth.conftest import BACK, BASE, App, application

from rapport.features.programs import limits
from rapport.records.accounts import api_tokens, applications, users
from rapport.records.accounts.caller import Caller
from rapport.records.accounts.models import ApiToken, AuditEntry, SigningKey, SpentToken

PEOPLE = "/api/v1/people"
MCP = f"{BASE}/mcp"


def acts() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("act", flat=True))


def test_an_application_acts_as_the_user_who_allowed_it(app: App, desk: Browser) -> None:
    question = desk.get(app.address())
    assert question.status_code == 200
    assert "Allow Shop?" in question.content.decode()
    assert "form-action 'self' https://shop.example;" in question["Content-Security-Policy"]
    found = app.tokens(desk)
    assert (found["token_type"], found["expires_in"], found["scope"]) == ("Bearer", 3600, "read")
    assert app.get(PEOPLE, found["access_token"]).status_code == 200
    refused = app.http.post(
        PEOPLE, "{}", content_type="application/json", headers={"Authorization": f"Bearer {found['access_token']}"}
    )
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="write:person"' in refused["WWW-Authenticate"]
    assert [act for act in acts() if act != "sign-in"] == ["application made", "application allowed", "refusal"]


def test_nothing_of_a_secret_is_kept_v13_3(app: App, ada: Caller, desk: Browser) -> None:
    """ASVS 13.3: tokens and secrets are kept as hashes, the signing key sealed."""
    other = application(ada, confidential=True)
    found = other.tokens(desk, scope="openid read")
    kept = json.dumps(snapshot("django_cache", "records_auditentry"), default=str)
    assert json.loads(kept)
    for secret in (found["access_token"], found["refresh_token"], other.secret, "PRIVATE KEY"):
        assert secret not in kept
    assert SigningKey.objects.get().sealed.startswith("v1.")


@pytest.mark.parametrize("by", ["header", "form"])
def test_an_application_with_a_secret(ada: Caller, desk: Browser, by: str) -> None:
    shop = application(ada, confidential=True)
    code = shop.code(desk)
    assert App(shop.id).exchange(code).status_code == 401
    assert App(shop.id, "rps_wrong").exchange(code).status_code == 401
    if by == "form":
        assert shop.exchange(code).status_code == 200
        return
    word = base64.b64encode(f"{shop.id}:{shop.secret}".encode()).decode()
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": "verifier-" * 6}
    assert shop.http.post("/oauth/token", sent, headers={"Authorization": f"Basic {word}"}).status_code == 200


def test_a_new_secret_ends_the_old_one(ada: Caller, desk: Browser) -> None:
    shop = application(ada, confidential=True)
    new = applications.rotate(ada, shop.id)
    assert shop.exchange(shop.code(desk)).status_code == 401
    assert App(shop.id, new).exchange(shop.code(desk)).status_code == 200


def test_refresh_tokens_are_exchanged_and_hold_once(app: App, desk: Browser) -> None:
    first = app.tokens(desk)
    second = app.refresh(first["refresh_token"]).data
    assert second["refresh_token"] != first["refresh_token"]
    assert app.get(PEOPLE, second["access_token"]).status_code == 200
    again = app.refresh(first["refresh_token"])
    assert (again.status_code, again.data["error"]) == (400, "invalid_grant")
    assert app.get(PEOPLE, second["access_token"]).status_code == 200, "the repetition of a lost answer"
    SpentToken.objects.update(spent_at=timezone.now() - dt.timedelta(minutes=1))
    assert app.refresh(first["refresh_token"]).status_code == 400
    assert app.get(PEOPLE, second["access_token"]).status_code == 401
    assert app.refresh(second["refresh_token"]).status_code == 400
    assert "application token reused" in acts()


def test_a_code_holds_once_for_its_application_and_only_with_its_verifier(app: App, ada: Caller, desk: Browser) -> None:
    code = app.code(desk)
    before = Token.objects.count()
    for changed in ({"code_verifier": "x" * 50}, {"redirect_uri": "https://shop.example/other"}, {"code": "made-up"}):
        assert app.exchange(code, **changed).status_code in {400, 401}
    assert app.ask(grant_type="authorization_code", code=code, redirect_uri=BACK).status_code == 400
    assert application(ada).exchange(code).status_code == 400
    assert Token.objects.count() == before
    assert app.exchange(code).status_code == 200
    assert app.exchange(code).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"response_type": "token"},
        {"response_type": "code token"},
        {"response_type": None},
        {"scope": "admin"},
        {"scope": "nothing"},
        {"resource": "https://other.example/"},
        {"scope": "openid", "prompt": "none"},
    ],
)
def test_what_is_no_request_of_oauth_2_1_goes_back_as_an_error(
    app: App, desk: Browser, changed: dict[str, str | None]
) -> None:
    for answer in (desk.get(app.address(**changed)), desk.post(app.address(**changed), {"answer": "allow"})):
        back = urlsplit(answer["Location"])
        said = parse_qs(back.query or back.fragment)
        assert (f"{back.scheme}://{back.netloc}{back.path}", answer.status_code) == (BACK, 302)
        assert said["error"]
        assert "code" not in said
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://shop.example/back?more=1"},
        {"redirect_uri": "https://shop.example/back/"},
        {"redirect_uri": "https://shop.example.evil.example/back"},
        {"redirect_uri": "https://user@shop.example/back"},
        {"redirect_uri": "https://shop.example:444/back"},
        {"redirect_uri": "https://shop.example/back#x"},
        {"redirect_uri": None},
        {"client_id": "made-up"},
        {"client_id": None},
        {"client_id": "a\x00b"},
        {"state": "a\x00b"},
    ],
)
def test_nobody_is_sent_where_the_application_did_not_say_v10_4(
    app: App, desk: Browser, changed: dict[str, str | None]
) -> None:
    """ASVS 10.4: addresses to return to match exactly; otherwise the user stays here."""
    answer = desk.get(app.address(**changed))
    assert answer.status_code == 400
    assert "Location" not in answer
    assert "asked wrongly" in answer.content.decode()


def test_a_program_on_the_machine_of_its_user_chooses_its_port(ada: Caller, desk: Browser) -> None:
    tool = application(ada, back="http://127.0.0.1/back")
    assert desk.get(tool.address(redirect_uri="http://127.0.0.1:5123/back")).status_code == 200
    assert desk.get(tool.address(redirect_uri="http://127.0.0.1:5123/other")).status_code == 400
    assert desk.get(tool.address(redirect_uri="http://localhost:5123/back")).status_code == 400


@pytest.mark.parametrize(
    "uri",
    [
        "http://shop.example/back", "javascript:alert(1)", "data:text/html,x", "app:/back", "https://", "/back",
        "https://a.example/#x", "https://u@a.example/", "https://a.example:port/", "https://a.example/ b", "",
    ],
)  # fmt: skip
def test_addresses_that_no_application_may_return_to(uri: str) -> None:
    assert not applications.is_redirect(uri)


def test_who_is_not_signed_in_signs_in_first_and_comes_back(app: App) -> None:
    answer = Browser().get(app.address())
    assert answer.status_code == 302
    way = urlsplit(answer["Location"])
    assert (way.path, parse_qs(way.query)["next"]) == ("/accounts/login/", [app.address()])


def test_the_user_says_no(app: App, desk: Browser) -> None:
    answer = desk.post(app.address(), {"answer": "deny"})
    assert parse_qs(urlsplit(answer["Location"]).query) == {"error": ["access_denied"], "state": ["s1"], "iss": [BASE]}
    assert not ApiToken.objects.exists()
    guarded = Browser(enforce_csrf_checks=True)
    guarded.cookies = desk.cookies
    assert guarded.post(app.address(), {"answer": "allow"}).status_code == 403
    assert not ApiToken.objects.exists()


def test_a_token_opens_the_door_that_it_is_for_v10_3(app: App, desk: Browser) -> None:
    """ASVS 10.3: a resource server takes only tokens with its own audience."""
    for_rest, for_agents = app.tokens(desk), app.tokens(desk, resource=MCP)
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}

    def agent(token: str) -> int:
        sent = {"Authorization": f"Bearer {token}", "MCP-Protocol-Version": "2025-11-25"}
        return app.http.post("/mcp", json.dumps(ping), content_type="application/json", headers=sent).status_code

    assert (app.get(PEOPLE, for_rest["access_token"]).status_code, agent(for_rest["access_token"])) == (200, 401)
    assert (app.get(PEOPLE, for_agents["access_token"]).status_code, agent(for_agents["access_token"])) == (401, 200)
    wider = app.refresh(for_rest["refresh_token"], resource=MCP)
    assert (wider.status_code, wider.data["error"]) == (400, "invalid_target")
    assert app.refresh(for_rest["refresh_token"]).status_code == 200, "what was refused changed nothing"


def test_rights_are_those_of_user_application_and_scope_together(ada: Caller) -> None:
    reader, ben = application(ada, level="read"), f.user("Ben")
    desk = signed_in(ben)
    found = reader.tokens(desk, scope="read write admin read:person openid unknown")
    assert found["scope"] == "read read:person openid"
    narrow = reader.tokens(desk, scope="read:person")
    assert reader.get(PEOPLE, narrow["access_token"]).status_code == 200
    assert reader.get("/api/v1/companies", narrow["access_token"]).status_code == 403
    most = application(ada, level="admin").tokens(desk, scope="admin")
    assert reader.get(PEOPLE, most["access_token"]).status_code == 200
    sent, headers = {"email": "eve@example.com"}, {"Authorization": f"Bearer {most['access_token']}"}
    asked = reader.http.post("/api/v1/users/invite", sent, content_type="application/json", headers=headers)
    assert asked.status_code == 403, "Ben is no administrator"


def test_who_the_user_is(ada: Caller, desk: Browser) -> None:
    shop = application(ada, confidential=True)
    found = shop.tokens(desk, scope="openid email", nonce="n1")
    key = jwt.PyJWK(shop.http.get("/oauth/keys").json()["keys"][0])
    said = jwt.decode(found["id_token"], key, ["RS256"], audience=shop.id, issuer=BASE)
    assert (said["sub"], said["email"], said["nonce"]) == (str(ada.user_id), ada.email, "n1")
    assert "name" not in said
    assert shop.get("/oauth/userinfo", found["access_token"]).json() == {
        "sub": str(ada.user_id), "email": ada.email, "email_verified": True,
    }  # fmt: skip
    for token in (shop.tokens(desk)["access_token"], "made-up", "", "a\x00b"):
        assert shop.get("/oauth/userinfo", token).status_code in {401, 403}
    assert shop.get(PEOPLE, found["access_token"]).status_code == 403


def test_access_is_withdrawn_at_once(app: App, ada: Caller, desk: Browser) -> None:
    found, pending = app.tokens(desk), app.code(desk)
    assert app.get(PEOPLE, found["access_token"]).status_code == 200
    (access,) = applications.of_user(ada)
    assert access.last_used_at
    assert api_tokens.of_user(ada) == []
    listed = desk.get("/settings/access/").content.decode()
    assert "Shop" in listed
    assert signed_in(f.user("Ben")).post(f"/settings/access/{access.pk}/withdraw/").status_code == 404
    assert desk.post(f"/settings/access/{access.pk}/withdraw/").status_code == 303
    assert app.get(PEOPLE, found["access_token"]).status_code == 401
    assert app.refresh(found["refresh_token"]).status_code == 400
    assert app.exchange(pending).status_code == 400
    assert "application withdrawn" in acts()
    assert app.get(PEOPLE, app.tokens(desk)["access_token"]).status_code == 200, "asked anew, allowed anew"


def test_a_closed_account_ends_its_applications(app: App, ada: Caller) -> None:
    ben = f.user("Ben")
    desk = signed_in(ben)
    found, pending = app.tokens(desk), app.code(desk)
    users.deactivate(ada, ben.user_id or 0)
    assert app.get(PEOPLE, found["access_token"]).status_code == 401
    assert app.refresh(found["refresh_token"]).status_code == 400
    assert app.exchange(pending).status_code == 400
    assert app.get("/oauth/userinfo", found["access_token"]).status_code == 401


def test_removed_and_lowered_applications(app: App, ada: Caller, desk: Browser) -> None:
    writer = app.tokens(desk, scope="write")
    applications.change(ada, app.id, name="Shop", redirect_uris=[BACK], level="read")
    assert app.get(PEOPLE, writer["access_token"]).status_code == 401
    reader = app.tokens(desk)
    applications.remove(ada, app.id)
    assert app.get(PEOPLE, reader["access_token"]).status_code == 401
    assert desk.get(app.address()).status_code == 400


def test_an_application_ends_its_own_tokens_and_no_others(app: App, ada: Caller, desk: Browser) -> None:
    found, other = app.tokens(desk), application(ada)
    assert other.post("/oauth/revoke", token=found["access_token"], client_id=other.id).status_code == 200
    assert app.get(PEOPLE, found["access_token"]).status_code == 200
    assert app.post("/oauth/revoke", token=found["access_token"], client_id=app.id).status_code == 200
    assert app.get(PEOPLE, found["access_token"]).status_code == 401
    again = app.refresh(found["refresh_token"]).data
    assert app.post("/oauth/revoke", token=again["refresh_token"], client_id=app.id).status_code == 200
    assert app.get(PEOPLE, again["access_token"]).status_code == 401
    assert app.post("/oauth/revoke", token="x", client_id="made-up").status_code == 401


@pytest.mark.parametrize("kind", ["password", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code", ""])
def test_other_grants_are_not_known(app: App, kind: str) -> None:
    answer = app.ask(grant_type=kind, username="a", password="b", scope="read", device_code="x", code="x")
    assert answer.status_code in {400, 401}
    assert answer.data["error"] in {"unsupported_grant_type", "invalid_grant", "invalid_request"}
    assert not Token.objects.exists()


def test_guessing_is_slowed_down(app: App) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        for _n in range(limits.FAILURES):
            limits.failed("127.0.0.1")
        assert [app.refresh("x").status_code for _n in range(2)] == [400, 429]
        assert app.refresh("x")["Retry-After"] == "60"


@pytest.mark.parametrize(
    "sent", [{"code": "a\x00b"}, {"client_id": "\x00"}, {"resource": "http://[/"}, {"code": "ä" * 9}]
)
def test_nonsense_is_refused(app: App, sent: dict[str, str]) -> None:
    given = {"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK, "code_verifier": "x" * 50, **sent}
    assert app.ask(**given).status_code in {400, 401}
    assert app.http.post("/oauth/token", b"{", content_type="application/json").status_code in {400, 401}
    assert app.http.get("/oauth/token").status_code == 405


def test_what_is_over_is_forgotten(app: App, desk: Browser) -> None:
    app.tokens(desk)
    before = Token.objects.count()
    applications.tidy()
    assert Token.objects.count() == before
    Token.objects.filter(type="at").update(expires_at=timezone.now() - dt.timedelta(days=2))
    applications.tidy()
    assert Token.objects.count() == before - 1


def test_metadata(db: None) -> None:
    http: Any = Browser()
    for path in ("oauth-authorization-server", "openid-configuration"):
        said = http.get(f"/.well-known/{path}").json()
        assert (said["issuer"], said["code_challenge_methods_supported"]) == (BASE, ["S256"])
        assert said["token_endpoint"] == f"{BASE}/oauth/token"
        assert "registration_endpoint" not in said
    said = http.get("/.well-known/oauth-protected-resource/api/v1").json()
    assert (said["resource"], said["authorization_servers"]) == (f"{BASE}/api/v1", [BASE])
    assert http.get("/.well-known/oauth-protected-resource/other").status_code == 404
    challenge = http.get(PEOPLE)["WWW-Authenticate"]
    assert f'resource_metadata="{BASE}/.well-known/oauth-protected-resource/api/v1"' in challenge
