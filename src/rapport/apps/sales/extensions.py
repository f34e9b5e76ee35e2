"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.sales import demo, timeline
from rapport.registry import extensions


def register() -> None:
    """Register the steps of deals on timelines, and the demo data."""
    extensions.register(timeline.SOURCE, demo.DEMO)
