"""An application that goes through the steps of OAuth with a user's browser."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client as Browser
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.features.programs import limits
from rapport.records.accounts import api_tokens, applications
from rapport.records.accounts.caller import Caller

BASE = "http://testserver"
BACK = "https://shop.example/back"
VERIFIER = "verifier-" * 6
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class App:
    """An application, as its own code sees it."""

    id: str
    secret: str = ""
    http: Browser = field(default_factory=lambda: Browser(enforce_csrf_checks=True))

    def address(self, **changed: str | None) -> str:
        """Where it sends its user; None leaves a parameter out."""
        given: dict[str, str | None] = {
            "response_type": "code", "client_id": self.id, "redirect_uri": BACK, "state": "s1", "scope": "read",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changed,
        }  # fmt: skip
        return "/oauth/authorize?" + urlencode({k: v for k, v in given.items() if v is not None})

    def code(self, browser: Browser, **changed: str | None) -> str:
        """What a user who allows it brings back."""
        answer = browser.post(self.address(**changed), {"answer": "allow"})
        assert answer.status_code == 302, answer.content
        back = parse_qs(urlsplit(answer["Location"]).query)
        assert back["state"] == ["s1"]
        assert back["iss"] == [BASE]
        return back["code"][0]

    def ask(self, **sent: str) -> Any:
        """What the token endpoint answers; `data` is its JSON."""
        who = {"client_id": self.id, **({"client_secret": self.secret} if self.secret else {})}
        return self.post("/oauth/token", **(who | sent))

    def post(self, path: str, **sent: str) -> Any:
        """What an endpoint answers to a form."""
        answer: Any = self.http.post(path, sent)
        answer.data = json.loads(answer.content) if answer.content else None
        return answer

    def exchange(self, code: str, /, **changed: str) -> Any:
        """What it gets for a code."""
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        return self.ask(**(sent | changed))

    def refresh(self, token: str, **more: str) -> Any:
        """What it gets for a refresh token."""
        return self.ask(grant_type="refresh_token", refresh_token=token, **more)

    def tokens(self, browser: Browser, **changed: str | None) -> dict[str, Any]:
        """All the way."""
        answer = self.exchange(self.code(browser, **changed))
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.data
        return found

    def get(self, path: str, token: str) -> Any:
        """What REST answers to a token."""
        return self.http.get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(autouse=True)
def here(settings: Any) -> None:
    """Tests stand at the configured address, with no refusals of earlier ones."""
    settings.BASE_URL = BASE
    limits.forget()
    api_tokens.forget()


@pytest.fixture
def ada(db: None) -> Caller:
    """An administrator."""
    return f.admin()


@pytest.fixture
def desk(ada: Caller) -> Browser:
    """Her browser."""
    return signed_in(ada)


def application(ada: Caller, *, confidential: bool = False, level: str = "write", back: str = BACK) -> App:
    """An application that an administrator added."""
    client, secret = applications.create(ada, name="Shop", redirect_uris=[back], level=level, confidential=confidential)
    return App(client.pk, secret)


@pytest.fixture
def app(ada: Caller) -> App:
    """An application without a secret."""
    return application(ada)
