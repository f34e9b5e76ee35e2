"""A worker killed between a commit and its delivery: nothing is lost, and what comes twice has the same id."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from tests.config.deployment import Deployment
from tests.faults.killing import kill, process, run, until

RECORDS = 3
MAKE = """
from rapport.features.webhooks import endpoints
from rapport.features.webhooks.subscribing import Wanted
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
ada = of_user(User.objects.get().pk)
_made, secret = endpoints.create(ada, url="http://%s/hook", events=[Wanted("company", ("created",))])
print(secret)
"""
FILL = f"""
from rapport.records import write
from rapport.records.accounts.caller import of_user
from rapport.records.accounts.models import User
ada = of_user(User.objects.get().pk)
for number in range({RECORDS}):
    write.create(ada, "company", {{"name": f"Company {{number}}"}})
"""
STATE = """
import json
from rapport.features.webhooks.models import Delivery
from rapport.records.models import JobRow, OutboxEntry
print(json.dumps({"states": list(Delivery.objects.order_by("id").values_list("state", "attempts")),
    "waits": OutboxEntry.objects.count() + JobRow.objects.filter(name__in=["tell", "send-webhooks"]).count()}))
"""
LEASE_OVER = (
    "from rapport.records.models import JobRow\nfrom django.utils import timezone\n"
    "JobRow.objects.filter(state='running').update(lease_until=timezone.now())"
)


class Receiver:
    """Takes messages; while it is `slow`, it has a message and does not answer."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.slow, self.has, self.over = threading.Event(), threading.Event(), threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                outer.has.set()
                if outer.slow.is_set():
                    outer.over.wait(200)
                    return
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"

    def names(self) -> list[str]:
        """The companies that were told of, in order."""
        return [json.loads(body)["data"]["records"][0]["fields"]["name"] for _headers, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def state(deployment: Deployment) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(deployment, STATE))
    return found


def test_worker_killed_between_commit_and_delivery(deployment: Deployment, receiver: Receiver) -> None:
    deployment.environment["RAPPORT_PRIVATE_HOSTS"] = receiver.host
    secret = run(deployment, MAKE % receiver.host)
    run(deployment, FILL)
    assert state(deployment) == {"states": [], "waits": RECORDS}
    receiver.slow.set()
    with process(deployment, "worker") as worker:
        assert receiver.has.wait(250)
        kill(worker)
    between = state(deployment)
    assert [one for one, _attempts in between["states"]] == ["waiting"] * RECORDS
    assert between["waits"] == 1
    receiver.slow.clear()
    receiver.over.set()
    run(deployment, LEASE_OVER)
    with process(deployment, "worker"):
        until(lambda: state(deployment)["waits"] == 0, "everything is sent")
    assert [one for one, _attempts in state(deployment)["states"]] == ["delivered"] * RECORDS
    assert set(receiver.names()) == {f"Company {number}" for number in range(RECORDS)}
    ids = [headers["webhook-id"] for headers, _body in receiver.got]
    assert len(set(ids)) == RECORDS
    assert ids[0] in ids[1:], "the message whose answer nobody saw comes again under its id"
    for headers, body in receiver.got:
        Webhook(secret).verify(body, headers)
