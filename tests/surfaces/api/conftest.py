"""Programs that ask with a token."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from tests import factories as f

from rapport.features.programs import limits
from rapport.records.accounts import api_tokens
from rapport.records.accounts.caller import Caller


@dataclass
class Program:
    """Asks at /api/v1 with a token of its caller."""

    caller: Caller
    token: str
    client: Client = field(default_factory=Client)

    def ask(self, method: str, path: str, body: Any = None, *, query: Any = None, **headers: str) -> Any:
        """The answer; `data` is its JSON."""
        sent = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        more: dict[str, Any] = {}
        if body is not None:
            more = {"data": body if isinstance(body, (bytes, str)) else json.dumps(body)}
            more["content_type"] = sent.pop("Content-Type", "application/json")
        if query:
            coded = {k: json.dumps(v) if isinstance(v, (dict, bool)) else v for k, v in query.items()}
            more["query_params"] = coded
        answer = self.client.generic(method, f"/api/v1/{path}", headers=sent, **more)
        streams = answer.streaming or not answer.content
        kind = answer.headers.get("Content-Type", "")
        answer.data = None if streams or "json" not in kind else json.loads(answer.content)  # type: ignore[attr-defined]
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a page that must be there."""
        answer = self.ask("GET", path, query=query)
        assert answer.status_code == 200, answer.content
        return answer.data

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """The JSON of a write that must succeed."""
        answer = self.ask("POST", path, body, **headers)
        assert answer.status_code == status, answer.content
        return answer.data


def program(caller: Caller, *scopes: str) -> Program:
    """A program of a user."""
    _row, text = api_tokens.create(caller, name="Test", scopes=scopes or ("admin",))
    return Program(caller, text)


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Counts of an earlier test's tokens are not those of this one's."""
    limits.forget()
    api_tokens.forget()


@pytest.fixture
def ada(db: None) -> Program:
    """An administrator's program."""
    return program(f.admin())
