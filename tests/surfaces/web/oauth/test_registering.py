"""Applications that make themselves known, and the protocol's official client that does."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import httpx2
import pytest
import time_machine
from allauth.idp.oidc.models import Client as Application
from django.test import Client as Browser
from django.utils import timezone
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientMetadata
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.surfaces.mcp.walking import finished, walk
from tests.surfaces.web.oauth.conftest import BACK, App

from rapport.features.programs import works
from rapport.records.accounts import applications
from rapport.records.accounts.caller import Caller

WISH = {"client_name": "Agent", "redirect_uris": [BACK], "token_endpoint_auth_method": "none", "scope": "read write"}


def register(wish: Any) -> Any:
    return Browser().post("/oauth/register", json.dumps(wish), content_type="application/json")


def test_it_is_off_unless_it_is_switched_on(db: None) -> None:
    assert register(WISH).status_code == 404
    assert not Application.objects.exists()


def test_a_client_makes_itself_known_and_users_are_warned(ada: Caller, desk: Browser, settings: Any) -> None:
    settings.OAUTH_REGISTRATION = True
    said = desk.get("/.well-known/oauth-authorization-server").json()
    assert said["registration_endpoint"].endswith("/oauth/register")
    answer = register(WISH)
    assert answer.status_code == 201
    made = answer.json()
    assert "client_secret" not in made
    app = App(made["client_id"])
    assert "chose its name" in desk.get(app.address()).content.decode()
    assert app.tokens(desk, scope="write admin")["scope"] == "write"
    assert "made itself known" in desk.get("/settings/applications/").content.decode()
    secret = register({"redirect_uris": [BACK]}).json()["client_secret"]
    assert secret.startswith("rps_")


@pytest.mark.parametrize(
    "wish",
    [
        {}, [], {"redirect_uris": []}, {"redirect_uris": ["http://shop.example/"]}, {"redirect_uris": "x"},
        {**WISH, "grant_types": ["password"]}, {**WISH, "response_types": ["token"]},
        {**WISH, "token_endpoint_auth_method": "private_key_jwt"}, {**WISH, "client_name": "a\x00"},
        {**WISH, "redirect_uris": ["https://a.example/\x00"]}, {**WISH, "redirect_uris": [BACK] * 1000},
    ],
)  # fmt: skip
def test_what_is_refused(db: None, settings: Any, wish: Any) -> None:
    settings.OAUTH_REGISTRATION = True
    assert register(wish).status_code in {400, 413}
    assert not Application.objects.exists()


def test_too_many_and_unused_ones(ada: Caller, desk: Browser, settings: Any) -> None:
    settings.OAUTH_REGISTRATION = True
    with time_machine.travel(timezone.now(), tick=False):
        answers = [register(WISH) for _n in range(12)]
    assert [answers[0].status_code, answers[-1].status_code] == [201, 429]
    App(answers[0].json()["client_id"]).code(desk)
    Application.objects.update(created_at=timezone.now() - dt.timedelta(days=8))
    applications.tidy()
    assert Application.objects.count() == 1


class Memory:
    """What a client of the protocol remembers."""

    tokens: Any = None
    client: Any = None

    async def get_tokens(self) -> Any:
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> Any:
        return self.client

    async def set_client_info(self, client_info: Any) -> None:
        self.client = client_info


@pytest.mark.django_db(transaction=True)
def test_the_official_client_finds_its_way_by_itself(live_server: Any, settings: Any) -> None:
    settings.BASE_URL, settings.OAUTH_REGISTRATION = live_server.url, True
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    caller = f.admin()
    cookies = {name: morsel.value for name, morsel in signed_in(caller).cookies.items()}
    memory, came_back = Memory(), {}

    def allow(address: str) -> None:
        """The user's browser."""
        with httpx.Client(cookies=cookies, trust_env=False) as browser:
            question = browser.get(address)
            assert "Agent" in question.text
            token = question.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
            sent = {"answer": "allow", "csrfmiddlewaretoken": token}
            answer = browser.post(address, data=sent, headers={"Referer": address})
            came_back.update(parse_qs(urlsplit(answer.headers["Location"]).query))

    async def redirect(address: str) -> None:
        allow(address)

    async def callback() -> Any:
        return AuthorizationCodeResult(code=came_back["code"][0], state=came_back["state"][0], iss=came_back["iss"][0])

    async def run() -> None:
        told = OAuthClientMetadata(client_name="Agent", redirect_uris=["http://127.0.0.1:9/back"])  # type: ignore[list-item]
        auth = OAuthClientProvider(f"{live_server.url}/mcp", told, memory, redirect, callback)
        async with (
            httpx2.AsyncClient(auth=auth, trust_env=False) as http,
            Client(streamable_http_client(f"{live_server.url}/mcp", http_client=http), mode="auto") as rapport,
        ):
            await walk(rapport)

    finished(run)
    (piece,) = works.recent(caller)
    assert (piece.acts, piece.token) == (1, "Agent")
    assert memory.tokens.refresh_token
