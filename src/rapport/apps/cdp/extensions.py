"""What the domain adds to the engine."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from rapport.apps.cdp import demo, intake, pages, parting, personal, resolving, sources, timeline
from rapport.registry import extensions


def register() -> None:
    """Register the routes of the tracking API, the jobs, the pages, the timeline, what an archive holds."""
    extensions.register(
        *intake.ROUTES,
        pages.SETTING,
        *pages.PAGES,
        timeline.SOURCE,
        personal.PERSONAL,
        parting.PARTING,
        demo.DEMO,
        extensions.Job(name=resolving.JOB, run=resolving.resolve, label=_("Recognise people in events"), kept=False),
        extensions.Job(
            name="forget-counts", run=sources.forget, label=_("Remove old counts of events"),
            every=dt.timedelta(days=1),
        ),
        extensions.ArchiveRule(
            name="cdp", out={"cdp.IntakeMinute": "counts of what came in here"},
            secret={"cdp.EventSource.write_key": ""},
        ),
    )  # fmt: skip
