"""What the domain adds to the engine."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.apps.customers import lifecycle
from rapport.apps.sales import buying, calendar, demo, demo_market, gate_pages, pipelines, tiles, timeline, touring
from rapport.apps.sales.forecast import page
from rapport.registry import extensions


def register() -> None:
    """Register the steps of deals on timelines, the forecast, the home page's part, settings, and the demo data."""
    extensions.register(extensions.MenuGroup(name="sales", label=_("Sales"), order=10))
    extensions.register(timeline.SOURCE, buying.PANEL, calendar.LAYER, *touring.STOPS, tiles.TILE, tiles.STEP)
    extensions.register(lifecycle.follow_sales("deal", "sales_deal", "t.outcome = 'won'", ("stage", "outcome")))
    # What a deal went through, and what it counted on a past day, was its own.
    extensions.register(extensions.MergeRule(name="sales", stays=("sales_stagechange", "sales_dealstate")))
    extensions.register(page.PAGE, page.JOB, pipelines.SETTING, gate_pages.PAGE, demo.DEMO, demo_market.DEMO)
