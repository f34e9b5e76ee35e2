"""`python -m benchmarks.measuring DATABASE SIZE [PART …]`: measures one database, in a process of its own.

It works on a copy of the filled database, so that what it writes is gone afterwards and each run begins alike.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import archiving, bare, cpu, doors, events, importing, pages, payload, rest, webhooks
from benchmarks.actions import Action, measure
from benchmarks.places import POSTGRESQL, SQLITE, Place, Unusable
from benchmarks.results import Results, Row
from benchmarks.samples import Samples
from benchmarks.server import Client, Server, running

REPLAYED = 20
"""Calls of a page whose statements are run without it."""
START_SECONDS = 4.0
OWN_OF_POSTGRESQL = 0.7
"""What the way to another process may add to a budget, in milliseconds."""
PARTS = (
    "read",
    "search",
    "document",
    "page",
    "payload",
    "write",
    "act",
    "rest",
    "webhook",
    "event",
    "import",
    "archive",
)
"""In their order: what writes comes after what reads, so that no page shows the records of other measurements."""
WHOLE = ("payload", "import", "archive")
"""Parts without single actions."""


class Measuring:
    """One run over one copy."""

    def __init__(self, place: Place, source: Place, results: Results, keys: frozenset[str]) -> None:
        self.place, self.source, self.results, self.keys = place, source, results, keys
        self.samples = Samples()
        self.backends = cpu.Backends(place.url)
        self.bare: dict[str, float] = {}

    def renew(self) -> None:
        """Begin again with what was filled."""
        from django.db import connection

        connection.close()
        if self.backends.connection is not None:
            self.backends.connection.close()
        self.place.copy_of(self.source)
        self.backends = cpu.Backends(self.place.url)

    def wanted(self, key: str) -> bool:
        """Whether a single action was asked for, or none in particular."""
        return not self.keys or key in self.keys

    def doors(self, group: str, actions: Iterable[Action]) -> None:
        """Measure actions in this process, each right after its plain twin: one may leave ten thousands of rows."""
        meter = cpu.Meter({"web": (os.getpid(),)}, self.backends)
        for action in actions:
            if self.wanted(action.key):
                self.plain((action.bare,))
                self._note(measure(group, action, meter), action.bare)

    def plain(self, names: Iterable[str]) -> None:
        """Measure the plain twins of these actions, once."""
        new = {name for name in names if name} - self.bare.keys()
        if not new:
            return
        database = bare.Bare(self.place)
        meter = cpu.Meter({"web": (os.getpid(),)}, self.backends)
        for action in bare.actions(database, self.samples, new.__contains__):
            self.bare[action.key] = measure("bare", action, meter).stack or 0.0
        database.close()

    def pages(
        self, group: str, server: Server, clients: dict[bool, Client], wanted: Iterable[pages.PageAction]
    ) -> None:
        """Measure actions over HTTP."""
        meter = cpu.Meter(server.processes, self.backends)
        for page in wanted:
            if not self.wanted(page.key):
                continue
            client, user = clients[page.team], self.samples.member if page.team else self.samples.administrator
            row = measure(group, pages.as_action(page, client, self.samples), meter)
            row.bytes = client.send(page.ask(100_000)).size or None
            seen = pages.statements(page, user, range(10_000, 10_001 + REPLAYED))[1:]
            row.queries = max(map(len, seen))
            twin = page.bare
            if group == "page":
                twin = f"page.{page.key}"
                self.bare[twin] = self._replayed(seen)
            self._note(row, twin)

    def _replayed(self, seen: Sequence[Sequence[bare.Statement]]) -> float:
        database = bare.Bare(self.place)
        meter = cpu.Meter({"web": (os.getpid(),)}, self.backends)
        row = measure("bare", Action("page", "page", bare.replay(database, seen), calls=60), meter)
        database.close()
        return row.stack or 0.0

    def _note(self, row: Row, twin: str) -> None:
        row.bare = self.bare.get(twin)
        if row.budget is not None and self.place.database == POSTGRESQL:
            row.budget += OWN_OF_POSTGRESQL
        self.results.add(row)


def run(place: Place, parts: Iterable[str], keys: frozenset[str], path: Path) -> None:
    """Measure parts, or single actions of them, and keep what was found."""
    copy = Place(place.database, place.people, f"{place.people}_copy")
    copy.copy_of(place)
    os.environ.update(copy.environment())
    _django()
    results = _kept(path)
    run_ = Measuring(copy, place, results, keys)
    try:
        for part in parts:
            _PARTS[part](run_)
            results.save(path)
    finally:
        from django.db import connection

        connection.close()
        if run_.backends.connection is not None:
            run_.backends.connection.close()
        copy.remove()


def _kept(path: Path) -> Results:
    from benchmarks.results import load

    results = load(path)
    results.about |= _about()
    return results


def _about() -> dict[str, Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        version = str(cursor.fetchone()[0]).split()[0]
    return {
        "database": version, "python": sys.version.split()[0], "cores": os.cpu_count(),
        "at": time.strftime("%Y-%m-%d"), "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def _django() -> None:
    import django

    django.setup()
    from rapport.records.customising import sync

    sync.refresh()


def _read(run_: Measuring) -> None:
    run_.doors("read", doors.reads(run_.samples))


def _search(run_: Measuring) -> None:
    run_.doors("search", doors.searches(run_.samples))


def _write(run_: Measuring) -> None:
    run_.doors("write", doors.writes(run_.samples))


def _document(run_: Measuring) -> None:
    run_.doors("document", doors.documents(run_.samples))


def _rest(run_: Measuring) -> None:
    from rapport.features.search.backends import back_end

    back_end().tend()  # what the bulk edits before this left of the index to be merged is theirs
    run_.doors("rest", rest.requests(run_.samples))


def _webhook(run_: Measuring) -> None:
    run_.doors("webhook", webhooks.deliveries(run_.samples))


def _event(run_: Measuring) -> None:
    run_.doors("event", events.intake(run_.samples))


def _over_http(run_: Measuring, act: Callable[[Server, dict[bool, Client]], None]) -> None:
    from rapport.config.first_steps import sign_in_path
    from rapport.records.accounts.models import User

    with running(run_.place) as server:
        server.wait()
        people = {False: run_.samples.administrator, True: run_.samples.member}
        clients = {team: server.client(sign_in_path(User.objects.get(pk=user))) for team, user in people.items()}
        time.sleep(START_SECONDS)  # what the worker does at each start
        pages.until_quiet(run_.samples)
        act(server, clients)


def _page(run_: Measuring) -> None:
    wanted = pages.pages(run_.samples)
    _over_http(run_, lambda server, clients: run_.pages("page", server, clients, wanted))


def _act(run_: Measuring) -> None:
    wanted = pages.acts(run_.samples)
    run_.plain(p.bare for p in wanted if run_.wanted(p.key))
    _over_http(run_, lambda server, clients: run_.pages("act", server, clients, wanted))


def _payload(run_: Measuring) -> None:
    _over_http(run_, lambda _server, clients: payload.measured(clients[False], run_.samples.people[0], run_.results))


def _import(run_: Measuring) -> None:
    try:
        importing.measured(run_.place, run_.samples, run_.results, run_.renew)
    except Unusable as error:
        print(f"  import is left out: {error}", file=sys.stderr)


def _archive(run_: Measuring) -> None:
    try:
        archiving.measured(run_.place, run_.samples, run_.results)
    except Unusable as error:
        print(f"  archive is left out: {error}", file=sys.stderr)


_PARTS: dict[str, Callable[[Measuring], None]] = {
    "read": _read, "search": _search, "write": _write, "document": _document, "rest": _rest, "page": _page, "act": _act,
    "webhook": _webhook, "event": _event, "payload": _payload, "import": _import, "archive": _archive,
}  # fmt: skip


def main(arguments: list[str]) -> None:
    """The command line of the process that measures."""
    database, size, *only = arguments
    place = Place(database or SQLITE, int(size))
    keys = frozenset(only) - set(PARTS)
    parts = [p for p in PARTS if p in only] or [p for p in PARTS if not keys or p not in WHOLE]
    run(place, parts, keys, place.results)


if __name__ == "__main__":
    main(sys.argv[1:])
