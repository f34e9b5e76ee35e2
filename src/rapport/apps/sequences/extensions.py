"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.sequences import advancing, demo, enrolling, panels, planning, stopping, timeline
from rapport.registry import extensions


def register() -> None:
    """Register the acts that start sequences, the job, what stops them, and what pages show of them."""
    extensions.register(
        advancing.JOB,
        *stopping.SUBSCRIBERS,
        extensions.On(name="plan-steps", events=("sequence_step.*",), run=planning.on_steps),
        extensions.On(name="plan-sequences", events=("sequence.update",), run=planning.on_sequences),
        extensions.MergeRule(name="sequences", stays=("sequences_steprun",)),
        stopping.NOTICE,
        stopping.PERSONAL,
        *enrolling.ACTS,
        *panels.PANELS,
        panels.MOVE,
        panels.SETTING,
        timeline.SOURCE,
        demo.DEMO,
    )
