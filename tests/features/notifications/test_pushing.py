"""Push: what a browser gets and can read, how services are obeyed, and to whom nothing is sent."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import Client
from django.utils import timezone
from tests import factories as f
from tests.contract.conftest import signed_in

from rapport.features.notifications import devices, telling
from rapport.features.notifications.models import Notification, PushDevice
from rapport.features.notifications.telling import Note
from rapport.lib import webpush
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.jobs import worker
from rapport.records.jobs.models import JobRow, State
from rapport.records.models import User

pytestmark = pytest.mark.django_db
AUTH = webpush.encode(b"0123456789abcdef")


@dataclass
class Service:
    """A push service on this machine, and the browser that stands behind it."""

    host: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def subscription(self, path: str = "/send/abc") -> dict[str, Any]:
        """What the browser would give to the page."""
        keys = {"p256dh": webpush.encode(webpush.public_bytes(self.key.public_key())), "auth": AUTH}
        return {"endpoint": f"http://{self.host}{path}", "expirationTime": None, "keys": keys}

    def read(self, body: bytes) -> Any:
        """What the browser makes of a message, step by step as RFC 8188 and RFC 8291 say."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(body) <= size == 4096
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))

        def mac(key: bytes, text: bytes) -> bytes:
            return hmac.digest(key, text, hashlib.sha256)

        own = webpush.public_bytes(self.key.public_key())
        material = mac(mac(webpush.decode(AUTH), shared), b"WebPush: info\0" + own + sender + b"\1")
        first = mac(salt, material)
        key = mac(first, b"Content-Encoding: aes128gcm\0\1")[:16]
        nonce = mac(first, b"Content-Encoding: nonce\0\1")[:12]
        opened = AESGCM(key).decrypt(nonce, sealed, None)
        assert opened.endswith(b"\2")
        return json.loads(opened[:-1])


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    made = Service()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status, headers = made.answers.pop(0) if made.answers else (201, {})
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    made.host = f"127.0.0.1:{server.server_port}"
    settings.PRIVATE_HOSTS = (made.host,)
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def ann() -> Caller:
    return f.user("Ann")


def tell(caller: Caller, *, kind: str = "mention", key: str = "k1", **values: Any) -> int:
    ada = f.admin()
    record = f.make(ada, "company", name="Fjord & Söhne")
    note = Note(
        user_id=caller.user_id or 0, kind=kind, key=key, object_key="company", record_id=record, actor_id=ada.user_id,
        **values,
    )  # fmt: skip
    telling.tell([note])
    return record


def add(caller: Caller, service: Service, **subscription: Any) -> int:
    return devices.add(caller, {**service.subscription(), **subscription}, label="Firefox, Linux")


def test_a_browser_gets_what_the_notification_says_and_nothing_else(service: Service, ann: Caller) -> None:
    add(ann, service)
    record = tell(ann, detail={"text": "the secret comment"})
    worker.drain()
    ((path, headers, body),) = service.got
    assert path == "/send/abc"
    assert service.read(body) == {
        "title": "Ada mentioned you on Fjord & Söhne", "kind": "mention", "url": f"/companies/{record}/",
    }  # fmt: skip
    assert b"Fjord" not in body
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["ttl"] == "86400"
    token, public = headers["authorization"].removeprefix("vapid t=").split(", k=")
    assert public == devices.public_key()
    claims = json.loads(webpush.decode(token.split(".")[1]))
    assert claims["aud"] == f"http://{service.host}"
    device = PushDevice.objects.get()
    assert device.sent_at is not None
    tell(ann, key="k1")
    worker.drain()
    assert len(service.got) == 1


def test_each_browser_is_told_and_only_of_what_was_chosen(service: Service, ann: Caller) -> None:
    add(ann, service)
    devices.add(ann, service.subscription("/send/other"), label="Chrome")
    add(f.user("Ben"), service, endpoint=f"http://{service.host}/send/ben")
    tell(ann, kind="mention")
    tell(ann, kind="changed", key="k2")
    worker.drain()
    assert sorted(path for path, _h, _b in service.got) == ["/send/abc", "/send/other"]
    client = signed_in(ann)
    client.post("/settings/notifications/", {"changed-push": "true", "changed-mail": "never", "mention-mail": "never"})
    tell(ann, kind="mention", key="k3")
    tell(ann, kind="changed", key="k4")
    worker.drain()
    assert len(service.got) == 4
    assert {service.read(body)["kind"] for _p, _h, body in service.got[2:]} == {"changed"}


def test_what_was_read_or_is_no_longer_to_be_seen_is_not_sent(service: Service, ann: Caller) -> None:
    add(ann, service)
    tell(ann)
    Notification.objects.update(read_at=timezone.now())
    tell(ann, key="old", at=timezone.now() - dt.timedelta(days=2))
    worker.drain()
    assert service.got == []
    record = tell(ann, key="gone")
    signed_in(f.admin()).post(f"/companies/{record}/delete/")
    worker.drain()
    assert service.got == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(service: Service, ann: Caller, status: int) -> None:
    add(ann, service)
    service.answers = [(status, {})]
    tell(ann)
    worker.drain()
    assert not PushDevice.objects.exists()
    assert not JobRow.objects.exclude(state=State.DONE).filter(name="push-notification").exists()


