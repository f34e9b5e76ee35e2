"""The stations that belong to no domain, and the step of a new organisation that leads to the tour."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.records.accounts.caller import Caller
from rapport.registry.extensions import FirstStep, TourStop
from rapport.surfaces.web.tour import state


def _home(caller: Caller) -> str:
    return reverse("home")


def _calendar(caller: Caller) -> str:
    return reverse("calendar")


def _fields(caller: Caller) -> str | None:
    return reverse("settings-objects") if caller.is_admin else None


HOME = TourStop(
    name="home", order=10, title=_("Home"), where=_home, show=".home",
    text=_(
        "Your day begins here: what is due, what stands still, what others changed. Everything is a link. The menu "
        "leads to all records; New at the top adds one from anywhere."
    ),
)  # fmt: skip
CALENDAR = TourStop(
    name="calendar", order=75, title=_("Your calendar"), where=_calendar, show="[data-calendar]",
    text=_(
        "Meetings, calls and tasks by month, week or as a list. “Whose days” lays colleagues over yours; drag an "
        "entry to move it."
    ),
)  # fmt: skip
FIELDS = TourStop(
    name="fields", order=80, title=_("Make it fit"), where=_fields, show=".link-list",
    text=_(
        "Choose an object and add fields of your own, or make a whole object. They are at once in lists, forms, "
        "filters, search and import, like those that were there before."
    ),
)  # fmt: skip
PALETTE = TourStop(
    name="palette", order=90, title=_("Everything from one place"), where=_home, show=".search-open",
    text=_(
        "Press Ctrl K on any page: find a record, jump to a page, add something or act on the record in front of "
        "you. The key ? shows all shortcuts. That was the tour; you find it again under your initials."
    ),
)  # fmt: skip
STOPS = (HOME, CALENDAR, FIELDS, PALETTE)
STEP = FirstStep(
    name="tour", label=_("Take the tour"), icon="route", order=5, done=state.ended, url=lambda: reverse("tour"),
    text=_("Ten minutes through everything, on your own records. Leave it and go on whenever you like."),
)  # fmt: skip
