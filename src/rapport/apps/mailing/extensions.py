"""What the domain adds to the engine."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from rapport.apps.mailing import composing, demo, drafts, erasing, pages, panels, sending, tiles, writing
from rapport.apps.mailing.intake import fetching, filing
from rapport.apps.mailing.intake import pages as mailboxes
from rapport.registry import extensions


def register() -> None:
    """Register writing and sending, drafts, how it went, what comes in, the settings and the demo data."""
    extensions.register(
        extensions.Job(
            name=fetching.WAKE, run=fetching.wake, label=_("Look into all mailboxes"), every=dt.timedelta(minutes=1)
        ),
        extensions.Job(
            name=fetching.JOB,
            run=fetching.fetch,
            label=_("Take mail in"),
            lease=dt.timedelta(minutes=5),
            waits=True,
            kept=False,
        ),
        extensions.Notice(
            name=filing.CAME,
            label=_("a customer of yours writes a mail"),
            icon="mail-opened",
            text=_("Mail from a customer: {record}"),
            mail="never",
        ),
        extensions.ArchiveRule(name="mailboxes", sealed={"mailing.Mailbox.password": ""}),
        mailboxes.SETTING,
        *mailboxes.PAGES,
        extensions.Job(name=writing.JOB, run=sending.send, label=_("Send mail"), lease=dt.timedelta(minutes=3)),
        composing.COMPOSER,
        composing.PANEL,
        drafts.PAGE,
        drafts.TILE,
        tiles.TILE,
        panels.PANEL,
        erasing.PERSONAL,
        pages.OWN,
        pages.SERVER,
        demo.DEMO,
    )
