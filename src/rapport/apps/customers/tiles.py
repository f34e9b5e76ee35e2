"""The tile of new leads, and the first steps about people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.customers.models import Lifecycle
from rapport.lib import json
from rapport.lib.format import format_age
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.extensions import FirstStep, Tile

SHOWN = 6
NEW: Mapping[str, Any] = {
    "all": [
        {"field": "lifecycle", "op": "is", "value": str(Lifecycle.LEAD)},
        {"field": "created_at", "op": "within", "value": "last_7_days"},
    ]
}
MORE = urlencode({"view": "all", "filter": json.dumps(NEW), "sort": "-created_at"})


def new_leads(caller: Caller) -> Mapping[str, Any] | None:
    """People who became known as leads in the last days, the newest first."""
    person = catalog.current()["person"]
    if not caller.may(person, "read"):
        return None
    found = visible(caller, person)
    if not {"lifecycle", "created_at"} <= found.fields.keys():
        return None
    rows = found.page(columns=("company", "created_at", "source"), filter=NEW, sort="-created_at", size=SHOWN).rows
    now, language = timezone.now(), translation.get_language() or "en"
    return {
        "items": [
            {
                "title": row.title or _("(no name)"),
                "url": reverse("record", args=[person.plural, row.id]),
                "detail": row.labels.get("company") or "",
                "badge": {"text": format_age(row.values["created_at"], now, language), "tone": "neutral", "icon": None},
            }
            for row in rows
        ],
        "more_url": f"{reverse('list', args=[person.plural])}?{MORE}",
        "empty": {
            "icon": "user-plus",
            "title": _("No new leads this week."),
            "text": _("People who come in as leads appear here."),
        },
    }


def _many_people(caller: Caller) -> bool:
    return visible(caller, "person").count(cap=10) >= 10


def _has_contact(caller: Caller) -> bool:
    return visible(caller, "interaction").count(cap=1) > 0


TILE = Tile(
    name="new-leads", title=gettext_lazy("New leads"), template="web/home/list.html", context=new_leads, order=30
)
STEPS = (
    FirstStep(
        name="people", icon="users", order=20, label=gettext_lazy("Bring your people in"),
        text=gettext_lazy("Add them one by one, or import them from a file."),
        url=lambda: reverse("import", args=[catalog.current()["person"].plural]), done=_many_people,
        offered=lambda caller: caller.may(catalog.current()["person"], "create"),
    ),
    FirstStep(
        name="interaction", icon="phone", order=30, label=gettext_lazy("Note a conversation"),
        text=gettext_lazy("A call, a mail, a meeting: it becomes part of the story of that person."),
        url=lambda: reverse("create", args=[catalog.current()["interaction"].plural]), done=_has_contact,
        offered=lambda caller: caller.may(catalog.current()["interaction"], "create"),
    ),
)  # fmt: skip
