"""A second process for a large import: it prepares rows while this one writes those before them."""

from __future__ import annotations

import logging
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import translation

from rapport.features.transfer import sets
from rapport.features.transfer.reading import Source
from rapport.features.transfer.rows import RowPlan
from rapport.features.transfer.sets import RowSet

AHEAD = 60
"""Sets that wait to be written at most: more than the longest transaction has, some MB."""
log = logging.getLogger(__name__)


class Gone(Exception):
    """The helper ended before the file did, or knows other definitions."""


class Helper:
    """The process, from `with` on. When it is `ready` it is told from where on it prepares `sets`."""

    def __init__(self, plan: RowPlan, source: Source) -> None:
        self.plan = plan
        self.order = pickle.dumps(
            {
                "database": str(connection.settings_dict["NAME"]), "language": translation.get_language() or "en",
                "key": plan.obj.key, "path": str(source.path), "source": source.to_json(), "mapping": plan.mapping,
                 "caller": replace(plan.caller, cache={}),
            }
        )  # fmt: skip
        self.messages: queue.Queue[bytes | None] = queue.Queue(AHEAD)
        self.closed = False
        self.process: subprocess.Popen[bytes] | None = None
        self.reader: threading.Thread | None = None

    def __enter__(self) -> Helper:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
        command = [sys.executable, "-m", "rapport.features.transfer.helper"]
        try:
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError:
            self.messages.put(None)
            return self
        self.reader = threading.Thread(target=self._read, args=(self.process,), daemon=True, name="import-helper")
        self.reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closed = True
        if self.process is None or self.reader is None:
            return
        self.process.kill()
        while self.reader.is_alive():
            # It may wait for room.
            with suppress(queue.Empty):
                self.messages.get_nowait()
            self.reader.join(0.01)
        self.process.wait()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        """In a thread of its own: take messages as they come, an empty one last; None where the process is gone."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(self.order)
            process.stdin.flush()
            with process.stdout:
                answers = Connection(os.dup(process.stdout.fileno()), writable=False)
                with answers:
                    message = b"more"
                    while message and not self.closed:
                        message = answers.recv_bytes()
                        self.messages.put(message)
        except (EOFError, OSError):
            self.messages.put(None)

    def _take(self) -> bytes:
        message = self.messages.get()
        if message is None:
            raise Gone
        return message

    def ready(self) -> bool:
        """Whether it has started. Raises Gone."""
        if self.messages.empty():
            return False
        generation: Any = pickle.loads(self._take())  # noqa: S301  from the helper
        if generation != self.plan.generation:
            raise Gone
        return True

    def sets(self, skip: int) -> Iterator[RowSet]:
        """The rows of the file after the first `skip`. Raises Gone."""
        assert self.process is not None
        assert self.process.stdin is not None
        try:
            with self.process.stdin as stdin:
                pickle.dump(skip, stdin)
        except OSError as error:
            raise Gone from error
        while message := self._take():
            yield sets.unpacked(self.plan, message)
