"""Who has a part in a decision to buy, and whom we meet in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from rapport.apps.sales.models import BuyingRole, Outcome
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import RecordView, visible
from rapport.records.write import Batch
from rapport.registry import catalog
from rapport.registry.extensions import Panel


def prepare(batch: Batch) -> None:
    """A member of a buying group is called by the role."""
    for entry in batch.entries:
        role = entry.get("role")
        if role and (batch.action == "create" or "role" in entry.values):
            entry.values["name"] = str(BuyingRole(role).label)


def record_of(caller: Caller, record: RecordView) -> Mapping[str, Any] | None:
    """How often a competitor was met, and how it ended, in the deals that the caller may see."""
    deal = catalog.current()["deal"]
    if not caller.may(deal, "read") or not {"outcome", "competitors", "lost_to"} <= caller.visible_fields(deal).keys():
        return None
    met = Sql(
        "(t.lost_to_id = %s OR t.id IN (SELECT l.record_id FROM records_link l WHERE l.object_key = 'deal' "
        "AND l.field = 'competitors' AND l.target_id = %s))",
        (record.id, record.id),
    )
    where = all_of([visible(caller, deal).where(), met])
    rows = db.rows(
        Sql(
            "SELECT t.outcome, COUNT(*), SUM(CASE WHEN t.lost_to_id = %s THEN 1 ELSE 0 END) FROM sales_deal t "
            f"WHERE {where.text} GROUP BY t.outcome",
            (record.id, *where.params),
        )
    )
    counts = {outcome: (count, to_them or 0) for outcome, count, to_them in rows}
    met_count = sum(count for count, _to in counts.values())
    return {
        "met": met_count,
        "open": counts.get(Outcome.OPEN, (0, 0))[0],
        "we_won": counts.get(Outcome.WON, (0, 0))[0],
        "they_won": counts.get(Outcome.LOST, (0, 0))[1],
    }


PANEL = Panel(
    name="competitor-record", objects=("competitor",), template="sales/competitor.html", context=record_of,
    title=_("Against us"), place="side", order=5,
)  # fmt: skip
