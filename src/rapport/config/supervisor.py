"""`rapport up`: prepares, starts the web and the worker process, starts again what died, stops all cleanly.

Loads neither Django nor the server, so that it costs next to nothing while it waits.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from rapport import __version__
from rapport.config import running, variables

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 8.0
READY_SECONDS = 120.0
STABLE_SECONDS = 60.0
LONGEST_WAIT = 30.0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class UpError(click.ClickException):
    """Why Rapport can't run, and what to do."""


@dataclass
class Child:
    """A process to keep alive, with how often in a row it died early."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    start_at: float = 0.0

    def start(self, environment: dict[str, str]) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches the supervisor alone."""
        self.process = subprocess.Popen(self.command, env=environment, start_new_session=True)
        self.started = time.monotonic()

    def ask(self) -> None:
        """Ask the process to stop; it stops what it started itself."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def strike(self) -> None:
        """End the process and all that it started, without waiting for it: safe within a signal handler."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the process and all that it started."""
        self.strike()
        if self.process:
            self.process.wait()


@dataclass
class Supervisor:
    """Keeps children alive until told to stop."""

    children: list[Child]
    environment: dict[str, str]
    stopping: bool = field(default=False)

    def request_stop(self, *_: Any) -> None:
        """A signal handler: the second signal stops at once."""
        if self.stopping:
            for child in self.children:
                child.strike()  # to wait here would be to wait for whom the signal has interrupted
        self.stopping = True

    def tend(self) -> None:
        """Start what does not run; what keeps dying waits ever longer."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.start_at:
                    child.start(self.environment)
            elif (code := child.process.poll()) is not None:
                child.deaths = child.deaths + 1 if now - child.started < STABLE_SECONDS else 1
                wait = min(LONGEST_WAIT, 0.5 * 2 ** (child.deaths - 1))
                say(f"The {child.name} process ended ({_ending(code)}); starting it again in {wait:g} s.")
                child.process, child.start_at = None, now + wait

    def run(self) -> None:
        """Tend until told to stop."""
        while not self.stopping:
            self.tend()
            time.sleep(0.2)

    def stop(self) -> None:
        """Ask all to stop, then make them."""
        for child in self.children:
            child.ask()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            if child.process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.0, deadline - time.monotonic()))
            child.kill()


def say(text: str = "") -> None:
    """To the person at the terminal."""
    click.echo(text, err=True)


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"


def up(*, host: str | None, port: int | None, workers: int, demo: bool) -> None:
    """Prepare, start, tell the address, and keep running until SIGINT or SIGTERM."""
    variables.require_valid()
    base = _base_address(port)
    os.environ["RAPPORT_BASE_URL"] = base
    parts = urlsplit(base)
    port = port or parts.port or 8000
    host = host or _listen_on(parts.hostname or "")
    require_free(host, port)
    folder = variables.data_dir()
    with running.exclusively(folder, f"up at {base}"), _gate(folder) as gate:
        web, worker = _children(host, port, workers)
        supervisor = Supervisor([web, worker], {**_environment(), "RAPPORT_GATE": str(gate)})
        for number in STOP_SIGNALS:
            signal.signal(number, supervisor.request_stop)
        try:
            web.start(supervisor.environment)  # loads its code while the database is prepared
            entrance = prepare(supervisor, demo=demo)
            wait_until_ready(supervisor, web, host, port)
            if not supervisor.stopping:
                _welcome(base, entrance)
            supervisor.run()
        finally:
            supervisor.stop()
            for number in STOP_SIGNALS:  # from here on it only ends: one more signal must not end it otherwise
                signal.signal(number, signal.SIG_IGN)
    say("Rapport has stopped.")


@contextlib.contextmanager
def _gate(folder: Path) -> Iterator[Path]:
    """A file that says to the web process: not yet."""
    gate = folder / f".starting-{os.getpid()}"
    gate.touch(mode=0o600)
    try:
        yield gate
    finally:
        gate.unlink(missing_ok=True)


def _base_address(port: int | None) -> str:
    """The configured address; a given port replaces that of the default one."""
    base = variables.read("RAPPORT_BASE_URL").rstrip("/")
    if port and not variables.is_given("RAPPORT_BASE_URL"):
        return f"http://127.0.0.1:{port}"
    return base


def _listen_on(hostname: str) -> str:
    """This machine alone, unless people come from elsewhere without a proxy in front."""
    local = hostname in LOOPBACK or variables.read("RAPPORT_PROXY") == "1"
    return "127.0.0.1" if local else "0.0.0.0"  # noqa: S104 the administrator's base address says so


def _environment() -> dict[str, str]:
    environment = {**os.environ, "RAPPORT_SUPERVISOR": str(os.getpid()), "PYTHONUNBUFFERED": "1"}
    if sys.stderr.isatty():
        environment.setdefault("RAPPORT_LOG_FORMAT", "text")
    return environment


def _children(host: str, port: int, workers: int) -> list[Child]:
    command = [sys.executable, "-m", "rapport.config.cli"]
    web = [*command, "web", "--host", host, "--port", str(port), "--workers", str(workers)]
    return [Child("web", web), Child("worker", [*command, "worker"])]


def is_free(host: str, port: int) -> bool:
    """Whether nothing listens there. Raises OSError when this user may not listen there at all."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def require_free(host: str, port: int) -> None:
    """Raises UpError, with a port to use instead, when another program has this one."""
    try:
        if is_free(host, port):
            return
        other = next((p for p in range(port + 1, min(port + 100, 65536)) if is_free(host, p)), None)
    except OSError as error:
        raise UpError(f"Can't listen on {host}, port {port}: {error.strerror}. Choose another: --port 8000.") from error
    hint = f"Use another: rapport up --port {other} (or: make up PORT={other})." if other else "Choose another: --port."
    raise UpError(f"Port {port} is taken by another program. {hint}")


