"""A station of the tour: from a quote to an order."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import TourStop
from rapport.surfaces.web.cells import record_url


def _quote(caller: Caller) -> str | None:
    """A quote that may become an order, else the newest."""
    obj = catalog.current()["quote"]
    if not caller.may(obj, "read"):
        return None
    door = visible(caller, obj)
    for filter_ in ({"field": "status", "op": "in", "value": ["accepted", "sent"]}, None):
        rows = door.page(columns=(), filter=filter_, sort="-created_at", size=1).rows
        if rows:
            return record_url(obj.key, rows[0].id)
    return None


STOP = TourStop(
    name="quote", order=50, title=_("From quote to order"), where=_quote, show=".page-actions",
    text=_(
        "A quote has lines with prices, discounts and taxes, and goes out as PDF or as a link that the customer "
        "accepts. Make order turns it into an order, and that into an invoice; nothing is typed twice."
    ),
)  # fmt: skip
