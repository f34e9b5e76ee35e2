"""`rapport export-archive`: rows a second, beside the database reading the same rows and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import time

from benchmarks import bare
from benchmarks.places import Place, Unusable
from benchmarks.results import Results, Row
from benchmarks.samples import Samples

AIM = 50_000.0
_ROWS = re.compile(r"([\d,]+) rows of")


def measured(place: Place, samples: Samples, results: Results) -> None:
    """The row of the group `archive`: the whole command, start and compression included."""
    target = place.folder / "archive.zip"
    target.unlink(missing_ok=True)
    command = [sys.executable, "-m", "rapport.config.cli", "export-archive", str(target)]
    started = time.perf_counter()
    done = subprocess.run(command, env=place.environment(), capture_output=True, text=True, check=False, timeout=3600)
    seconds = time.perf_counter() - started
    found = _ROWS.search(done.stdout)
    if done.returncode != 0 or found is None:
        raise Unusable(f"rapport export-archive: {(done.stderr or done.stdout).strip()[-300:]}")
    rows = int(found[1].replace(",", ""))
    row = Row(group="archive", key="export", label="everything", calls=rows, rate=rows / seconds, budget=AIM)
    row.counts, row.bytes, row.bare = "rate", target.stat().st_size, _bare(place)
    results.add(row)
    target.unlink()


def _bare(place: Place) -> float:
    """Rows a second of one `SELECT *` for each table, fetched and thrown away."""
    from rapport.features.archive.tables import plan

    database, rows = bare.Bare(place), 0
    started = time.perf_counter()
    for table in plan(secrets=False).tables:
        rows += database.walk(f'SELECT * FROM "{table.name}"')
    seconds = time.perf_counter() - started
    database.close()
    return rows / seconds
