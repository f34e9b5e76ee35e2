"""Stations of the tour: the page of a person, and writing down what was said."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import TourStop
from rapport.surfaces.web.cells import record_url


def _person(caller: Caller) -> str | None:
    """The person that somebody was in contact with last."""
    if not caller.may(catalog.current()["person"], "read"):
        return None
    rows = visible(caller, "person").page(columns=(), sort="-last_contact_at", size=1).rows
    return record_url("person", rows[0].id) if rows else None


def _own(caller: Caller) -> str | None:
    """The same, for who may write something down."""
    return _person(caller) if caller.may(catalog.current()["interaction"], "create") else None


STOPS = (
    TourStop(
        name="person", order=20, title=_("A customer, whole"), where=_person, show=".timeline",
        text=_(
            "One page holds everything about a person: details at the side, and in the timeline every call, mail, "
            "meeting, deal, order and ticket. All departments see the same one."
        ),
    ),
    TourStop(
        name="call", order=30, title=_("Log a call"), where=_own, show="[data-composer]",
        text=_(
            "Choose Call above the timeline, write what was said and save with Ctrl and Enter: it stands on the "
            "timeline at once. Task plans the next step. Try it; what you write can be undone."
        ),
    ),
)  # fmt: skip
