"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.leads import checklist, demo, leads, tiles, timeline
from rapport.registry import extensions


def register() -> None:
    """Register who follows first answers, the checklist, the tile, the first step, the timeline and the demo data."""
    extensions.register(
        extensions.On(
            name="lead-answers", events=("interaction.create", "interaction.update"), run=leads.follow_interactions
        ),
        checklist.PANEL,
        checklist.PAGE,
        tiles.TILE,
        tiles.STEP,
        timeline.SOURCE,
        demo.DEMO,
    )
