"""The tile of deals that need a look, and the first steps about selling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.sales import rotting
from rapport.lib import json
from rapport.lib.format import format_date, format_money
from rapport.records.accounts.caller import Caller
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import FirstStep, Tile
from rapport.registry.objects import Mark

SHOWN = 8
OPEN_AND_MINE = (
    {"field": "outcome", "op": "is", "value": "open"},
    {"field": "owner", "op": "is", "value": "me"},
)
DUE: Mapping[str, Any] = {
    "all": [
        *OPEN_AND_MINE,
        {
            "any": [
                {"field": "close_on", "op": "within", "value": "this_week"},
                {"field": "close_on", "op": "before", "value": "today"},
            ]
        },
    ]
}
MORE = urlencode({"view": "all", "filter": json.dumps(DUE), "sort": "close_on"})
COLUMNS = ("company", "amount", *rotting.NEEDS)


def to_look_at(caller: Caller) -> Mapping[str, Any] | None:
    """The caller's open deals that close this week, have missed their close, or rot."""
    deal = catalog.current()["deal"]
    found = visible(caller, deal)
    if not caller.may(deal, "read") or not {"outcome", "owner", "close_on", "stage_since"} <= found.fields.keys():
        return None
    due = found.page(columns=COLUMNS, filter=DUE, sort="close_on", size=SHOWN).rows
    known = {row.id for row in due}
    ids = [i for i in rotting.rotten(found.where(OPEN_AND_MINE[1]), SHOWN) if i not in known]
    late = found.page(columns=COLUMNS, ids=ids, sort="stage_since", size=SHOWN).rows if ids else []
    rows = [*due, *late][:SHOWN]
    marks = rotting.marks(caller, rows)
    return {
        "items": [_item(deal.plural, row, marks.get(row.id, [])) for row in rows],
        "more_url": f"{reverse('list', args=[deal.plural])}?{MORE}",
        "empty": {
            "icon": "coin",
            "title": _("Nothing is late."),
            "text": _("Your deals that close this week or stand still appear here."),
        },
    }


def _item(plural: str, row: RowView, marks: list[Mark]) -> dict[str, Any]:
    language, zone = translation.get_language() or "en", timezone.get_current_timezone()
    amount, day = row.values.get("amount"), row.values.get("close_on")
    badge: dict[str, Any] | None = None
    if marks:
        badge = {"text": marks[-1].text, "tone": marks[-1].tone, "icon": marks[-1].icon}
    elif day is not None:
        badge = {"text": format_date(day, language, zone, "MMMEd"), "tone": "neutral", "icon": "calendar"}
    return {
        "title": row.title,
        "url": reverse("record", args=[plural, row.id]),
        "detail": " · ".join(str(row.labels[n]) for n in ("company", "stage") if row.labels.get(n)),
        "value": format_money(amount.amount, amount.currency, language) if amount else "",
        "badge": badge,
    }


def _has_deal(caller: Caller) -> bool:
    return visible(caller, "deal").count(cap=1) > 0


TILE = Tile(
    name="deals-to-look-at", title=gettext_lazy("Deals to look at"), template="web/home/list.html",
    context=to_look_at, order=20,
)  # fmt: skip
STEP = FirstStep(
    name="deal", icon="coin", order=40, label=gettext_lazy("Open your first deal"),
    text=gettext_lazy("Put a chance to sell on the board and move it along."),
    url=lambda: f"{reverse('list', args=[catalog.current()['deal'].plural])}?layout=board", done=_has_deal,
    offered=lambda caller: caller.may(catalog.current()["deal"], "create"),
)  # fmt: skip
