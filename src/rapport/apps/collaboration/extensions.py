"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.collaboration import composing, demo, panels, tasks, tiles, timeline
from rapport.registry import extensions


def register() -> None:
    """Register the follower of next steps, what record pages show and offer, and the demo data."""
    extensions.register(
        extensions.On(
            name="next-step",
            events=("task.create", "task.update", "task.delete", "task.restore"),
            run=tasks.follow_next_step,
        ),
        timeline.SOURCE,
        composing.TASK,
        panels.NEXT_STEP,
        tiles.TILE,
        tiles.STEP,
        *demo.DEMOS,
    )
