"""What was measured, and the file that keeps it."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True, kw_only=True)
class Row:
    """One measured thing. CPU in milliseconds a call: `web` of the web process, `web95` of its dearest calls but for a
    twentieth, `stack` of all processes together. `p50` and `p95` are what the client waits.

    `bare` is the CPU of the whole stack when the database alone does the same work. `budget` holds for the measure that
    `counts` names.
    """

    group: str
    key: str
    label: str
    calls: int = 0
    web: float | None = None
    stack: float | None = None
    p50: float | None = None
    p95: float | None = None
    web95: float | None = None
    queries: int | None = None
    bytes: int | None = None
    rate: float | None = None
    bare: float | None = None
    budget: float | None = None
    counts: str = "web"
    indexed: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the work of the bare database."""
        if self.bare and self.rate is not None:
            return self.bare / self.rate
        return self.stack / self.bare if self.stack is not None and self.bare else None

    @property
    def kept(self) -> bool | None:
        """Whether the budget is kept; None without one."""
        value = getattr(self, self.counts)
        if self.budget is None or value is None:
            return None
        return bool(value >= self.budget if self.counts == "rate" else value <= self.budget)

    def told(self) -> str:
        """In a line, for who waits."""
        said = [f"{self.group:7} {self.key:18}"]
        for name, value in (("web", self.web), ("stack", self.stack), ("p95", self.p95)):
            said.append(f"{name} {value:9.2f}" if value is not None else " " * (10 + len(name)))
        said.append({True: "ok  ", False: "OVER", None: "    "}[self.kept])
        said += [f"{self.rate:,.0f} a second"] if self.rate else []
        said += [f"{self.bytes:,} bytes"] if self.bytes else []
        return " ".join(said).rstrip()


@dataclass(slots=True)
class Results:
    """Rows by group and key, with what is known of the machine and the database."""

    about: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    def add(self, row: Row) -> Row:
        """Take in a row, in the place of an older one."""
        self.rows[f"{row.group}.{row.key}"] = row
        print(f"  {row.told()}", flush=True)
        return row

    def of(self, group: str) -> list[Row]:
        """The rows of a group in their order."""
        return [row for row in self.rows.values() if row.group == group]

    def save(self, path: Path) -> None:
        """Write the file, beside what it held of other rows."""
        rows = {key: asdict(row) for key, row in self.rows.items()}
        path.write_text(json.dumps({"about": self.about, "rows": rows}, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> Results:
    """What a file holds; nothing where there is none."""
    if not path.is_file():
        return Results()
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Results(kept["about"], {key: Row(**row) for key, row in kept["rows"].items()})


def percentile(values: Sequence[float], part: float) -> float:
    """The value that this part of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)
