"""The tile of one's own tasks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.collaboration.models import Status
from rapport.lib import json
from rapport.lib.format import format_date, format_time
from rapport.records.accounts.caller import Caller
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import FirstStep, Tile

SHOWN = 8
MINE: Mapping[str, Any] = {
    "all": [
        {"field": "assignee", "op": "is", "value": "me"},
        {"field": "status", "op": "is_not", "value": str(Status.DONE)},
    ]
}
MORE = urlencode({"view": "all", "filter": json.dumps(MINE), "sort": "due_at"})


def my_tasks(caller: Caller) -> Mapping[str, Any] | None:
    """What the caller has to do: overdue first, then today, then what comes next."""
    task = catalog.current()["task"]
    if not caller.may(task, "read"):
        return None
    found = visible(caller, task)
    rows = found.page(columns=("due_at", "person", "company", "deal"), filter=MINE, sort="due_at", size=SHOWN).rows
    due = {"field": "due_at", "op": "before", "value": (timezone.localdate() + dt.timedelta(days=1)).isoformat()}
    return {
        "items": [_item(caller, task.plural, row) for row in rows],
        "count": found.count({"all": [MINE, due]}, cap=100) or None,
        "more_url": f"{reverse('list', args=[task.plural])}?{MORE}",
        "empty": {"icon": "checkbox", "title": _("All done."), "text": _("New tasks for you appear here.")},
    }


def _item(caller: Caller, plural: str, row: RowView) -> dict[str, Any]:
    about = [str(row.labels[name]) for name in ("person", "company", "deal") if row.labels.get(name)]
    return {
        "title": row.title,
        "url": reverse("record", args=[plural, row.id]),
        "detail": " · ".join(about),
        "badge": due_badge(row.values.get("due_at")),
        "act": {
            "url": f"{reverse('bulk', args=[plural])}?do=action&action=complete",
            "fields": {"ids": row.id},
            "label": _("Mark as done"),
            "icon": "circle-dashed",
        },
    }


def due_badge(due: dt.datetime | None) -> dict[str, Any] | None:
    """When a task is due, red once that is past."""
    if due is None:
        return None
    zone, language = timezone.get_current_timezone(), translation.get_language() or "en"
    days = (timezone.localtime(due).date() - timezone.localdate()).days
    if due < timezone.now():
        text = ngettext("%(count)d day late", "%(count)d days late", -days) % {"count": -days} if days else _("Late")
        return {"text": text, "tone": "red", "icon": "alert-triangle"}
    if days == 0:
        return {"text": format_time(due, language, zone), "tone": "orange", "icon": "clock"}
    text = _("Tomorrow") if days == 1 else format_date(due, language, zone, "MMMEd")
    return {"text": text, "tone": "neutral", "icon": "calendar"}


def _has_task(caller: Caller) -> bool:
    return visible(caller, "task").count(cap=1) > 0


TILE = Tile(name="my-tasks", title=gettext_lazy("My tasks"), template="web/home/list.html", context=my_tasks, order=10)
STEP = FirstStep(
    name="task", icon="checkbox", order=50, label=gettext_lazy("Plan a task"),
    text=gettext_lazy("What is to be done next, and by when: it shows on this page."),
    url=lambda: reverse("create", args=[catalog.current()["task"].plural]), done=_has_task,
    offered=lambda caller: caller.may(catalog.current()["task"], "create"),
)  # fmt: skip
