"""Events taken in: batches of the visitors of a website, through the whole WSGI application."""

from __future__ import annotations

import base64
import datetime as dt
import io
import itertools
import json
from typing import Any

from benchmarks.actions import Action
from benchmarks.samples import Samples

EACH = 100
VISIT = 4
"""Events of one visitor in a batch."""
_sent = itertools.count(1)


def batch(number: int) -> list[dict[str, Any]]:
    """Events as libraries send them, of visitors of whom half come again."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    context = {"library": {"name": "benchmark", "version": "1.0"}, "locale": "en", "userAgent": "Mozilla/5.0 (X11)"}
    page = {
        "path": "/products/rowing-machine",
        "title": "Rowing machine",
        "url": "https://shop.example/products/rowing",
    }
    return [
        {
            "type": "track" if n % 2 else "page", "anonymousId": f"visitor-{(number // 2 * EACH + n) // VISIT}",
            "messageId": f"message-{number}-{n}", "timestamp": now, "name": "Rowing machine", "event": "Product Viewed",
            "properties": {"product": "Rowing machine", "price": 1499, "currency": "EUR", "category": "fitness"},
            "context": {**context, "page": page},
        }
        for n in range(EACH)
    ]  # fmt: skip


class Shop:
    """Sends to the application as a server does, without a socket."""

    def __init__(self, samples: Samples) -> None:
        from django.conf import settings

        from rapport.apps.cdp import sources
        from rapport.config.wsgi import application
        from rapport.records import write

        settings.EVENTS_PER_MINUTE = 100_000_000  # the limit is not what is measured
        caller = samples.caller(samples.administrator)
        self.application = application
        key = sources.key_of(caller, write.create(caller, sources.KEY, {"name": "Benchmark", "kind": "server"}))
        self.authorization = "Basic " + base64.b64encode(f"{key}:".encode()).decode()

    def send(self, _n: int) -> None:
        """A batch that must be taken."""
        sent = json.dumps({"batch": batch(next(_sent)), "sentAt": dt.datetime.now(dt.UTC).isoformat()}).encode()
        environ = {
            "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/v1/batch", "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1", "HTTP_AUTHORIZATION": self.authorization, "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(sent)), "wsgi.input": io.BytesIO(sent), "wsgi.errors": io.StringIO(),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.multithread": True, "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }  # fmt: skip
        told: list[str] = []
        content = b"".join(self.application(environ, lambda status, _headers: told.append(status)))
        if told != ["200 OK"]:
            raise RuntimeError(f"{told}: {content.decode()[:200]}")


def intake(samples: Samples) -> list[Action]:
    """What a batch costs, half of whose visitors are new."""
    shop = Shop(samples)
    return [Action("event_batch", f"{EACH} events in a batch", shop.send, calls=300, bare="events")]
