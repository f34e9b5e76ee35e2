"""`rapport import`: rows a second, alone and beside people who work, with what those people feel of it."""

from __future__ import annotations

import csv
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import bare, cpu
from benchmarks.actions import Action, measure
from benchmarks.places import Place, Unusable
from benchmarks.results import Results, Row, percentile
from benchmarks.samples import Samples
from benchmarks.shapes import FIRST, LAST

ROWS, LONG, MILLION, SMALL = 200_000, 500_000, 1_000_000, 10_000
"""Rows of a file, of the long ones, and how many people are there at most where those are imported."""
ALONE, BESIDE = 10_000.0, 7_500.0
BUSY, LONE, WRITE = 0.05, 2.0, 100.0
"""Seconds from one write to the next of people at work, of somebody alone; ms that such a write may take."""
_HEADER = ("first_name", "last_name", "job", "emails", "phones", "company", "city", "customer_no", "points")
_CITIES = ("Berlin", "Hamburg", "Köln", "Leipzig", "Graz", "Basel")


def measured(place: Place, samples: Samples, results: Results, renew: Callable[[], None]) -> None:
    """The rows of the group `import`; each begins with the database as it was filled (`renew`)."""
    renew()
    plain = _bare(place, samples)
    files = {"alone": ROWS, "million": MILLION} if place.people <= SMALL else {"alone": ROWS}
    for key, rows in files.items():
        renew()
        label = {"alone": "clean people, nobody else at work", "million": "a million of them in one file"}[key]
        rate, cpu_alone = _run(place, _file(place, samples, key, rows), rows)
        row = Row(group="import", key=key, label=label, calls=rows, rate=rate, budget=ALONE)
        row.counts, row.bare, row.stack = "rate", plain, cpu_alone * 1000 / rows
        results.add(row)
    _beside(place, samples, results, renew, ("beside", "writes"), ROWS, BUSY)
    if place.people <= SMALL:
        _beside(place, samples, results, renew, ("lone", "saves"), LONG, LONE)


def _beside(
    place: Place, samples: Samples, results: Results, renew: Callable[[], None], keys: tuple[str, str], rows: int,
    pause: float,
) -> None:  # fmt: skip
    """An import beside somebody who writes from time to time: a row for it, one for the writes."""
    renew()
    path = _file(place, samples, keys[0], rows)
    with _Writer(samples, pause) as writer:
        rate, used = _run(place, path, rows)
    row = Row(group="import", key=keys[0], label=f"beside a write every {pause:g} s", calls=rows)
    row.rate, row.budget, row.counts, row.stack = rate, BESIDE, "rate", used * 1000 / rows
    results.add(row)
    row = Row(group="import", key=keys[1], label="such a write", calls=len(writer.walls))
    row.p50, row.p95 = percentile(writer.walls, 0.5), percentile(writer.walls, 0.95)
    row.budget, row.counts, row.indexed = (WRITE if place.database == "sqlite" else None), "p95", False
    results.add(row)


def _file(place: Place, samples: Samples, name: str, rows: int) -> Path:
    """People that nobody knows yet: name, e-mail, phone, company, city, two custom fields."""
    path = place.folder / f"import-{name}.csv"
    offset = {"alone": 1, "beside": 2, "million": 3, "lone": 4}[name] * 10_000_000
    text = "SELECT MIN(name) FROM customers_company GROUP BY name HAVING COUNT(*) = 1 ORDER BY 1 LIMIT 5000"
    companies = [row[0] for row in samples.rows(text)]
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(_HEADER)
        for n in range(rows):
            first, last = FIRST[n % len(FIRST)], LAST[n * 7919 % len(LAST)]
            mail = f"{first}.{last}.{offset + n}@import.example".lower().encode("ascii", "ignore").decode()
            company, city = companies[n % len(companies)], _CITIES[n % len(_CITIES)]
            number = offset + n
            out.writerow((first, last, "Buyer", mail, f"+4989{number}", company, city, f"I{number}", n % 1000))
    return path


def _run(place: Place, path: Path, rows: int) -> tuple[float, float]:
    """Rows a second and CPU seconds of all processes. Raises Unusable when the import did not take every row."""
    import resource

    backends = cpu.Backends(place.url)
    meter = cpu.Meter({}, backends)
    meter.start()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = [sys.executable, "-m", "rapport.config.cli", "import", "person", str(path)]
    with _watched(backends) as seen:
        done = subprocess.run(
            command, env=place.environment(), capture_output=True, text=True, check=False, timeout=1800
        )
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise Unusable(f"rapport import: {(done.stderr or done.stdout).strip()[-300:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return rows / seconds, used + seen.seconds


class _watched:
    """CPU of server processes that come and go with their clients: looked at ten times a second."""

    def __init__(self, backends: cpu.Backends) -> None:
        self.backends, self.before, self.last = backends, {}, {}  # type: ignore[var-annotated]
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> _watched:
        self.before = {pid: cpu.seconds(pid) for pid in self.backends()}
        self.thread.start()
        return self

    def _watch(self) -> None:
        while not self.over.wait(0.1):
            self.last |= {pid: cpu.seconds(pid) for pid in self.backends()}

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    @property
    def seconds(self) -> float:
        """Taken since the beginning."""
        return float(sum(max(0.0, took - self.before.get(pid, 0.0)) for pid, took in self.last.items()))


class _Writer:
    """Someone who changes a field of some person every so many seconds, from a little later to a little earlier."""

    def __init__(self, samples: Samples, pause: float) -> None:
        self.samples, self.pause, self.walls = samples, pause, list[float]()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def __enter__(self) -> _Writer:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _work(self) -> None:
        from django.db import connection

        from rapport.records import write

        try:
            while not self.over.is_set():
                started = time.perf_counter()
                person = self.samples.people[len(self.walls) % len(self.samples.people)]
                caller = self.samples.caller(self.samples.administrator)
                write.update(caller, "person", person, {"job": f"Clerk {len(self.walls)}"})
                took = time.perf_counter() - started
                self.walls.append(took * 1000)
                self.over.wait(max(0.0, self.pause * (0.85 + len(self.walls) % 7 * 0.05) - took))
        finally:
            connection.close()


def _bare(place: Place, samples: Samples) -> float:
    """Rows a second of plain statements that leave the same rows, in transactions of 1,000."""
    database = bare.Bare(place)
    meter = cpu.Meter({}, cpu.Backends(place.url))

    def call(n: int) -> None:
        bare.insert_people(database, samples.administrator, range(n * 1000, n * 1000 + 1000))

    row = measure("bare", Action("import", "import", call, calls=24, warm=1), _own(meter))
    database.close()
    return 1000 / (row.p50 or 1) * 1000


def _own(meter: cpu.Meter) -> cpu.Meter:
    import os

    meter.groups = {"web": (os.getpid(),)}
    return meter
