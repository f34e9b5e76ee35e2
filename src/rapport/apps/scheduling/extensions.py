"""What the domain adds to the engine."""

from __future__ import annotations

from rapport.apps.scheduling import booking, feed, inviting, pages
from rapport.registry import extensions


def register() -> None:
    """Register feed, booking page, invitations and the page of settings."""
    extensions.register(feed.PAGE, booking.PAGE, inviting.SENDING, pages.PANEL, pages.INVITE, pages.OWN)
