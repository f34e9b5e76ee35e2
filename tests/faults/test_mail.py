"""A worker killed while it takes mail in: each message is kept once, with all that belongs to it."""

from __future__ import annotations

import json
import signal

from tests import imap
from tests.config.deployment import Deployment
from tests.faults.killing import PATIENCE, process, run

MAILS = 12
MAILBOX = """
import datetime as dt
from rapport.apps.mailing.intake import connecting, fetching
from rapport.apps.mailing.models import Mailbox
made = Mailbox.objects.create(name="Desk", address="desk@acme.example", host="127.0.0.1", port={port}, security="none",
    username="{user}", password=connecting.sealed("{password}"), since=dt.date(2026, 1, 1))
"""
FATAL = """
import os, signal, threading
from types import SimpleNamespace
from rapport.apps.mailing.intake import fetching, filing
from rapport.apps.mailing.models import Mailbox
whole, kept = filing._keep_files, []
def fatal(*arguments):
    whole(*arguments)
    kept.append(arguments)
    if len(kept) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
filing._keep_files = fatal
fetching.fetch(SimpleNamespace(arguments={"mailbox": Mailbox.objects.get().pk}, progress=lambda n: None,
    stop=threading.Event()))
"""
AGAIN = """
from rapport.apps.mailing.intake import fetching
from rapport.apps.mailing.models import Mailbox
from rapport.records.jobs import worker
fetching.wake_one(Mailbox.objects.get().pk)
worker.drain()
"""
COUNT = """
import json
from rapport.records.read import visible
from rapport.records.accounts.caller import system
said = {key: visible(system(), key).count(cap=None) for key in ("incoming_mail", "interaction", "person", "file")}
print(json.dumps(said))
"""


def counted(deployment: Deployment) -> dict[str, int]:
    found: dict[str, int] = json.loads(run(deployment, COUNT))
    return found


def test_fetching_killed_and_gone_on_with(deployment: Deployment) -> None:
    with imap.serving() as server:
        for number in range(MAILS):
            server.put(f"From: a{number % 3}@kunde.example\r\nSubject: {number}\r\n\r\nText {number}\r\n".encode())
        run(deployment, MAILBOX.format(port=server.port, user=imap.USER, password=imap.PASSWORD))
        with process(deployment, "manage", "shell", "--no-imports", "-c", FATAL) as dying:
            assert dying.wait(timeout=PATIENCE) == -signal.SIGKILL
        assert counted(deployment) == {"incoming_mail": 4, "interaction": 4, "person": 3, "file": 4}
        run(deployment, AGAIN)
        assert counted(deployment) == {"incoming_mail": MAILS, "interaction": MAILS, "person": 3, "file": MAILS}
