"""A receiver on this machine that answers as told, and endpoints that lead to it."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from tests import factories as f

from rapport.features.webhooks import endpoints
from rapport.features.webhooks.models import Delivery, Endpoint
from rapport.features.webhooks.subscribing import LABELS, Wanted
from rapport.records.accounts.caller import Caller


@dataclass
class Got:
    """One message as it came: where to, headers by lower-case name, the bytes."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    @property
    def records(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.said["data"]["records"]
        return found

    def verified(self, secret: str) -> Any:
        """What the official library makes of it. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


def answer(status: int, text: str = "", **headers: str) -> Answer:
    """A plain answer."""

    def give(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    return give


def stall(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Say nothing for longer than anybody waits."""
    time.sleep(3)


def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Answer a byte at a time, each in time, all together never."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(30):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def die(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Hang up in the middle of an answer."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    handler.close_connection = True


@dataclass
class Receiver:
    """Answers with what is in `answers`, one each, then with `usual`."""

    host: str = ""
    usual: Answer = field(default_factory=lambda: answer(204))
    answers: list[Answer] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    made = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            try:
                (made.answers.pop(0) if made.answers else made.usual)(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    made.host = f"127.0.0.1:{server.server_port}"
    settings.PRIVATE_HOSTS = (made.host,)
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def ann() -> Caller:
    return f.user("Ann")


def listen(
    caller: Caller, receiver: Receiver, *objects: str, acts: tuple[str, ...] = tuple(LABELS), filter_: Any = None
) -> tuple[Endpoint, str]:
    """An endpoint that hears of objects; it and its secret."""
    wanted = [Wanted(key, acts, filter_ or {}) for key in objects or ("company",)]
    return endpoints.create(caller, url=receiver.url, events=wanted)


def only() -> Delivery:
    return Delivery.objects.get()
