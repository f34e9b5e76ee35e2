"""Webhooks: endpoints, their secrets and their messages."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec

from rapport.features.webhooks import endpoints, seeing
from rapport.features.webhooks.models import Delivery, Endpoint
from rapport.features.webhooks.subscribing import Wanted
from rapport.lib import json
from rapport.surfaces.api.calls import Call, Reply

UNSET = msgspec.UNSET
Url = Annotated[str, msgspec.Meta(max_length=endpoints.LONGEST_URL)]
Line = Annotated[str, msgspec.Meta(max_length=200)]
Key = Annotated[str, msgspec.Meta(max_length=60)]
Act = Literal["created", "updated", "deleted", "restored", "erased"]


class WantedGiven(msgspec.Struct, forbid_unknown_fields=True):
    """Acts on an object (`*` for every one) that are told, of records that match the filter."""

    object: Key
    acts: list[Act]
    filter: dict[str, Any] = {}


class WebhookGiven(msgspec.Struct, forbid_unknown_fields=True):
    """A webhook to make."""

    url: Url
    events: list[WantedGiven]
    description: Line = ""


class WebhookChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be another of a webhook; what is left out stays."""

    url: Url | msgspec.UnsetType = UNSET
    events: list[WantedGiven] | msgspec.UnsetType = UNSET
    description: Line | msgspec.UnsetType = UNSET
    paused: bool | msgspec.UnsetType = UNSET


class WebhookAnswer(msgspec.Struct):
    """A webhook. `stopped` says why nothing is sent: `paused`, `gone`, `failing`, or null."""

    id: int
    url: str
    description: str
    owner: int
    events: list[dict[str, Any]]
    stopped: str | None
    failures: int
    failing_since: dt.datetime | None
    created_at: dt.datetime


class WebhookMade(WebhookAnswer):
    """A webhook with its secret, which is never shown again."""

    secret: str


class Webhooks(msgspec.Struct):
    """Webhooks, newest first."""

    items: list[WebhookAnswer]


class Rotation(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the old secret ends at once; else it signs beside the new one for a day."""

    end_old: bool = False


class Secret(msgspec.Struct):
    """A new secret, which is never shown again."""

    secret: str


class Attempt(msgspec.Struct):
    """One attempt: the status that was answered or what was in the way, and how long it took."""

    at: str
    status: int | None
    error: str
    ms: int


class MessageAnswer(msgspec.Struct):
    """A message: `id` is its `webhook-id`; `content` is null where nothing is left that its user may see."""

    id: str
    type: str
    state: str
    created_at: dt.datetime
    due_at: dt.datetime | None
    attempts: list[Attempt]
    answer: str
    content: Any


class Messages(msgspec.Struct):
    """Messages, newest first, and where to go on."""

    items: list[MessageAnswer]
    next: int | None


class Replayed(msgspec.Struct):
    """How many messages are sent again."""

    count: int


def _values(row: Endpoint) -> dict[str, Any]:
    return {
        "id": row.pk, "url": row.url, "description": row.description, "owner": row.user_id, "events": row.events,
        "stopped": row.stopped or None, "failures": row.failures, "failing_since": row.failing_since,
        "created_at": row.created_at,
    }  # fmt: skip


def _wanted(given: list[WantedGiven]) -> list[Wanted]:
    return [Wanted(one.object, tuple(one.acts), one.filter) for one in given]


def list_webhooks(call: Call) -> Reply:
    """One's own; all for administrators."""
    return Reply(Webhooks([WebhookAnswer(**_values(row)) for row in endpoints.of(call.caller)]))


def get_webhook(call: Call) -> Reply:
    """One webhook."""
    return Reply(WebhookAnswer(**_values(endpoints.one(call.caller, call.id))))


def create_webhook(call: Call) -> Reply:
    """Make a webhook."""
    body: WebhookGiven = call.body
    made, secret = endpoints.create(
        call.caller, url=body.url, events=_wanted(body.events), description=body.description
    )
    return Reply(WebhookMade(**_values(made), secret=secret), 201, secret=True)


def update_webhook(call: Call) -> Reply:
    """Change a webhook, pause it or let it go on."""
    body: WebhookChange = call.body
    if any(value is not UNSET for value in (body.events, body.url, body.description)):
        endpoints.change(
            call.caller, call.id, url=_given(body.url), description=_given(body.description),
            events=None if body.events is UNSET else _wanted(body.events),
        )  # fmt: skip
    if body.paused is not UNSET:
        (endpoints.pause if body.paused else endpoints.resume)(call.caller, call.id)
    return get_webhook(call)


def _given(value: Any) -> Any:
    return None if value is UNSET else value


def delete_webhook(call: Call) -> Reply:
    """Remove a webhook with its messages."""
    endpoints.remove(call.caller, call.id)
    return Reply(status=204)


def rotate_webhook(call: Call) -> Reply:
    """Make a new secret."""
    return Reply(Secret(endpoints.rotate(call.caller, call.id, at_once=call.body.end_old)), secret=True)


def test_webhook(call: Call) -> Reply:
    """Send a message of the type `rapport.test`."""
    return Reply(_message(call, endpoints.test(call.caller, call.id)), 202)


def messages(call: Call) -> Reply:
    """Messages of a webhook."""
    size = call.query["size"]
    found = endpoints.deliveries(call.caller, call.id, state=call.query["state"], before=call.query["before"])
    rows = list(found[: size + 1])
    return Reply(
        Messages([_message(call, row) for row in rows[:size]], rows[size - 1].pk if len(rows) > size else None)
    )


def message(call: Call) -> Reply:
    """One message."""
    return Reply(_message(call, endpoints.delivery(call.caller, call.id, call.path["message"])))


def replay(call: Call) -> Reply:
    """Send one message again."""
    return Reply(_message(call, endpoints.replay(call.caller, call.id, call.path["message"])), 202)


def replay_failed(call: Call) -> Reply:
    """Send all failed messages again."""
    return Reply(Replayed(endpoints.replay_failed(call.caller, call.id)), 202)


def _message(call: Call, row: Delivery) -> MessageAnswer:
    owner = endpoints.owner(row.endpoint)
    body = seeing.still_seen(owner, row) if owner and row.body else None
    return MessageAnswer(
        id=row.message, type=row.type, state=row.state, created_at=row.created_at,
        due_at=row.due_at if row.state == "waiting" else None, attempts=[Attempt(**entry) for entry in row.log],
        answer=row.answer, content=json.loads(body) if body else None,
    )  # fmt: skip
