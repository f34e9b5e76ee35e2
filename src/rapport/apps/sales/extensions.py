"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.sales import buying, demo, demo_market, gate_pages, pipelines, tiles, timeline
from rapport.apps.sales.forecast import page
from rapport.registry import extensions


def register() -> None:
    """Register the steps of deals on timelines, the forecast, the home page's part, settings, and the demo data."""
    extensions.register(timeline.SOURCE, buying.PANEL, tiles.TILE, tiles.STEP)
    extensions.register(page.PAGE, page.JOB, pipelines.SETTING, gate_pages.PAGE, demo.DEMO, demo_market.DEMO)
