"""What a threshold costs: how many pairs from it on are one (precision), how many of those it finds (recall).

Told from what people decided of the pairs that they were shown, so that it knows nothing of pairs that nobody saw.
"""

from __future__ import annotations

from dataclasses import dataclass

from rapport.features.duplicates import queue
from rapport.features.duplicates.models import DuplicatePair, State

THRESHOLDS = (0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
SETS = ("febrl3", "fake_1000")
SHOWN = (0.95, 0.9, 0.8, 0.7, 0.5, 0.3)
MEASURED = (
    (0.95, 1.0, 0.989, 1.0, 0.710), (0.9, 1.0, 0.991, 1.0, 0.735), (0.8, 1.0, 0.991, 1.0, 0.764),
    (0.7, 1.0, 0.992, 1.0, 0.785), (0.5, 1.0, 0.992, 0.999, 0.805), (0.3, 1.0, 0.993, 0.998, 0.829),
)  # fmt: skip
"""Threshold, then precision and recall of each of `SETS`, whose duplicates are known: what `make bench` measured."""


@dataclass(frozen=True, slots=True)
class Point:
    """Of the pairs from `threshold` on, how many wait, and were decided to be one (`right`) or not (`wrong`)."""

    threshold: float
    waiting: int
    right: int
    wrong: int
    all_right: int

    @property
    def precision(self) -> float | None:
        """Share of those decided that are one."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    @property
    def recall(self) -> float | None:
        """Share of all that were decided to be one that it finds."""
        return self.right / self.all_right if self.all_right else None


def curve(key: str) -> list[Point]:
    """A point for each threshold, the highest first."""
    decided = list(queue.decided(key))
    every = sum(one for _score, one in decided)
    waiting = DuplicatePair.objects.filter(object_key=key, state=State.OPEN)
    points = []
    for threshold in THRESHOLDS:
        above = [one for score, one in decided if score >= threshold]
        count = waiting.filter(score__gte=threshold).count()
        points.append(Point(threshold, count, sum(above), len(above) - sum(above), every))
    return points
