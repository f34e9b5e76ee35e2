"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.service import composing, demo, panels, tiles, timeline
from rapport.registry import extensions


def register() -> None:
    """Register what timelines tell of service, what pages show and offer, and the demo data."""
    extensions.register(*timeline.SOURCES, *composing.COMPOSERS, panels.PANEL, tiles.TILE, tiles.STEP, demo.DEMO)
