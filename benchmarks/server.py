"""A real `rapport up`, and a client that works in it as one signed-in browser does."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from benchmarks import cpu
from benchmarks.places import Place, Unusable

SECONDS = 90
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a browser sends. With `swap`, what htmx sends to have the main part of the page replaced."""

    path: str
    form: Mapping[str, str] | None = None
    swap: bool = False
    part: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """Those that tell htmx from the browser."""
        if self.swap:
            return {"HX-Request": "true", "HX-Target": "main#main"}
        return {"HX-Request": "true", "HX-Target": "div#part"} if self.part else {}


@dataclass(slots=True)
class Answer:
    """`size` is that of the body as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes
    size: int

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


@dataclass
class Client:
    """One browser: a connection that is kept, cookies, the token against forged requests."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def send(self, request: Request) -> Answer:
        """An answer below 400. Raises RuntimeError for any other."""
        answer = self.raw(request)
        if answer.status >= 400:
            raise RuntimeError(f"{answer.status} from {request.path}: {answer.text[:300]}")
        return answer

    def raw(self, request: Request) -> Answer:
        """An answer, whatever it is; redirects are not followed."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Accept-Encoding": "gzip", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if request.form is not None:
            body = urlencode(request.form)
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-CSRFToken": self.cookies.get("csrftoken", ""),
                "Origin": f"http://127.0.0.1:{self.port}",
            }
        method = "GET" if body is None else "POST"
        try:
            self.connection.request(method, request.path, body, {**headers, **request.headers})
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):
            # The server closes a connection that nobody used for a while.
            self.connection.close()
            self.connection.request(method, request.path, body, {**headers, **request.headers})
            response = self.connection.getresponse()
        raw = response.read()
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {morsel.key: morsel.value for morsel in SimpleCookie(header).values()}
        packed = response.headers.get("Content-Encoding") == "gzip"
        text = gzip.decompress(raw) if packed else raw
        return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, text, len(raw))

    def sign_in(self, path: str) -> None:
        """By a single-use link, as a person does: open it, press the button."""
        page = self.send(Request(path=path))
        found = _TOKEN.search(page.text)
        if found is None:
            raise RuntimeError(f"no form at {path}")
        self.send(Request(path=path, form={"csrfmiddlewaretoken": found[1]}))
        if "sessionid" not in self.cookies:
            raise RuntimeError("signing in gave no session")


@dataclass
class Server:
    """A running Rapport."""

    place: Place
    port: int
    process: subprocess.Popen[bytes]

    @property
    def processes(self) -> dict[str, tuple[int, ...]]:
        """Processes by what they are: `web`, `worker`, `supervisor`."""
        found: dict[str, tuple[int, ...]] = {"supervisor": (self.process.pid,)}
        for pid in cpu.children(self.process.pid):
            words = cpu.command(pid).split()
            for name in ("web", "worker"):
                if "rapport.config.cli" in words and name in words:
                    found[name] = tuple(cpu.children(pid))
        return found

    def client(self, path: str) -> Client:
        """A client that is signed in by a link."""
        client = Client(self.port)
        client.sign_in(path)
        return client

    def wait(self, seconds: float = SECONDS) -> float:
        """Wait until it answers; how long that took."""
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            if self.process.poll() is not None:
                raise Unusable("`rapport up` ended before it answered; what it said is above.")
            try:
                if Client(self.port).raw(Request(path="/accounts/login/")).status == 200:
                    return time.perf_counter() - started
            except OSError:
                time.sleep(0.02)
        raise Unusable(f"`rapport up` gave no answer within {seconds:g} s.")


@contextmanager
def running(place: Place, *options: str) -> Iterator[Server]:
    """`rapport up` with one web process on a free port, stopped at the end."""
    port = free_port()
    command = [sys.executable, "-m", "rapport.config.cli", "up", "--port", str(port), *options]
    process = subprocess.Popen(command, env=place.environment(), stdout=subprocess.DEVNULL)
    try:
        yield Server(place, port, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            for pid in reversed(cpu.children(process.pid)):
                os.kill(pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
