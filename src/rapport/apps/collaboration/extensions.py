"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.collaboration import demo, tasks
from rapport.registry import extensions


def register() -> None:
    """Register the follower of next steps and the demo data."""
    extensions.register(
        extensions.On(
            name="next-step",
            events=("task.create", "task.update", "task.delete", "task.restore"),
            run=tasks.follow_next_step,
        ),
        *demo.DEMOS,
    )
