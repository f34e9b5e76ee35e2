"""Meetings, presentations and calls in the calendars of whoever they belong to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.registry.extensions import CalendarLayer

LAYER = CalendarLayer(
    name="meetings", label=_("Meetings and calls"), icon="users", object_key="interaction", at="at", who="owner",
    minutes="minutes", only={"field": "kind", "op": "in", "value": ["meeting", "presentation", "call"]},
    done=("outcome", "cancelled"), busy=True, preset={"kind": "meeting"}, make=_("Meeting"), tone="teal", order=10,
)  # fmt: skip
