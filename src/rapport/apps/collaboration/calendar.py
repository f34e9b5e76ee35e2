"""Tasks in the calendar of whoever does them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.registry.extensions import CalendarLayer

LAYER = CalendarLayer(
    name="tasks", label=_("Tasks"), icon="checkbox", object_key="task", at="due_at", who="assignee",
    done=("status", "done"), preset={}, make=_("Task"), tone="blue", order=20,
)  # fmt: skip
