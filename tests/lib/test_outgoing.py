"""Addresses that somebody gave: what is posted to, and what never is."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from rapport.lib import outgoing
from rapport.lib.outgoing import Refused


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2002:a00:1::",
    ],
)  # fmt: skip
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not outgoing.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert outgoing.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "http://example.com/", "ftp://example.com/", "https://", "https://u:p@example.com/",
        "https://example.com/#x", "https://example.com:99999/", "https://exam ple.com/", "https://example.com/\n",
        "https://example.com/" + "x" * 2000, "https://[::1/", "//example.com/",
    ],
)  # fmt: skip
def test_what_is_no_sound_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        outgoing.post(url, b"", {})


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://2130706433/"])
def test_names_of_inner_addresses_are_refused(url: str) -> None:
    with pytest.raises(Refused):
        outgoing.post(url, b"", {})


def test_one_inner_address_among_others_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(socket.AF_INET, 1, 6, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: rows)
    with pytest.raises(Refused):
        outgoing.post("https://rebinding.example/", b"", {})


@contextmanager
def receiver(status: int, **headers: str) -> Iterator[tuple[str, list[Any]]]:
    """A server of this machine; its address, and what was posted."""
    got: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(b"x" * 100_000)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        server.server_close()


def test_a_host_that_is_named_may_be_an_inner_one() -> None:
    with receiver(302, Location="http://127.0.0.1:1/", Retry_After="7") as (host, got):
        answer = outgoing.post(f"http://{host}/a?b=c", b"hello", {"X-Own": "1"}, private=(host,))
        with pytest.raises(Refused):
            outgoing.post(f"http://{host}/", b"", {}, private=("127.0.0.1:1", "example.com"))
    ((path, headers, body),) = got
    assert (path, headers["X-Own"], body) == ("/a?b=c", "1", b"hello")
    # Nothing is followed, and no more is read than needed.
    assert (answer.status, answer.headers["retry-after"], len(answer.body)) == (302, "7", outgoing.MOST_BYTES)


def test_nobody_there_is_an_error_of_the_network() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(OSError):
            outgoing.post(f"http://{host}/", b"", {}, private=(host,))


@pytest.mark.parametrize("pause", [0.05, 5.0], ids=["drips", "stalls"])
def test_an_answer_is_waited_for_no_longer_than_said(pause: float) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _address = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                for _ in range(100):
                    time.sleep(pause)
                    connection.sendall(b"x")

        threading.Thread(target=serve, daemon=True).start()
        host, began = f"127.0.0.1:{server.getsockname()[1]}", time.monotonic()
        with pytest.raises(TimeoutError):
            outgoing.post(f"http://{host}/", b"", {}, private=(host,), seconds=0.4)
        assert time.monotonic() - began < 3
