"""What an action is, and how one is measured: in rounds, the median round for CPU, every call for the percentiles."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.cpu import Meter
from benchmarks.results import Row, middle, percentile

ROUNDS = 3
MOST_SECONDS = 12.0
"""Of all rounds of one action; one that is slow is called less often."""
LEAST = 5

Call = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Action:
    """One measured thing: `call` gets a number that is another for each call.

    `bare` names the plain statements to compare with. `settle` waits until background work that follows is done.
    """

    key: str
    label: str
    call: Call
    calls: int = 200
    warm: int = 10
    budget: float | None = None
    counts: str = "web"
    bare: str = ""
    indexed: bool = False
    settle: Callable[[], None] | None = None


def measure(group: str, action: Action, meter: Meter) -> Row:
    """CPU and time of an action."""
    number = 0
    started = time.perf_counter()
    for _ in range(action.warm):
        action.call(number)
        number += 1
        if time.perf_counter() - started > MOST_SECONDS / 4:
            break
    each = (time.perf_counter() - started) / number if number else 0.0
    calls = action.calls // ROUNDS
    if each:
        calls = max(LEAST, min(calls, int(MOST_SECONDS / ROUNDS / each)))
    walls: list[float] = []
    each_web: list[float] = []
    web: list[float] = []
    stack: list[float] = []
    for _ in range(ROUNDS):
        meter.start()
        for _ in range(calls):
            used, begun = meter.of("web"), time.perf_counter()
            action.call(number)
            walls.append((time.perf_counter() - begun) * 1000)
            each_web.append((meter.of("web") - used) * 1000)
            number += 1
        if action.settle:
            action.settle()
        found = meter.read()
        web.append(found["web"] / calls)
        stack.append(sum(found.values()) / calls)
    return Row(
        group=group, key=action.key, label=action.label, calls=len(walls), web=middle(web), stack=middle(stack),
        p50=percentile(walls, 0.5), p95=percentile(walls, 0.95), web95=percentile(each_web, 0.95), budget=action.budget,
        counts=action.counts, indexed=action.indexed,
    )  # fmt: skip
