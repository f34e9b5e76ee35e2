"""The next step of a record: the open task that is due first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from rapport.apps.collaboration.composing import PAGES, about
from rapport.lib.format import format_date, format_time
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import Panel


def next_step(caller: Caller, record: Any) -> Mapping[str, Any] | None:
    """The step, or what plans one; None for whoever may see no tasks."""
    task = catalog.current()["task"]
    if not caller.may(task, "read"):
        return None
    is_open = {"field": "status", "op": "is_not", "value": "done"}
    concerned = {"field": record.obj.key, "op": "is", "value": record.id}
    rows = (
        visible(caller, task)
        .page(columns=("due_at", "assignee"), filter={"all": [concerned, is_open]}, sort="due_at", size=1)
        .rows
    )
    if not rows:
        values = {n: v for n, v in about(caller, record).items() if v}
        url = f"{reverse('quick', args=[task.plural])}?{urlencode(values)}"
        return {"step": None, "create_url": url if caller.may(task, "create") else None}
    row = rows[0]
    may = row.id in visible(caller, task).allowed([row.id], "edit")
    step = {
        "label": row.title,
        "url": reverse("record", args=[task.plural, row.id]),
        "icon": "checkbox",
        "who": row.labels.get("assignee"),
        **_due(caller, row.values.get("due_at")),
        "done_url": reverse("act", args=[task.plural, row.id, "complete"]) if may else None,
        "fields": {"next": reverse("record", args=[record.obj.plural, record.id])},
    }
    return {"step": step, "create_url": None}


def _due(caller: Caller, due: dt.datetime | None) -> dict[str, Any]:
    """When it is due, in words, and the tone of its urgency."""
    if due is None:
        return {"due": None, "tone": "blue"}
    zone, language = ZoneInfo(caller.zone), translation.get_language() or "en"
    days = (due.astimezone(zone).date() - timezone.now().astimezone(zone).date()).days
    tone = "red" if due < timezone.now() else "orange" if days == 0 else "blue"
    text = f"{format_date(due, language, zone)} {format_time(due, language, zone)}"
    near = {0: _("Today %(time)s"), 1: _("Tomorrow %(time)s"), -1: _("Yesterday %(time)s")}.get(days)
    return {"due": near % {"time": format_time(due, language, zone)} if near else text, "tone": tone}


NEXT_STEP = Panel(
    name="next-step", objects=PAGES, template="collaboration/next_step.html", context=next_step, place="top", order=10
)
