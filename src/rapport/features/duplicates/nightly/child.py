"""The process that compares, as the worker sees it: records go in, messages come out, and it ends with the pass."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

MODULE = "rapport.features.duplicates.nightly.linking"
LOOK_SECONDS = 1.0
AHEAD = 2_000
"""Messages that may wait to be dealt with."""
CPUS = 4


class Failed(Exception):
    """The process ended before its work did; the text is what it said last."""


def linked(
    kinds: dict[str, str], least: float, sets: Iterable[Sequence[Any]], look: Callable[[], None]
) -> Iterator[dict[str, Any]]:
    """Messages of `linking.main` for records in sets; `look` is called each second and may raise to stop it.

    Raises Failed. The process is gone when the iterator is closed.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RAPPORT_")}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
            text=True, encoding="utf-8", env=environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
        messages: queue.Queue[str | None] = queue.Queue(AHEAD)
        gone = threading.Event()
        threading.Thread(target=_listen, args=(process.stdout, messages, gone), daemon=True).start()
        try:
            _tell(process, kinds, least, sets, look)
            done = False
            while (line := _next(messages, look)) is not None:
                message = json.loads(line)
                done = "done" in message
                yield message
            if process.wait() != 0 or not done:
                said.seek(max(0, said.seek(0, 2) - 1000))
                raise Failed(said.read().decode(errors="replace").strip() or f"ended with {process.returncode}")
        finally:
            gone.set()
            process.kill()
            process.wait()


def _tell(process: Any, kinds: dict[str, str], least: float, sets: Iterable[Sequence[Any]], look: Any) -> None:
    """Write the task and the records. A process that is gone is noticed where its answer is awaited."""
    task = {"kinds": kinds, "least": least, "parent": os.getpid(), "threads": min(CPUS, os.cpu_count() or 1)}
    try:
        process.stdin.write(json.dumps(task) + "\n")
        for part in sets:
            process.stdin.write("".join(json.dumps(record) + "\n" for record in part))
            look()
        process.stdin.close()
    except BrokenPipeError:
        return


def _listen(stream: Iterable[str], messages: queue.Queue[str | None], gone: threading.Event) -> None:
    """Pass on each line, at last None; nothing more once nobody listens."""
    for line in _with_end(stream):
        while not gone.is_set():
            try:
                messages.put(line, timeout=LOOK_SECONDS)
                break
            except queue.Full:
                continue


def _with_end(stream: Iterable[str]) -> Iterator[str | None]:
    yield from stream
    yield None


def _next(messages: queue.Queue[str | None], look: Callable[[], None]) -> str | None:
    while True:
        try:
            return messages.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            look()
