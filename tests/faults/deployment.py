"""A Rapport of its own in processes of its own, to kill and start again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Deployment:
    """A data directory (and on PostgreSQL a database) with what a test fills in."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("RAPPORT_", "DJANGO_"))},
            "RAPPORT_DATA_DIR": str(folder),
            "RAPPORT_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "rapport.config.settings",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }
        if database_url:
            self.environment["RAPPORT_DATABASE_URL"] = database_url

    def run(self, code: str) -> str:
        """What a piece of Python prints within the deployment."""
        text = f"import django; django.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", text], env=self.environment, capture_output=True, text=True, timeout=180, cwd=ROOT
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextmanager
    def process(self, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """A `rapport` command in a process group that is gone afterwards."""
        command = [sys.executable, "-m", "rapport.config.cli", *arguments]
        process = subprocess.Popen(
            command, env={**self.environment, **environment}, cwd=ROOT, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL the process and its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=20)


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that must come soon."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError(f"never happened: {what}")


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    """Whether a server answers its liveness page."""
    if not re.match(r"http://127\.0\.0\.1:", address):
        raise ValueError(address)
    try:
        with urllib.request.urlopen(f"{address}/-/live", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
