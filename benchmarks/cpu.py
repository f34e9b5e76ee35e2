"""CPU time and memory of other processes: those of a running Rapport, and the server processes of PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")
_SCHEDULED = 2
"""CPUCLOCK_SCHED of Linux: the clock of a process in nanoseconds."""


def seconds(pid: int) -> float:
    """CPU that a process has taken so far, its ended threads included; 0 for one that is gone."""
    with suppress(OSError):
        return time.clock_gettime(~pid << 3 | _SCHEDULED)
    return 0.0


def children(pid: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        queue += parents.get(one, [])
    return sorted(found)


def command(pid: int) -> str:
    """The command line of a process; empty for one that is gone."""
    with suppress(OSError):
        return (_PROC / str(pid) / "cmdline").read_text().replace("\0", " ").strip()
    return ""


def proportional(pid: int) -> tuple[int, int]:
    """Memory in bytes: resident, and resident with what is shared divided by those who share it (PSS)."""
    sizes = {"Rss": 0, "Pss": 0}
    with suppress(OSError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            name, _colon, rest = line.partition(":")
            if name in sizes:
                sizes[name] = int(rest.split()[0]) * 1024
    return sizes["Rss"], sizes["Pss"]


@dataclass
class Meter:
    """CPU of groups of processes since `start`. `backends` names the server processes of the database, as of now."""

    groups: dict[str, tuple[int, ...]]
    backends: Callable[[], Iterable[int]] = lambda: ()
    begun: dict[int, float] = field(default_factory=dict)

    def start(self) -> None:
        """Count from here."""
        self.begun = {pid: seconds(pid) for pid in self._all()}

    def of(self, group: str) -> float:
        """Seconds of a group since its processes began."""
        return sum(map(seconds, self.groups[group]))

    def read(self) -> dict[str, float]:
        """Milliseconds by group; `database` is the server's own."""
        found = {name: sum(map(self._since, pids)) * 1000 for name, pids in self.groups.items()}
        found["database"] = sum(map(self._since, self.backends())) * 1000
        return found

    def _since(self, pid: int) -> float:
        return max(0.0, seconds(pid) - self.begun.get(pid, 0.0))

    def _all(self) -> Iterator[int]:
        for pids in self.groups.values():
            yield from pids
        yield from self.backends()


class Backends:
    """Server processes that work for one database of PostgreSQL; none for SQLite, which runs in ours."""

    def __init__(self, url: str) -> None:
        self.connection = None
        if url:
            import psycopg

            self.connection = psycopg.connect(url, autocommit=True)

    def __call__(self) -> list[int]:
        """Their process ids, without that of this look itself."""
        if self.connection is None:
            return []
        text = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        return [int(row[0]) for row in self.connection.execute(text).fetchall()]
