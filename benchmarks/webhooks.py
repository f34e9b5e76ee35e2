"""Webhooks: messages made of a bulk act, and one sent to a receiver in a process of its own on this machine."""

from __future__ import annotations

import atexit
import subprocess
import sys

from benchmarks.actions import Action
from benchmarks.samples import Samples

RECEIVER = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_arguments):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""
EACH = 1000


def deliveries(samples: Samples) -> list[Action]:
    """What a webhook costs, of all people and all that happens to them."""
    from django.conf import settings

    from rapport.features.webhooks import endpoints, making, sending
    from rapport.features.webhooks.subscribing import Wanted
    from rapport.records.jobs.outbox import Event

    receiver = subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE, text=True)
    atexit.register(receiver.kill)
    assert receiver.stdout is not None
    host = f"127.0.0.1:{int(receiver.stdout.readline())}"
    settings.PRIVATE_HOSTS = (host,)
    caller = samples.caller(samples.administrator)
    endpoint, _secret = endpoints.create(caller, url=f"http://{host}/", events=[Wanted("person", ("created",))])
    event = Event("person", "create", samples.people[:EACH], [], caller.user_id, "2026-01-02 10:00:00")

    def send(_n: int) -> object:
        return sending.attempt(endpoint, endpoints.test(caller, endpoint.pk))

    return [
        Action("webhook_make", f"messages for {EACH:,} new people", lambda _n: making.make([event]), calls=30, warm=2),
        Action("webhook_send", "one message, to this machine", send, calls=600),
    ]
