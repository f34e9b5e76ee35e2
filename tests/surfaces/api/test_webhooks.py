"""Webhooks over REST: made, changed, rotated, removed, looked at, under the rights of whoever asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from tests import factories as f
from tests.database import snapshot
from tests.features.webhooks.conftest import Receiver, answer, receiver
from tests.surfaces.api.conftest import Program, program

from rapport.features.webhooks.models import Delivery, Endpoint
from rapport.records.jobs import worker

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db


def given(receiver: Receiver, *acts: str, **values: Any) -> dict[str, Any]:
    events = [{"object": "company", "acts": list(acts or ("created",)), **values}]
    return {"url": receiver.url, "events": events, "description": "Shop"}


@pytest.fixture
def ann() -> Program:
    return program(f.user("Ann"))


def test_one_is_made_used_changed_and_removed(receiver: Receiver, ann: Program) -> None:
    made = ann.post("webhooks", given(receiver), 201)
    assert made["secret"].startswith("whsec_")
    assert (made["owner"], made["stopped"]) == (ann.caller.user_id, None)
    path = f"webhooks/{made['id']}"
    assert "secret" not in ann.get(path)
    assert [one["id"] for one in ann.get("webhooks")["items"]] == [made["id"]]
    receiver.answers = [answer(500, "broken")]
    record = ann.post("companies", {"fields": {"name": "Fjord"}}, 201)
    worker.drain()
    (message,) = ann.get(f"{path}/messages")["items"]
    assert (message["state"], message["answer"], message["attempts"][0]["status"]) == ("waiting", "broken", 500)
    assert message["content"]["data"]["records"][0]["id"] == record["id"]
    ann.post(f"{path}/messages/{message['id']}/replay", status=202)
    worker.drain()
    assert ann.get(f"{path}/messages/{message['id']}")["state"] == "delivered"
    assert [got.id for got in receiver.got] == [message["id"]] * 2
    assert ann.ask("PATCH", path, {"paused": True}).data["stopped"] == "paused"
    assert ann.ask("POST", f"{path}/test").status_code == 422
    changed = ann.ask("PATCH", path, {"paused": False, "description": "Other"}).data
    assert (changed["stopped"], changed["description"], changed["events"]) == (None, "Other", made["events"])
    secret = ann.post(f"{path}/secret", {})["secret"]
    ann.post(f"{path}/test", status=202)
    worker.drain()
    assert receiver.got[-1].verified(secret) == receiver.got[-1].verified(made["secret"])
    assert ann.post(f"{path}/replay", status=202) == {"count": 0}
    assert ann.ask("DELETE", path).status_code == 204
    assert ann.ask("GET", path).status_code == 404
    assert (Endpoint.objects.count(), Delivery.objects.count()) == (0, 0)


def test_messages_come_in_pages_and_by_state(receiver: Receiver, ann: Program) -> None:
    made = ann.post("webhooks", given(receiver), 201)
    for _ in range(5):
        f.make(ann.caller, "company")
    worker.drain()
    path, found, after = f"webhooks/{made['id']}/messages", [], {}
    while True:
        page = ann.get(path, size=2, state="delivered", **after)
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = {"before": page["next"]}
    assert found == [got.id for got in reversed(receiver.got)]
    assert ann.get(path, state="failed")["items"] == []
    assert ann.ask("GET", path, query={"state": "eaten"}).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://example.com/"}, {"url": "https://127.0.0.1/"}, {"url": "nonsense"}, {"events": []},
        {"events": [{"object": "nothing", "acts": ["created"]}]},
        {"events": [{"object": "company", "acts": ["eaten"]}]},
        {"events": [{"object": "company", "acts": ["created"], "filter": {"field": "x", "op": "is", "value": 1}}]},
        {"owner": 1}, {"secret": "whsec_mine"},
    ],
)  # fmt: skip
def test_what_cant_be_is_refused_and_changes_nothing(receiver: Receiver, ann: Program, change: Any) -> None:
    before = snapshot("records_apitoken", "programs_usage")
    refused = ann.ask("POST", "webhooks", {**given(receiver), **change})
    assert refused.status_code == 422
    assert refused.data["errors"]
    assert snapshot("records_apitoken", "programs_usage") == before


def test_a_token_for_one_object_gets_no_webhook_and_a_reader_makes_none(receiver: Receiver, ann: Program) -> None:
    made = ann.post("webhooks", given(receiver), 201)
    narrow, reader = program(ann.caller, "write:company"), program(ann.caller, "read")
    assert narrow.ask("POST", "webhooks", given(receiver)).status_code == 403
    assert narrow.ask("GET", "webhooks").status_code == 403
    assert reader.ask("POST", "webhooks", given(receiver)).status_code == 403
    assert reader.get("webhooks")["items"][0]["id"] == made["id"]
    assert Endpoint.objects.count() == 1


def test_webhooks_of_others_are_not_there(receiver: Receiver, ann: Program) -> None:
    made = ann.post("webhooks", given(receiver), 201)
    ben, path = program(f.user("Ben")), f"webhooks/{made['id']}"
    before = snapshot("records_apitoken", "programs_usage")
    for method, where, body in (
        ("GET", path, None), ("PATCH", path, {"paused": True}), ("DELETE", path, None), ("POST", f"{path}/secret", {}),
        ("POST", f"{path}/test", None), ("GET", f"{path}/messages", None), ("POST", f"{path}/replay", None),
        ("GET", f"{path}/messages/msg_x", None),
    ):  # fmt: skip
        assert ben.ask(method, where, body).status_code == 404, where
    assert ben.get("webhooks")["items"] == []
    assert snapshot("records_apitoken", "programs_usage") == before


def test_the_same_request_again_gets_the_secret_which_is_sealed_meanwhile(receiver: Receiver, ann: Program) -> None:
    first = ann.post("webhooks", given(receiver), 201, Idempotency_Key="k")
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM api_keptanswer")
        assert first["secret"].removeprefix("whsec_") not in str(cursor.fetchall())
    assert ann.post("webhooks", given(receiver), 201, Idempotency_Key="k") == first
    assert Endpoint.objects.count() == 1
