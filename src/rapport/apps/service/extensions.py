"""What the domain adds to the engine."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.apps.service import composing, demo, panels, queues, tiles, timeline, touring
from rapport.registry import extensions


def register() -> None:
    """Register what timelines tell of service, what pages show and offer, the settings, and the demo data."""
    extensions.register(extensions.MenuGroup(name="service", label=_("Service"), order=20))
    extensions.register(*timeline.SOURCES, *composing.COMPOSERS, panels.PANEL, tiles.TILE, tiles.STEP, touring.STOP)
    extensions.register(queues.SETTING, *queues.PAGES, demo.DEMO)
