"""Processes of a deployment, to kill and to wait for."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.config.deployment import Deployment

PATIENCE = 300.0


def run(deployment: Deployment, code: str) -> str:
    """What a piece of Python prints within the deployment."""
    return deployment.must("manage", "shell", "--no-imports", "-c", code).strip()


@contextmanager
def process(deployment: Deployment, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A `rapport` command in a process group that is gone afterwards."""
    running = subprocess.Popen(
        [sys.executable, "-m", "rapport.config.cli", *arguments],
        env={**deployment._environment, **environment}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield running
    finally:
        kill(running)


def kill(running: subprocess.Popen[bytes]) -> None:
    """SIGKILL the process and its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait(timeout=120)


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that must come soon."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError(f"never happened: {what}")
