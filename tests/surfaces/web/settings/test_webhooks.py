"""The pages of webhooks."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from tests import factories as f
from tests.contract.conftest import signed_in
from tests.features.webhooks.conftest import Receiver, answer, listen, only, receiver

from rapport.features.notifications.models import Notification
from rapport.features.webhooks import endpoints
from rapport.features.webhooks.models import Delivery, Endpoint, State
from rapport.records.accounts.models import AuditEntry
from rapport.records.jobs import worker

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db
LIST = "/settings/webhooks/"


def test_one_is_made_and_its_secret_is_shown_once(receiver: Receiver) -> None:
    ann = f.user()
    client = signed_in(ann)
    assert b"No webhooks yet" in client.get(LIST).content
    sent = {"url": receiver.url, "description": "Shop", "acts-company": ["created", "erased"], "acts-deal": ["updated"]}
    shown = client.post(reverse("settings-webhook-new"), sent)
    found = re.search(r"whsec_[\w+/=]{40,}", shown.content.decode().replace("&#43;", "+"))
    assert found is not None
    assert shown.headers["Cache-Control"] == "no-store"
    endpoint = Endpoint.objects.get()
    assert [(e["object"], e["acts"]) for e in endpoint.events] == [
        ("company", ["created", "erased"]), ("deal", ["updated"]),
    ]  # fmt: skip
    page = client.get(f"{LIST}{endpoint.pk}/").content.decode()
    assert found[0] not in page
    assert "Nothing sent yet" in page
    f.make(ann, "company")
    worker.drain()
    receiver.got[0].verified(found[0])
    assert AuditEntry.objects.filter(act="webhook made", actor_id=ann.user_id).count() == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"url": "http://example.com/"}, b"begins with https://"), ({"url": "https://127.0.0.1/"}, b"inner network"),
        ({"url": ""}, b"required"), ({"acts-company": []}, b"Choose at least one act"),
    ],
)  # fmt: skip
def test_what_cant_be_is_said(receiver: Receiver, sent: dict[str, object], said: bytes) -> None:
    client = signed_in(f.user())
    refused = client.post(reverse("settings-webhook-new"), {"url": receiver.url, "acts-company": ["created"], **sent})
    assert refused.status_code == 422
    assert said in refused.content
    assert not Endpoint.objects.exists()


def test_a_message_is_looked_at_and_sent_again(receiver: Receiver) -> None:
    ann = f.user()
    endpoint, _secret = listen(ann, receiver)
    receiver.answers = [answer(500, "<b>the shop is closed</b>")]
    f.make(ann, "company", name="Fjord & Söhne")
    worker.drain()
    client, here = signed_in(ann), f"{LIST}{endpoint.pk}/"
    listed = client.get(here).content.decode()
    assert "HTTP 500" in listed
    assert "company.created" in listed
    one = client.get(reverse("settings-webhook-delivery", args=[endpoint.pk, only().message])).content.decode()
    assert "&lt;b&gt;the shop is closed" in one
    assert "Fjord &amp; Söhne" in one
    assert client.get(f"{here}?state=failed").content.count(b"No message is in this state") == 1
    assert client.get(f"{here}?state=eaten").status_code == 404
    Delivery.objects.update(state=State.FAILED)
    client.post(reverse("settings-webhook-replay-failed", args=[endpoint.pk]))
    worker.drain()
    assert only().state == State.DELIVERED
    client.post(reverse("settings-webhook-replay", args=[endpoint.pk, only().message]))
    client.post(reverse("settings-webhook-test", args=[endpoint.pk]))
    worker.drain()
    assert [got.said["type"] for got in receiver.got] == ["company.created"] * 3 + ["rapport.test"]


def test_it_is_changed_narrowed_paused_and_removed(receiver: Receiver) -> None:
    ann = f.user()
    endpoint, secret = listen(ann, receiver)
    client, number = signed_in(ann), endpoint.pk
    filter_ = '{"all": [{"field": "industry", "op": "is", "value": "retail"}]}'
    client.post(reverse("settings-webhook-filter", args=[number, "company"]), {"filter": filter_})
    sent = {"url": receiver.url, "description": "Shop", "acts-company": ["created"]}
    client.post(reverse("settings-webhook-edit", args=[number]), sent)
    endpoint.refresh_from_db()
    assert endpoint.events[0]["acts"] == ["created"]
    assert endpoint.events[0]["filter"]["all"][0]["value"] == "retail"
    assert "Industry is Retail" in client.get(f"{LIST}{number}/").content.decode()
    bad = client.post(
        reverse("settings-webhook-filter", args=[number, "company"]),
        {"filter": '{"field": "nothing", "op": "is", "value": 1}'},
    )
    assert bad.status_code == 422
    client.post(reverse("settings-webhook-pause", args=[number]))
    assert b"Paused" in client.get(f"{LIST}{number}/").content
    client.post(reverse("settings-webhook-resume", args=[number]))
    shown = client.post(reverse("settings-webhook-rotate", args=[number]), {"old": "keep"}).content.decode()
    assert "whsec_" in shown
    assert secret not in shown
    client.post(reverse("settings-webhook-remove", args=[number]))
    assert not Endpoint.objects.exists()


def test_others_see_nothing_administrators_all(receiver: Receiver) -> None:
    endpoint, _secret = listen(f.user("Ann"), receiver)
    endpoints.test(f.caller_of(endpoint.user_id), endpoint.pk)
    ben, ada = signed_in(f.user("Ben")), signed_in(f.admin())
    paths = [f"{LIST}{endpoint.pk}/", reverse("settings-webhook-delivery", args=[endpoint.pk, only().message])]
    for path in paths:
        assert ben.get(path).status_code == 404
        assert ada.get(path).status_code == 200
    assert ben.post(reverse("settings-webhook-remove", args=[endpoint.pk])).status_code == 404
    assert receiver.url not in ben.get(LIST).content.decode()
    assert receiver.url in ada.get(LIST).content.decode()


def test_the_notification_leads_to_the_page(receiver: Receiver) -> None:
    ann = f.user()
    endpoint, _secret = listen(ann, receiver)
    receiver.usual = answer(410)
    f.make(ann, "company")
    worker.drain()
    client = signed_in(ann)
    assert receiver.url in client.get("/notifications/").content.decode()
    told = Notification.objects.get()
    answered = client.post(reverse("notification-open", args=[told.pk]))
    assert answered.headers["Location"] == f"{LIST}{endpoint.pk}/"
    assert b"gone for good" in client.get(answered.headers["Location"]).content
