"""`rapport web` and `rapport worker`: the processes that `rapport up` starts, each runnable alone."""

from __future__ import annotations

import os
import signal
import threading

import click

from rapport.config.cli import use_django
from rapport.lib.processes import end_with_parent


def end_with_supervisor() -> None:
    """Under `rapport up`, end when it ends."""
    if supervisor := os.environ.get("RAPPORT_SUPERVISOR"):
        end_with_parent(int(supervisor))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes.")
def web(host: str, port: int, workers: int) -> None:
    """Run the web process alone, on a database that is prepared."""
    end_with_supervisor()
    from rapport.config.web import serve

    serve(host, port, workers)


@click.command()
def worker() -> None:
    """Run one worker process: jobs, schedules and events."""
    end_with_supervisor()
    use_django()
    from rapport.records.jobs import worker as jobs

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    jobs.run(stop)
