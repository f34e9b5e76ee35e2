"""A station of the tour: a ticket."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import TourStop
from rapport.surfaces.web.cells import record_url


def _ticket(caller: Caller) -> str | None:
    """The newest ticket."""
    obj = catalog.current()["ticket"]
    if not caller.may(obj, "read"):
        return None
    rows = visible(caller, obj).page(columns=(), sort="-created_at", size=1).rows
    return record_url(obj.key, rows[0].id) if rows else None


STOP = TourStop(
    name="ticket", order=60, title=_("Help a customer"), where=_ticket, show="[data-composer]",
    text=_(
        "A ticket holds what a customer asked or complained about: answers and notes on its timeline, priority, queue, "
        "minutes spent. It stands on the page of the person too, so that sales knows of it."
    ),
)  # fmt: skip
