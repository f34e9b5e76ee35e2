"""Routes of webhooks. They tell of all that their user may see, so that a token needs its scope for everything."""

from __future__ import annotations

from rapport.features.webhooks.models import State
from rapport.records.accounts.api_tokens import WRITE
from rapport.surfaces.api.calls import Param, Route
from rapport.surfaces.api.handlers import webhooks
from rapport.surfaces.api.tables.params import BEFORE, size

WEBHOOKS, ONE, MESSAGE = "Webhooks", "webhooks/{id}", "webhooks/{id}/messages/{message}"
STATE = Param(name="state", default="", options=("", *State.values), help="Those in one state only.")

ROUTES = (
    Route(
        name="webhooks", method="GET", path="webhooks", run=webhooks.list_webhooks, summary="List webhooks",
        group=WEBHOOKS, answer=webhooks.Webhooks,
    ),
    Route(
        name="create_webhook", method="POST", path="webhooks", run=webhooks.create_webhook, summary="Make a webhook",
        group=WEBHOOKS, scope=WRITE, body=webhooks.WebhookGiven, answer=webhooks.WebhookMade, status=201,
        help="The `secret` is shown here and never again. A filter holds of the record; `*` as object stands for all.",
    ),
    Route(
        name="webhook", method="GET", path=ONE, run=webhooks.get_webhook, summary="Get a webhook", group=WEBHOOKS,
        answer=webhooks.WebhookAnswer,
    ),
    Route(
        name="update_webhook", method="PATCH", path=ONE, run=webhooks.update_webhook, summary="Change a webhook",
        group=WEBHOOKS, scope=WRITE, body=webhooks.WebhookChange, answer=webhooks.WebhookAnswer,
        help="`paused` false lets one go on that was stopped for whatever reason.",
    ),
    Route(
        name="delete_webhook", method="DELETE", path=ONE, run=webhooks.delete_webhook, summary="Remove a webhook",
        group=WEBHOOKS, scope=WRITE, status=204,
    ),
    Route(
        name="rotate_webhook", method="POST", path=f"{ONE}/secret", run=webhooks.rotate_webhook, group=WEBHOOKS,
        summary="Make a new secret", scope=WRITE, body=webhooks.Rotation, answer=webhooks.Secret,
        help="For a day, messages are signed with both, unless `end_old` is true.",
    ),
    Route(
        name="test_webhook", method="POST", path=f"{ONE}/test", run=webhooks.test_webhook, summary="Send a test",
        group=WEBHOOKS, scope=WRITE, answer=webhooks.MessageAnswer, status=202,
    ),
    Route(
        name="messages", method="GET", path=f"{ONE}/messages", run=webhooks.messages, summary="List messages",
        group=WEBHOOKS, query=(STATE, BEFORE, size(50, 200)), answer=webhooks.Messages,
    ),
    Route(
        name="message", method="GET", path=MESSAGE, run=webhooks.message, summary="Get a message", group=WEBHOOKS,
        answer=webhooks.MessageAnswer,
    ),
    Route(
        name="replay", method="POST", path=f"{MESSAGE}/replay", run=webhooks.replay, summary="Send a message again",
        group=WEBHOOKS, scope=WRITE, answer=webhooks.MessageAnswer, status=202,
    ),
    Route(
        name="replay_failed", method="POST", path=f"{ONE}/replay", run=webhooks.replay_failed, group=WEBHOOKS,
        summary="Send all failed messages again", scope=WRITE, answer=webhooks.Replayed, status=202,
    ),
)  # fmt: skip
