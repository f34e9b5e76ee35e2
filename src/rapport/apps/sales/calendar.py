"""When deals are expected to close, in the calendar of their owner; shown when it is asked for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.registry.extensions import CalendarLayer

LAYER = CalendarLayer(
    name="deals", label=_("Expected close of deals"), icon="coin", object_key="deal", at="close_on", who="owner",
    only={"field": "outcome", "op": "is", "value": "open"}, tone="orange", shown=False, order=30,
)  # fmt: skip
