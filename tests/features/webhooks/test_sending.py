"""What a receiver gets, and what follows from what it answers."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import subprocess
import time
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from standardwebhooks.webhooks import WebhookVerificationError
from tests import factories as f
from tests.features.webhooks.conftest import Receiver, answer, die, drip, listen, only, stall

from rapport.features.notifications.models import Notification
from rapport.features.webhooks import endpoints, keeping, sending
from rapport.features.webhooks.models import Delivery, Endpoint, State, Stopped
from rapport.features.webhooks.subscribing import Wanted
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.jobs import worker
from rapport.records.jobs.models import JobRow

pytestmark = pytest.mark.django_db
NODE = Path(__file__).resolve().parents[2] / "assets" / "node"
VERIFY = """
const { Webhook } = require("standardwebhooks");
const { secret, body, headers } = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(new Webhook(secret).verify(body, headers)));
"""


def by_javascript(secret: str, body: bytes, headers: dict[str, str]) -> Any:
    sent = json.dumps({"secret": secret, "body": body.decode(), "headers": headers})
    environment = {**os.environ, "NODE_PATH": str(NODE)}
    run = subprocess.run(["node", "-e", VERIFY], input=sent, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def later(seconds: float) -> Any:
    return time_machine.travel(timezone.now() + dt.timedelta(seconds=seconds))


def test_a_record_that_is_made_arrives_signed(receiver: Receiver, ann: Caller) -> None:
    _endpoint, secret = listen(ann, receiver)
    made = f.make(ann, "company", name="Fjord & Söhne")
    worker.drain()
    (got,) = receiver.got
    said = got.verified(secret)
    assert said == got.said
    assert (got.path, got.headers["content-type"]) == ("/hook", "application/json")
    assert got.headers["user-agent"].startswith("Rapport/")
    assert set(said) == {"type", "timestamp", "data"}
    assert (said["type"], said["data"]["object"], said["data"]["actor"]) == ("company.created", "company", ann.user_id)
    assert abs(dt.datetime.fromisoformat(said["timestamp"]) - timezone.now()) < dt.timedelta(minutes=1)
    assert (got.records[0]["id"], got.records[0]["version"]) == (made, 1)
    assert got.records[0]["fields"]["name"] == "Fjord & Söhne"
    assert (only().state, only().status, only().attempts, only().message) == (State.DELIVERED, 204, 1, got.id)
    assert not JobRow.objects.filter(name=sending.JOB).exists(), "the job leaves nothing behind"


def test_a_changed_message_is_not_verified(receiver: Receiver, ann: Caller) -> None:
    _endpoint, secret = listen(ann, receiver)
    f.make(ann, "company")
    worker.drain()
    (got,) = receiver.got
    with pytest.raises(WebhookVerificationError):
        got.__class__(got.path, got.headers, got.body + b" ").verified(secret)
    with pytest.raises(WebhookVerificationError):
        got.verified("whsec_" + "A" * 44)


@pytest.mark.node
def test_the_official_javascript_library_verifies_it(receiver: Receiver, ann: Caller) -> None:
    _endpoint, secret = listen(ann, receiver)
    f.make(ann, "company", name="Žluťoučký „kůň“ 🐎")
    worker.drain()
    (got,) = receiver.got
    assert by_javascript(secret, got.body, got.headers) == got.said


@pytest.mark.node
def test_both_secrets_sign_while_one_takes_the_place_of_the_other(receiver: Receiver, ann: Caller) -> None:
    endpoint, old = listen(ann, receiver)
    new = endpoints.rotate(ann, endpoint.pk)
    f.make(ann, "company")
    worker.drain()
    (got,) = receiver.got
    assert len(got.headers["webhook-signature"].split(" ")) == 2
    assert got.verified(old) == got.verified(new)
    assert by_javascript(old, got.body, got.headers) == by_javascript(new, got.body, got.headers)
    with later(25 * 3600):
        f.make(ann, "company")
        worker.drain()
        last = receiver.got[-1]
        last.verified(new)
        with pytest.raises(WebhookVerificationError):
            last.verified(old)


def test_a_secret_can_end_at_once(receiver: Receiver, ann: Caller) -> None:
    endpoint, old = listen(ann, receiver)
    new = endpoints.rotate(ann, endpoint.pk, at_once=True)
    f.make(ann, "company")
    worker.drain()
    receiver.got[0].verified(new)
    with pytest.raises(WebhookVerificationError):
        receiver.got[0].verified(old)


def test_secrets_are_sealed_and_another_secret_key_does_not_open_them(
    receiver: Receiver, ann: Caller, settings: Any
) -> None:
    endpoint, secret = listen(ann, receiver)
    stored = Endpoint.objects.values_list("secret", flat=True).get()
    assert secret.removeprefix("whsec_") not in stored
    settings.SECRET_KEY = "another"
    f.make(ann, "company")
    worker.drain()
    assert receiver.got == []
    assert (only().state, only().error) == (State.WAITING, "secret")
    new = endpoints.rotate(ann, endpoint.pk, at_once=True)
    with later(60):
        worker.drain()
        receiver.got[0].verified(new)


def test_a_failure_is_tried_again_with_the_same_id(receiver: Receiver, ann: Caller) -> None:
    _endpoint, secret = listen(ann, receiver)
    receiver.answers = [answer(500, "oh no")]
    f.make(ann, "company")
    worker.drain()
    assert (only().state, only().status, only().answer, only().attempts) == (State.WAITING, 500, "oh no", 1)
    with later(60):
        worker.drain()
        first, second = receiver.got
        assert (first.id, first.body) == (second.id, second.body)
        assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 55
        second.verified(secret)
    assert (only().state, only().attempts) == (State.DELIVERED, 2)
    assert [entry["status"] for entry in only().log] == [500, 204]


def test_attempts_are_spread_over_about_three_days_and_then_it_is_failed(
    receiver: Receiver, ann: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(ann, receiver)
    receiver.usual = answer(503)
    begun = timezone.now()
    f.make(ann, "company")
    moments = []
    with time_machine.travel(begun, tick=False) as clock:
        for _ in range(100):
            worker.drain()
            job = JobRow.objects.filter(name=sending.JOB).first()
            if job is None:
                break
            moments.append(timezone.now())
            clock.move_to(job.due_at)
    attempts = [dt.datetime.fromisoformat(entry["at"]) - begun for entry in only().log]
    waits = [b - a for a, b in itertools.pairwise(attempts)]
    assert only().state == State.FAILED
    assert len(attempts) == len(receiver.got) == len(sending.WAITS) + 1
    assert dt.timedelta(days=2.6) < attempts[-1] < dt.timedelta(days=3.3)
    assert waits[0] < dt.timedelta(seconds=6)
    assert all(later_ > earlier for earlier, later_ in itertools.pairwise(waits[:-1]))
    assert len({got.id for got in receiver.got}) == 1


def test_waits_vary_by_chance(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver)
    receiver.usual = answer(500)
    for _ in range(4):
        f.make(ann, "company")
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(4):
            Endpoint.objects.update(rest_until=None)
            JobRow.objects.filter(name=sending.JOB).update(due_at=timezone.now())
            worker.drain()
    due = set(Delivery.objects.filter(attempts=1).values_list("due_at", flat=True))
    assert len(due) == 4


def test_redirects_are_failures_and_not_followed(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver)
    receiver.answers = [answer(307, Location=f"http://{receiver.host}/elsewhere")]
    f.make(ann, "company")
    worker.drain()
    assert [got.path for got in receiver.got] == ["/hook"]
    assert (only().state, only().status) == (State.WAITING, 307)


@pytest.mark.parametrize("way", [stall, drip, die], ids=lambda way: way.__name__)
def test_a_receiver_that_stalls_drips_or_dies_has_not_taken_it(
    receiver: Receiver, ann: Caller, monkeypatch: pytest.MonkeyPatch, way: Any
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.5)
    listen(ann, receiver)
    receiver.answers = [way]
    f.make(ann, "company")
    began = time.monotonic()
    worker.drain()
    assert time.monotonic() - began < 2
    assert only().state == State.WAITING
    assert only().error == "time" if way is not die else only().error.startswith("network")
    with later(60):
        worker.drain()
    assert only().state == State.DELIVERED
    assert receiver.got[0].id == receiver.got[1].id


def test_an_endpoint_that_says_gone_is_stopped_and_its_user_told(receiver: Receiver, ann: Caller) -> None:
    endpoint, _secret = listen(ann, receiver)
    receiver.answers = [answer(500), answer(410)]
    f.make(ann, "company")
    f.make(ann, "company")
    worker.drain()
    endpoint.refresh_from_db()
    assert endpoint.stopped == Stopped.GONE
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.FAILED}
    (told,) = Notification.objects.filter(kind=keeping.STOPPED)
    assert (told.user_id, told.detail["page"]) == (ann.user_id, f"/settings/webhooks/{endpoint.pk}/")
    f.make(ann, "company")
    with later(3600):
        worker.drain()
    assert (len(receiver.got), Delivery.objects.count()) == (2, 2), "nothing is made or sent any more"
    endpoints.resume(ann, endpoint.pk)
    assert endpoints.replay_failed(ann, endpoint.pk) == 2
    worker.drain()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DELIVERED}
    assert {got.id for got in receiver.got[2:]} == {got.id for got in receiver.got[:2]}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "moment"])
def test_retry_after_is_waited_for(receiver: Receiver, ann: Caller, status: int, form: str) -> None:
    listen(ann, receiver)
    with time_machine.travel(dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC), tick=False) as clock:
        until = timezone.now() + dt.timedelta(minutes=20)
        receiver.answers = [
            answer(status, Retry_After="1200" if form == "seconds" else format_datetime(until, usegmt=True))
        ]
        f.make(ann, "company")
        f.make(ann, "company")
        worker.drain()
        assert len(receiver.got) == 1, "the second message waits as well"
        clock.move_to(until - dt.timedelta(seconds=1))
        worker.drain()
        assert len(receiver.got) == 1
        clock.move_to(until + dt.timedelta(seconds=1))
        worker.drain()
        assert set(Delivery.objects.values_list("state", flat=True)) == {State.DELIVERED}


def test_nobody_is_kept_waiting_longer_than_a_day(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver)
    receiver.answers = [answer(429, Retry_After="999999999")]
    f.make(ann, "company")
    worker.drain()
    assert only().due_at < timezone.now() + dt.timedelta(days=1, minutes=1)


def test_an_endpoint_that_only_fails_for_days_is_stopped(receiver: Receiver, ann: Caller) -> None:
    endpoint, _secret = listen(ann, receiver)
    receiver.usual = answer(500)
    begun = timezone.now()
    with time_machine.travel(begun, tick=False) as clock:
        for day in range(6):
            f.make(ann, "company")
            for _ in range(12):
                worker.drain()
                clock.shift(dt.timedelta(hours=2))
            endpoint.refresh_from_db()
            assert bool(endpoint.stopped) == (day >= 5), f"day {day}"
    assert endpoint.stopped == Stopped.FAILING
    assert not Delivery.objects.filter(state=State.WAITING).exists()
    assert Notification.objects.filter(kind=keeping.STOPPED, user_id=ann.user_id).count() == 1


def test_one_success_is_enough_to_go_on(receiver: Receiver, ann: Caller) -> None:
    endpoint, _secret = listen(ann, receiver)
    Endpoint.objects.update(failures=500, failing_since=timezone.now() - dt.timedelta(days=50))
    f.make(ann, "company")
    worker.drain()
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since, endpoint.stopped) == (0, None, "")


def test_an_inner_address_is_refused_when_it_is_named_and_when_it_comes_to_be_one(
    receiver: Receiver, ann: Caller, settings: Any
) -> None:
    settings.PRIVATE_HOSTS = ()
    for url in ("https://127.0.0.1/x", "https://169.254.169.254/latest", "https://[::1]/", "http://example.com/"):
        with pytest.raises(Invalid) as refused:
            endpoints.create(ann, url=url, events=[Wanted("company", ("created",))])
        assert set(refused.value.errors) == {"url"}
    assert not Endpoint.objects.exists()
    settings.PRIVATE_HOSTS = (receiver.host,)
    listen(ann, receiver)
    settings.PRIVATE_HOSTS = ()
    f.make(ann, "company")
    worker.drain()
    assert receiver.got == []
    assert (only().state, only().error) == (State.WAITING, "address")


def test_a_slow_endpoint_holds_up_no_other(receiver: Receiver, ann: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    slow, _secret = listen(ann, receiver)
    Endpoint.objects.filter(pk=slow.pk).update(url=f"http://{receiver.host}/slow")
    listen(ann, receiver)
    quick = receiver.usual
    receiver.usual = lambda handler: stall(handler) if handler.path == "/slow" else quick(handler)
    for _ in range(5):
        f.make(ann, "company")
    worker.drain()
    paths = [got.path for got in receiver.got]
    assert paths.count("/hook") == 5
    assert paths.count("/slow") == 1, "after one attempt that takes its time, it has a rest"


def test_messages_of_an_endpoint_keep_their_order(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver)
    made = [f.make(ann, "company") for _ in range(10)]
    write.update(ann, "company", made[0], {"name": "Changed"})
    worker.drain()
    assert [got.records[0]["id"] for got in receiver.got] == [*made, made[0]]
    assert [got.said["type"] for got in receiver.got][-1] == "company.updated"


def test_a_job_that_was_lost_is_found_again(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver)
    receiver.answers = [answer(500)]
    f.make(ann, "company")
    worker.drain()
    JobRow.objects.filter(name=sending.JOB).delete()
    with later(120):
        worker.drain()
        assert only().state == State.WAITING
        assert keeping.wake(None) == 1
        assert keeping.wake(None) == 0
        worker.drain()
    assert only().state == State.DELIVERED


def test_old_messages_are_forgotten_those_that_wait_never(receiver: Receiver, ann: Caller) -> None:
    listen(ann, receiver)
    for _ in State:
        f.make(ann, "company")
    worker.drain()
    for row, state in zip(Delivery.objects.all(), State, strict=True):
        Delivery.objects.filter(pk=row.pk).update(state=state)
    Delivery.objects.update(created_at=timezone.now() - dt.timedelta(days=8))
    assert keeping.forget(None) == 2
    Delivery.objects.update(created_at=timezone.now() - dt.timedelta(days=31))
    keeping.forget(None)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.WAITING}
