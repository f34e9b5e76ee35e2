"""What the domain adds to the engine."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from rapport.apps.mailing import composing, demo, drafts, pages, sending, writing
from rapport.registry import extensions


def register() -> None:
    """Register writing and sending, drafts, how it went, the settings and the demo data."""
    extensions.register(
        extensions.Job(name=writing.JOB, run=sending.send, label=_("Send mail"), lease=dt.timedelta(minutes=3)),
        composing.COMPOSER,
        composing.PANEL,
        drafts.PAGE,
        drafts.TILE,
        pages.OWN,
        pages.SERVER,
        demo.DEMO,
    )