def prepare(supervisor: Supervisor, *, demo: bool) -> dict[str, str]:
    """Prepare in a child, whose memory is given back when it ends; it opens the gate as soon as pages can answer.

    Empty when it was told to stop. Raises UpError when it failed and has said why.
    """
    command = [sys.executable, "-m", "rapport.config.prepare", *(["--demo"] if demo else [])]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, env=supervisor.environment, start_new_session=True, text=True
    )
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            said, _ = child.communicate(timeout=0.1)
            break
        if supervisor.stopping:
            child.terminate()
    if supervisor.stopping:
        return {}
    if child.returncode != 0:
        raise UpError("Rapport could not be prepared; the reason is above. `rapport doctor` may tell more.")
    result: dict[str, str] = json.loads(said)
    return result


def wait_until_ready(supervisor: Supervisor, web: Child, host: str, port: int) -> None:
    """Wait for the first answer. Raises UpError when the web process dies before it, or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    target = ("::1" if ":" in host else "127.0.0.1") if host in {"0.0.0.0", "::"} else host  # noqa: S104
    while not supervisor.stopping:
        if web.process and web.process.poll() is not None:
            raise UpError("The web process could not start; the reason is above.")
        if answers(target, port):
            return
        if time.monotonic() > deadline:
            raise UpError(f"The web process gave no answer within {READY_SECONDS:g} s.")
        time.sleep(0.05)


def answers(host: str, port: int) -> bool:
    """Whether `/-/live` answers 200."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(f"GET /-/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _welcome(base: str, entrance: dict[str, str]) -> None:
    """One block: the address, and how to get in."""
    lines = ["", f"  Rapport {__version__} is running at {base}", ""]
    local = (urlsplit(base).hostname or "") in LOOPBACK
    if entrance.get("setup"):
        lines.append(f"  Set up:   {base}{entrance['setup']}")
    elif entrance.get("path") and (local or sys.stderr.isatty()):
        lines.append(f"  Sign in:  {base}{entrance['path']}")
        lines.append(f"            (as {entrance['who']}; works once, within 15 minutes)")
    else:
        lines.append("  Sign in:  rapport user link <e-mail> prints a link that works once")
    lines += [f"  Data:     {variables.data_dir()}", "  Stop:     Ctrl-C", ""]
    click.echo("\n".join(lines))
    sys.stdout.flush()
