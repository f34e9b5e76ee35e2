"""The tile of one's own open tickets, and the first step about service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.service.models import Status
from rapport.apps.service.tickets import UNSOLVED
from rapport.lib import json
from rapport.lib.format import format_age
from rapport.records.accounts.caller import Caller
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import FirstStep, Tile

SHOWN = 8
MINE: Mapping[str, Any] = {"all": [{"field": "assignee", "op": "is", "value": "me"}, UNSOLVED]}
OURS: Mapping[str, Any] = {
    "all": [
        {"field": "assignee", "op": "is", "value": "me"},
        {"field": "status", "op": "in", "value": [str(Status.NEW), str(Status.OPEN)]},
    ]
}
MORE = urlencode({"view": "all", "filter": json.dumps(MINE), "sort": "opened_at"})


def my_tickets(caller: Caller) -> Mapping[str, Any] | None:
    """What the caller has to answer, the oldest first; the count leaves out those that wait for the customer."""
    ticket = catalog.current()["ticket"]
    found = visible(caller, ticket)
    if not caller.may(ticket, "read") or not {"assignee", "status", "opened_at"} <= found.fields.keys():
        return None
    columns = ("number", "person", "company", "opened_at", "kind", "priority", "status")
    rows = found.page(columns=columns, filter=MINE, sort="opened_at", size=SHOWN).rows
    return {
        "items": [_item(ticket.plural, row) for row in rows],
        "count": found.count(OURS, cap=100) or None,
        "more_url": f"{reverse('list', args=[ticket.plural])}?{MORE}",
        "empty": {
            "icon": "lifebuoy",
            "title": _("No ticket waits for you."),
            "text": _("Tickets that are yours appear here until they are solved."),
        },
    }


def _item(plural: str, row: RowView) -> dict[str, Any]:
    fields = catalog.current()["ticket"].fields
    badge: dict[str, Any] | None = None
    for name in ("priority", "kind", "status"):
        choice = fields[name].choice(row.values.get(name))
        if choice and choice.tone in {"red", "orange"}:
            badge = {"text": choice.label, "tone": choice.tone, "icon": None}
            break
    opened, language = row.values.get("opened_at"), translation.get_language() or "en"
    age = format_age(opened, timezone.now(), language) if opened else None
    facts = (row.values.get("number"), row.labels.get("person"), row.labels.get("company"), age)
    return {
        "title": row.title,
        "url": reverse("record", args=[plural, row.id]),
        "detail": " · ".join(str(fact) for fact in facts if fact),
        "badge": badge,
    }


def _has_ticket(caller: Caller) -> bool:
    return visible(caller, "ticket").count(cap=1) > 0


TILE = Tile(
    name="my-tickets", title=gettext_lazy("My open tickets"), template="web/home/list.html", context=my_tickets,
    order=25,
)  # fmt: skip
STEP = FirstStep(
    name="ticket", icon="lifebuoy", order=60, label=gettext_lazy("Take up a ticket"),
    text=gettext_lazy("A question, a problem, a complaint: who answers it, and what was done."),
    url=lambda: reverse("create", args=[catalog.current()["ticket"].plural]), done=_has_ticket,
    offered=lambda caller: caller.may(catalog.current()["ticket"], "create"),
)  # fmt: skip
