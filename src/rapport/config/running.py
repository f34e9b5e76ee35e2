"""Who runs on a data directory: one `rapport up`, or one restore, never both."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

LOCK = "running.lock"


class AlreadyRunningError(click.ClickException):
    """Another process holds the data directory; the text says which."""


@contextmanager
def exclusively(folder: Path, what: str) -> Iterator[None]:
    """Hold the data directory for `what`. Raises AlreadyRunningError when another process holds it.

    The lock goes with the process, however it ends.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            who = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
            raise AlreadyRunningError(
                f"Rapport is in use on {folder} already ({who}). Stop it first, or name another RAPPORT_DATA_DIR."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{what}, process {os.getpid()}".encode(), 0)
        yield
    finally:
        os.close(descriptor)