def test_a_service_that_asks_to_wait_is_waited_for_and_not_forever(service: Service, ann: Caller) -> None:
    add(ann, service)
    service.answers = [(429, {"Retry-After": "120"})] * 10
    tell(ann)
    worker.drain()
    for tried in range(1, 6):
        assert len(service.got) == tried
        (job,) = JobRow.objects.filter(name="push-notification", state=State.WAITING)
        assert 110 < (job.due_at - timezone.now()).total_seconds() <= 120
        JobRow.objects.filter(pk=job.pk).update(due_at=timezone.now())
        worker.drain()
    assert not JobRow.objects.filter(name="push-notification", state=State.WAITING).exists()
    assert PushDevice.objects.get().failure == "HTTP 429"


def test_a_service_in_trouble_is_tried_a_few_times(service: Service, ann: Caller) -> None:
    add(ann, service)
    service.answers = [(500, {})] * 20
    tell(ann)
    for _attempt in range(8):
        worker.drain()
        JobRow.objects.filter(name="push-notification").update(due_at=timezone.now())
    assert len(service.got) == 5
    assert JobRow.objects.get(name="push-notification").state == State.FAILED


def test_a_refusal_is_kept_and_not_tried_again(service: Service, ann: Caller) -> None:
    add(ann, service)
    service.answers = [(403, {})]
    tell(ann)
    worker.drain()
    worker.drain()
    assert len(service.got) == 1
    assert PushDevice.objects.get().failure == "HTTP 403"


def test_an_inner_address_is_never_posted_to(service: Service, ann: Caller, settings: Any) -> None:
    add(ann, service)
    settings.PRIVATE_HOSTS = ()
    tell(ann)
    worker.drain()
    assert service.got == []
    assert not PushDevice.objects.exists()
    for endpoint in (
        "http://127.0.0.1/x",
        "ftp://x/",
        "",
        "https://u@example.com/",
        None,
        7,
        "https://x/" + "y" * 1500,
    ):
        with pytest.raises(Invalid):
            add(ann, service, endpoint=endpoint)


@pytest.mark.parametrize("keys", [None, {}, [], {"p256dh": "x", "auth": AUTH}, {"p256dh": "", "auth": ""}])
def test_keys_that_are_none_are_refused(service: Service, ann: Caller, keys: Any) -> None:
    with pytest.raises(Invalid):
        add(ann, service, keys=keys)
    with pytest.raises(Invalid):
        devices.add(ann, keys, label="")


# -- the page ---------------------------------------------------------------------------------------------------------


def test_a_browser_is_added_and_removed_by_its_user_alone(service: Service, ann: Caller) -> None:
    client = signed_in(ann)
    sent = {"subscription": json.dumps(service.subscription())}
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    assert client.post("/notifications/push/add/", sent, headers=agent).status_code == 204
    assert client.post("/notifications/push/add/", sent, headers=agent).status_code == 204
    html = client.get("/settings/notifications/").content.decode()
    assert "Firefox, Linux" in html
    assert devices.public_key() in html
    device = PushDevice.objects.get()
    assert device.endpoint not in html
    other = signed_in(f.user("Eve"))
    assert other.post("/notifications/push/remove/", {"id": device.pk}).status_code == 404
    assert other.post("/notifications/push/remove/", {"endpoint": device.endpoint}).status_code == 404
    assert PushDevice.objects.get().user_id == ann.user_id
    # A browser tells whoever turned it on last.
    assert other.post("/notifications/push/add/", sent).status_code == 204
    assert PushDevice.objects.get().user_id != ann.user_id
    assert other.post("/notifications/push/remove/", {"endpoint": device.endpoint}).status_code == 204
    assert not PushDevice.objects.exists()


def test_junk_is_refused(ann: Caller) -> None:
    client = signed_in(ann)
    for junk in ("", "x", "[]", "null", "{}", "[" * 5000, '{"endpoint": "\x00", "keys": 3}', "9" * 5000):
        assert client.post("/notifications/push/add/", {"subscription": junk}).status_code == 422, junk[:20]
    for data in ({}, {"id": "x"}, {"id": "9" * 30}, {"endpoint": "\x00"}, {"id": "1"}):
        assert client.post("/notifications/push/remove/", data).status_code == 404
    assert Client().post("/notifications/push/add/", {"subscription": "{}"}).status_code == 302


def test_signing_out_and_deactivation_end_it(service: Service, ann: Caller) -> None:
    here, there = signed_in(ann), signed_in(ann)
    here.post("/notifications/push/add/", {"subscription": json.dumps(service.subscription("/here"))})
    there.post("/notifications/push/add/", {"subscription": json.dumps(service.subscription("/there"))})
    here.post("/accounts/logout/")
    assert PushDevice.objects.get().endpoint.endswith("/there")
    tell(ann)
    User.objects.filter(pk=ann.user_id).update(is_active=False)
    from rapport.records.accounts import caller as callers

    callers.forget()
    worker.drain()
    assert service.got == []
    assert not PushDevice.objects.exists()


def test_the_worker_stands_at_the_root_for_everyone() -> None:
    answer = Client().get("/push-worker.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert b"showNotification" in answer.content
