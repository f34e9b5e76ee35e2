"""A Rapport of its own for a test: data directory, database and the command `rapport` run as people run it."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECONDS = 300


@dataclass
class Deployment:
    """`url` is empty for SQLite. `environment` is added to that of every command."""

    folder: Path
    url: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RAPPORT_")}
        if inherited.get("DJANGO_SETTINGS_MODULE") == "tests.settings":
            del inherited["DJANGO_SETTINGS_MODULE"]
        own = {"RAPPORT_DATA_DIR": str(self.folder), "RAPPORT_DATABASE_URL": self.url, "RAPPORT_LOG_LEVEL": "WARNING"}
        return {**inherited, **own, **self.environment}

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`rapport` with these arguments, to its end."""
        return self._run("-m", "rapport.config.cli", *arguments, **environment)

    def python(self, code: str) -> str:
        """Code in a process of its own; it must succeed. Answers what it printed."""
        done = self._run("-c", code)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def _run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            env={**self._environment, **environment},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def must(self, *arguments: str, **environment: str) -> str:
        """`rapport` with these arguments; it must succeed. Answers what it printed."""
        done = self.run(*arguments, **environment)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement on the database, past Rapport. `%s` marks values."""
        if self.url:
            import psycopg

            with psycopg.connect(self.url, autocommit=True) as database:
                cursor = database.execute(sql.encode(), values or None)
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(self.folder / "rapport.sqlite3", timeout=120)) as database, database:
            return database.execute(sql.replace("%s", "?"), values).fetchall()

    def contents(self) -> dict[str, list[str]]:
        """Every row of every table, and every file, to compare before and after."""
        if self.url:
            names = self.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        else:
            names = self.query(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%%'"
            )
        found = {name: sorted(map(repr, self.query(f'SELECT * FROM "{name}"'))) for (name,) in names}
        for path in sorted((self.folder / "files").rglob("*")):
            if path.is_file():
                found[str(path.relative_to(self.folder))] = [path.read_bytes().hex()]
        return found


@dataclass
class Running:
    """A `rapport up`."""

    deployment: Deployment
    process: subprocess.Popen[str]
    port: int

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of an answer; 0 when nothing answers."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait(self, path: str = "/-/ready", status: int = 200, seconds: float = 120) -> float:
        """Wait for an answer; how long it took."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            if self.get(path)[0] == status:
                return time.monotonic() - started
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.05)
        raise AssertionError(f"no {status} from {path} within {seconds} s")

    def children(self) -> dict[int, list[str]]:
        """Processes below this one, with their command lines."""
        return below(self.process.pid)

    def stop(self, number: int = signal.SIGINT) -> tuple[float, str, str]:
        """Send a signal; seconds until the end, and what was printed."""
        started = time.monotonic()
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=120)
        return time.monotonic() - started, out, err


def below(root: int) -> dict[int, list[str]]:
    """Living processes that descend from `root` (Linux)."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(folder.name)] = int(parent)
    found: dict[int, list[str]] = {}
    wanted = {root}
    while new := {pid for pid, parent in parents.items() if parent in wanted and pid not in found}:
        for pid in new:
            command = Path(f"/proc/{pid}/cmdline")
            found[pid] = command.read_bytes().decode().split("\0") if command.exists() else []
        wanted |= new
    return found


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def up(deployment: Deployment, *arguments: str, **environment: str) -> Iterator[Running]:
    """`rapport up` on a free port, stopped at the end whatever happens."""
    port = free_port()
    command = [sys.executable, "-m", "rapport.config.cli", "up", "--port", str(port), *arguments]
    process = subprocess.Popen(
        command,
        env={**deployment._environment, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    running = Running(deployment, process, port)
    try:
        yield running
    finally:
        if process.poll() is None:
            for pid in [process.pid, *running.children()]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            process.communicate()


@contextmanager
def postgres_database(server: str, template: str = "") -> Iterator[str]:
    """The address of a database of its own on `server`: empty, or a copy of the database at the address `template`."""
    import psycopg

    name = f"rapport_test_{uuid.uuid4().hex[:12]}"
    like = f' TEMPLATE "{template.rpartition("/")[2]}"' if template else ""
    with psycopg.connect(server, autocommit=True) as database:
        database.execute(f'CREATE DATABASE "{name}"{like}'.encode())
    try:
        yield server.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as database:
            database.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
