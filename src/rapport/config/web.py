"""The web process: granian with WSGI and a few threads."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from rapport.lib.processes import end_with_parent

THREADS = 4
STOP_SECONDS = 5


def load(_target: str) -> Callable[..., Any]:
    """The application, loaded in each worker of the server; the worker ends with the server's main process.

    While the database and static files are still being prepared, code is loaded, and nothing else.
    """
    end_with_parent(os.getppid())
    # Of the main process, whose handlers were inherited, a signal only wakes a loop that does not run here.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if "RAPPORT_GATE" in os.environ:
        _load_code()
        from rapport.config import gate

        gate.wait()
    from rapport.config.wsgi import application

    return application


def _load_code() -> None:
    from django.urls import get_resolver

    from rapport.config.cli import use_django

    use_django()
    _ = get_resolver().url_patterns


def serve(host: str, port: int, workers: int) -> None:
    """Answer until SIGTERM or SIGINT."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "rapport.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        blocking_threads_idle_timeout=600,  # a thread takes its database connection along
        runtime_blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    ).serve(target_loader=load)
