"""What a public route is asked, what it answers, and how it refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request: pieces of its path by name, its query, its body unpacked. `origin` is the page's, empty for none."""

    method: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    origin: str
    address: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer; pages of `origin` may read it, those of no other do."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""


class Refused(Exception):
    """A request that is not carried out: HTTP status, a code for programs, a sentence for those who write them."""

    def __init__(
        self, status: int, code: str, said: str, *, origin: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(said)
        self.status, self.code, self.said = status, code, said
        self.origin, self.headers = origin, dict(headers or {})

    def answer(self) -> Answer:
        """As it is sent."""
        body = {"success": False, "error": {"code": self.code, "message": self.said}}
        return json(body, status=self.status, headers=self.headers, origin=self.origin)


def json(data: Any, **more: Any) -> Answer:
    """An answer in JSON."""
    return Answer(body=msgspec.json.encode(data), **more)
