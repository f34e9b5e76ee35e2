"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.playbooks import composing, demo, finishing, pages, panels
from rapport.registry import extensions


def register() -> None:
    """Register playbooks on pages and beside the composer, gates that ask for them, settings and the demo data."""
    extensions.register(
        panels.PANEL, panels.PAGE, composing.BESIDE, finishing.HOLD, pages.SETTING, pages.EDITOR, demo.DEMO
    )
