"""What the domain adds to the engine."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from rapport.apps.collaboration import (
    calendar,
    comments,
    composing,
    demo,
    following,
    handing_over,
    notices,
    panels,
    reminding,
    tasks,
    tiles,
    timeline,
)
from rapport.registry import extensions


def register() -> None:
    """Register what follows from tasks, comments and changes, what pages show and offer, and the demo data."""
    extensions.register(
        extensions.On(
            name="next-step",
            events=tasks.TELLING,
            run=tasks.follow_next_step,
        ),
        extensions.On(name="tell-of-comments", events=("comment.create", "comment.update"), run=notices.on_comments),
        extensions.On(name="tell-of-changes", events=("*.create", "*.update"), run=notices.on_changes),
        extensions.Job(
            name="remind", run=reminding.remind, label=_("Remind of tasks"), every=dt.timedelta(minutes=1)
        ),
        extensions.Job(
            name="clean-comments", run=comments.clean, label=_("Remove comments on what is gone"),
            every=dt.timedelta(days=1),
        ),
        extensions.PersonalData(name="comments", objects=("*",), erase=comments.erase),
        *notices.KINDS,
        reminding.NOTICE,
        handing_over.NOTICE,
        *handing_over.ACTS,
        calendar.LAYER,
        timeline.SOURCE,
        comments.SOURCE,
        comments.COMPOSER,
        comments.PANEL,
        composing.TASK,
        panels.NEXT_STEP,
        following.PANEL,
        following.PAGE,
        tiles.TILE,
        tiles.STEP,
        *demo.DEMOS,
    )  # fmt: skip
