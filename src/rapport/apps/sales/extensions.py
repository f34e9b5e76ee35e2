"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.sales import demo
from rapport.registry import extensions


def register() -> None:
    """Register the demo data."""
    extensions.register(demo.DEMO)
