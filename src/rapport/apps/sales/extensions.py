"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.sales import demo, pipelines, tiles, timeline
from rapport.registry import extensions


def register() -> None:
    """Register the steps of deals on timelines, what the home page shows, the settings, and the demo data."""
    extensions.register(timeline.SOURCE, tiles.TILE, tiles.STEP, pipelines.SETTING, demo.DEMO)
