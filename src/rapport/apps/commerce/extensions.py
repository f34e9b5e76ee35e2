"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.commerce import orders, quotes
from rapport.registry import extensions


def register() -> None:
    """Register the daily work."""
    extensions.register(quotes.EXPIRE, orders.REPEAT)
