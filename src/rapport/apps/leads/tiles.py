"""Leads that wait for an answer, on the home page; the first step about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.lib import json
from rapport.lib.format import format_age
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import FirstStep, Tile

SHOWN = 6
WAITING: Mapping[str, Any] = {
    "all": [
        {"field": "status", "op": "is", "value": "new"},
        {"any": [{"field": "owner", "op": "is", "value": "me"}, {"field": "owner", "op": "empty"}]},
    ]
}
LATE_AFTER = 24 * 3600
"""Seconds without an answer after which a lead is marked."""


def waiting(caller: Caller) -> Mapping[str, Any] | None:
    """The caller's new leads and those of nobody, the longest waiting first."""
    lead = catalog.current()["lead"]
    found = visible(caller, lead)
    if not caller.may(lead, "read") or not {"status", "owner", "created_at"} <= found.fields.keys():
        return None
    rows = found.page(columns=("subject", "source", "created_at"), filter=WAITING, sort="created_at", size=SHOWN).rows
    query = urlencode({"view": "all", "filter": json.dumps(WAITING), "sort": "created_at"})
    now, language = timezone.now(), translation.get_language() or "en"
    return {
        "items": [
            {
                "title": row.title,
                "url": reverse("record", args=[lead.plural, row.id]),
                "detail": " · ".join(str(v) for v in (row.values.get("subject"), row.labels.get("source")) if v),
                "badge": _age(row.values.get("created_at"), now, language),
            }
            for row in rows
        ],
        "more_url": f"{reverse('list', args=[lead.plural])}?{query}",
        "empty": {
            "icon": "target",
            "title": _("Every lead has its answer."),
            "text": _("New leads of yours, and those that nobody has yet, wait here."),
        },
    }


def _age(at: Any, now: Any, language: str) -> dict[str, Any] | None:
    if at is None:
        return None
    late = (now - at).total_seconds() > LATE_AFTER
    return {"text": format_age(at, now, language), "tone": "red" if late else "neutral", "icon": "clock"}


TILE = Tile(
    name="leads", title=gettext_lazy("Leads to answer"), template="web/home/list.html", context=waiting, order=25
)
STEP = FirstStep(
    name="lead-rules", icon="users", order=60, label=gettext_lazy("Say who gets new leads"),
    text=gettext_lazy("By source, country or company: to one person, or to a team in turn."),
    url=lambda: reverse("list", args=["assignment-rules"]),
    done=lambda caller: visible(caller, "assignment_rule").count(cap=1) > 0, offered=lambda caller: caller.is_admin,
)  # fmt: skip
