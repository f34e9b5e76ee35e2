"""Memory of all processes at rest, and the time from `rapport up` to the first page."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from benchmarks import cpu
from benchmarks.places import Place
from benchmarks.results import Results, Row, load
from benchmarks.server import Request, Server, running

FIRST_PAGE = 5_000.0
MEMORY = 300_000_000
REST_SECONDS = 5.0
DEMO_USER = "demo@kestrel.example"
OPENED = ("/", "/people/", "/deals/?layout=board", "/tasks/?layout=calendar", "/search/?q=anna", "/people/new/")


def measured(database: str, results: Results) -> None:
    """A first start, empty and with demo data, and a second one; memory after some work in the last."""
    empty, demo = Place(database, 0, "empty"), Place(database, 0, "demo")
    for place in (empty, demo):
        place.remove()
        place.create_database()
    try:
        with _started(empty, "empty", "first start, empty", results):
            pass
        with _started(demo, "demo", "first start, with the demo organisation", results, "--demo"):
            pass
        with _started(demo, "again", "second start", results) as server:
            _work(server)
            time.sleep(REST_SECONDS)
            _memory(server, results)
    finally:
        for place in (empty, demo):
            place.remove()


@contextmanager
def _started(place: Place, key: str, label: str, results: Results, *options: str) -> Iterator[Server]:
    begun = time.perf_counter()
    with running(place, *options) as server:
        server.wait()
        took = (time.perf_counter() - begun) * 1000
        results.add(Row(group="start", key=key, label=label, p50=took, budget=FIRST_PAGE, counts="p50"))
        yield server


def _work(server: Server) -> None:
    """Open pages as somebody who is signed in, so that everything is loaded that work needs."""
    command = [sys.executable, "-m", "rapport.config.cli", "user", "link", DEMO_USER]
    told = subprocess.run(command, env=server.place.environment(), capture_output=True, text=True, check=True).stdout
    link = next(word for word in told.split() if "/sign-in/" in word)
    client = server.client(urlsplit(link).path)
    for path in OPENED * 10:
        client.send(Request(path=path))


def _memory(server: Server, results: Results) -> None:
    total = 0
    for name, pids in sorted(server.processes.items()):
        rss, pss = (sum(values) for values in zip(*(cpu.proportional(pid) for pid in pids), strict=True))
        total += pss
        note = f"resident {rss / 1e6:.0f} MB"
        results.add(Row(group="memory", key=name, label=f"{name} process", bytes=pss, counts="bytes", note=note))
    limit = MEMORY if not server.place.url else None
    results.add(Row(group="memory", key="all", label="all processes", bytes=total, budget=limit, counts="bytes"))


def main(arguments: list[str]) -> None:
    """The command line of the process that measures."""
    place = Place(arguments[0], 0, "start")
    results = load(place.results)
    measured(place.database, results)
    results.save(place.results)


if __name__ == "__main__":
    main(sys.argv[1:])
