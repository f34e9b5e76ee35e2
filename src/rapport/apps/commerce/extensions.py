"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.commerce import orders, quotes, sheets
from rapport.registry import extensions


def register() -> None:
    """Register the editor of lines and the daily work."""
    extensions.register(sheets.PANEL, *sheets.PAGES, quotes.EXPIRE, orders.REPEAT)
