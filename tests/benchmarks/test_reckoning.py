"""What the benchmarks reckon: percentiles, budgets, ratios, CPU of other processes, the page that is written."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from benchmarks.actions import Action, measure
from benchmarks.results import Results, Row, load, percentile

from benchmarks import cpu, places, report


def test_percentile_is_a_value_that_this_part_does_not_exceed() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.95), percentile([7.0], 0.95)) == (50.0, 95.0, 7.0)


def test_a_budget_holds_for_the_measure_that_it_is_given_for() -> None:
    row = Row(group="g", key="k", label="", web=4.0, p95=9.0, rate=100.0, budget=5.0)
    assert row.kept is True
    row.counts = "p95"
    assert row.kept is False
    row.counts, row.budget = "rate", 100.0
    assert row.kept is True, "a rate is to be reached"
    row.budget = None
    assert row.kept is None


def test_ratio_is_work_beside_that_of_the_bare_database() -> None:
    assert Row(group="g", key="k", label="", stack=6.0, bare=2.0).ratio == 3.0
    assert Row(group="g", key="k", label="", rate=50.0, bare=200.0).ratio == 4.0
    assert Row(group="g", key="k", label="", stack=6.0).ratio is None


def test_results_keep_what_was_not_measured_anew(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    first = Results({"python": "3"}, {})
    first.add(Row(group="read", key="a", label="A", web=1.0))
    first.add(Row(group="read", key="b", label="B", web=2.0))
    first.save(path)
    again = load(path)
    again.add(Row(group="read", key="b", label="B", web=3.0))
    again.save(path)
    assert [row.web for row in load(path).of("read")] == [1.0, 3.0]
    assert load(tmp_path / "none.json").rows == {}


@pytest.mark.parametrize("text", ["", "ten", "10 100000", "99999999", "-5000", "1e4"])
def test_sizes_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(places.Unusable):
        places.sizes(text)


def test_sizes_may_be_separated_as_one_likes() -> None:
    assert places.sizes("10000, 100_000") == [10_000, 100_000]


def test_cpu_of_another_process_is_seen_and_that_of_a_sleeper_is_none() -> None:
    busy = subprocess.Popen([sys.executable, "-c", "import time\nwhile time.process_time() < 60: pass"])
    idle = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        time.sleep(0.5)
        meter = cpu.Meter({"busy": (busy.pid,), "idle": (idle.pid,)})
        meter.start()
        deadline = time.monotonic() + 120
        while (found := meter.read())["busy"] < 200 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert found["busy"] >= 200
        assert found["idle"] < found["busy"] / 4
        assert {busy.pid, idle.pid} <= set(cpu.children(subprocess.os.getpid()))  # type: ignore[attr-defined]
    finally:
        busy.kill()
        idle.kill()
        busy.wait()
        idle.wait()
    assert cpu.seconds(busy.pid) == 0.0


def test_an_action_is_called_with_ever_new_numbers_and_its_cpu_counted() -> None:

    seen: list[int] = []

    def call(number: int) -> None:
        seen.append(number)
        sum(range(20_000))

    row = measure("read", Action("k", "label", call, calls=30, warm=2), cpu.Meter({"web": (os.getpid(),)}))
    assert seen == list(range(len(seen)))
    assert row.calls == 30 == len(seen) - 2
    assert row.web is not None
    assert row.stack is not None
    assert 0 < row.web <= row.stack + 0.001


def test_the_page_tells_budgets_growth_and_ratios(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for size, took in ((10_000, 1.0), (1_000_000, 1.8)):
        results = Results({"database": "3.40", "python": "3.11", "cores": 2, "at": "2026-01-01", "load": 0.1})
        row = Row(group="read", key="list", label="a list", web=took, stack=took, p95=2.5, bare=0.5, budget=1.5)
        row.indexed = True
        results.add(row)
        results.save(tmp_path / f"sqlite-{size}.json")
    monkeypatch.setattr(report, "BUILD", tmp_path)
    monkeypatch.setattr(report, "PAGE", tmp_path / "page.md")
    text = report.write().read_text(encoding="utf-8")
    assert "| a list | 1.5 | 1.00 ✓ | 1.80 ✗ | 2.50 | 3.6 | 1.8 × ✗ |" in text
    assert "## PostgreSQL" not in text, "what was not measured is not told"
