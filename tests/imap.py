"""An IMAP server on loopback, `pymap` in a process of its own: what it takes in, Rapport fetches."""

from __future__ import annotations

import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

USER, PASSWORD, SECONDS = "desk", "correct horse", 20


@dataclass(frozen=True)
class Server:
    """Where it listens."""

    port: int

    def put(self, raw: bytes, folder: str = "INBOX") -> None:
        """Bring a message into the mailbox."""
        client = self._client()
        client.append(folder, "", None, raw)  # type: ignore[arg-type]  # now
        client.logout()

    def unseen(self) -> int:
        """How many messages bear no mark of having been read."""
        client = self._client()
        client.select("INBOX", readonly=True)
        _ok, found = client.search(None, "UNSEEN")
        client.logout()
        return len(found[0].split())

    def _client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=SECONDS)
        client.login(USER, PASSWORD)
        return client


@contextmanager
def serving(port: int = 0) -> Iterator[Server]:
    """A server with one empty mailbox, until the end of the block; at a port of one's own, or a free one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "import sys; from pymap.main import main; sys.exit(main())"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict"]
    process = subprocess.Popen([*command, "--demo-user", USER, "--demo-password", PASSWORD])
    try:
        _wait(process, port)
        yield Server(port)
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the IMAP server did not start")
