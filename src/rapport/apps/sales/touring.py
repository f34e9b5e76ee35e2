"""Stations of the tour: the board of deals, and the forecast."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.apps.sales.forecast import tables
from rapport.records.accounts.caller import Caller
from rapport.registry import catalog
from rapport.registry.extensions import TourStop


def _board(caller: Caller) -> str | None:
    obj = catalog.current()["deal"]
    return f"{reverse('list', args=[obj.plural])}?layout=board" if caller.may(obj, "read") else None


def _forecast(caller: Caller) -> str | None:
    return reverse("forecast") if tables.may_see(caller) else None


STOPS = (
    TourStop(
        name="board", order=40, title=_("Deals on a board"), where=_board, show="[data-board]",
        text=_(
            "Each column is a stage. Drag a card to move a deal, or press m on it. A stage may ask for something "
            "first, and a red edge says that a deal stands still for too long."
        ),
    ),
    TourStop(
        name="forecast", order=70, title=_("What will come in"), where=_forecast, show=".forecast-chart",
        text=_(
            "Six months of deals by owner, team, pipeline or category, in your currency. “No comparison” lets you "
            "choose a past day: then you see what moved since."
        ),
    ),
)  # fmt: skip
