"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.commerce import acceptance, demo, letterhead, orders, panels, pdf, quotes, sheets, timeline
from rapport.registry import extensions


def register() -> None:
    """Register pages, panels, timelines, the settings, the daily work and the demo data."""
    extensions.register(
        sheets.PANEL, *sheets.PAGES, *panels.PANELS, *panels.PAGES, pdf.PAGE, *acceptance.PAGES, letterhead.SETTING,
        *timeline.SOURCES, quotes.EXPIRE, orders.REPEAT, demo.DEMO,
    )  # fmt: skip
