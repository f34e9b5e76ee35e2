"""A source of events, and what is sent to it as programs send it."""

from __future__ import annotations

import base64
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from rapport.apps.cdp.models import Event
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.jobs import worker
from rapport.records.models import JobRow

ORIGIN = "https://shop.example"


class Door:
    """A source and a program that has its key."""

    def __init__(self, admin: Caller, **values: Any) -> None:
        from rapport.apps.cdp import sources

        self.admin = admin
        self.id = write.create(admin, "event_source", {"name": "Shop", "kind": "website", "origins": ORIGIN, **values})
        self.key = sources.key_of(admin, self.id)
        self.client = Client()

    def post(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> Any:
        """What a request with the key in Basic is answered; `key=""` sends none."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        key = self.key if key is None else key
        if key:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        return self.client.generic("POST", path, raw, "application/json", headers=headers)

    def send(self, *events: dict[str, Any], **more: Any) -> HttpResponse:
        """A batch that must be taken, and then resolved."""
        answer = self.post("/v1/batch", {"batch": list(events), **more})
        assert (answer.status_code, answer.content) == (200, b'{"success": true}'), answer.content
        worker.drain()
        assert not JobRow.objects.filter(name="resolve-events").exists(), "the job is done and gone"
        return answer

    def get(self, path: str, **headers: str) -> Any:
        """What a GET is answered."""
        return self.client.get(path, headers=headers)


def identify(user: str | None, visitor: str | None = None, **traits: Any) -> dict[str, Any]:
    """An identify of a batch."""
    return {"type": "identify", "userId": user, "anonymousId": visitor, "traits": traits}


def track(user: str | None, visitor: str | None, event: str, **properties: Any) -> dict[str, Any]:
    """A track of a batch."""
    return {"type": "track", "userId": user, "anonymousId": visitor, "event": event, "properties": properties}


def whose() -> dict[str, int | None]:
    """Name of each event (of an identify: its kind) to the person that it is of."""
    rows = Event.objects.order_by("id").values_list("name", "kind", "identity__person")
    return {name or kind: person for name, kind, person in rows}
