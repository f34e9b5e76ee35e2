"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.commerce import acceptance, demo, letterhead, orders, panels, pdf, quotes, sheets, timeline, touring
from rapport.apps.customers import lifecycle
from rapport.registry import extensions


def register() -> None:
    """Register pages, panels, timelines, the notice, the settings, the daily work and the demo data."""
    extensions.register(
        lifecycle.follow_sales("order", "commerce_order", "t.status <> 'cancelled'", ("status",)),
        sheets.PANEL, *sheets.PAGES, *panels.PANELS, *panels.PAGES, pdf.PAGE, *acceptance.PAGES, acceptance.ANSWERED,
        letterhead.SETTING, *timeline.SOURCES, quotes.EXPIRE, orders.REPEAT, touring.STOP, demo.DEMO,
    )  # fmt: skip
