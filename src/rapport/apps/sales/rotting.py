"""Deals that stand still: longer in their stage than the stage allows, or past their expected close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.apps.sales.models import Outcome
from rapport.lib.sql import Sql, all_of, any_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import RowView
from rapport.registry.objects import Mark

NEEDS = ("stage", "stage_since", "outcome", "close_on")


def marks(caller: Caller, rows: Sequence[RowView]) -> Mapping[int, list[Mark]]:
    """Marks of a page of deals: rotting in red, a missed or near close."""
    if not rows:
        return {}
    limits = rotting_days()
    found: dict[int, list[Mark]] = {}
    for row in rows:
        if row.values.get("outcome") != Outcome.OPEN:
            continue
        made = [m for m in (_rotting(row, limits), _close(row.values.get("close_on"))) if m]
        if made:
            found[row.id] = made
    return found


def rotting_days() -> dict[int, int]:
    """Days after which a deal rots, by stage; only stages that say so."""
    return dict(db.rows(Sql("SELECT id, rotting_days FROM sales_stage WHERE rotting_days IS NOT NULL")))


def days_in_stage(since: dt.datetime | None) -> int:
    """Whole days since a deal came into its stage."""
    return (timezone.now() - since).days if since else 0


def _rotting(row: RowView, limits: Mapping[int, int]) -> Mark | None:
    days = days_in_stage(row.values.get("stage_since"))
    limit = limits.get(row.values.get("stage") or 0)
    if limit is None or days < limit:
        return None
    text = ngettext("%(count)d day here", "%(count)d days here", days) % {"count": days}
    return Mark(text=text, tone="orange", icon="clock", flag=True)


def _close(day: dt.date | None) -> Mark | None:
    """What is to be said of the expected close: missed, today, or when."""
    if day is None:
        return None
    left = (day - timezone.localdate()).days
    if left < 0:
        text = ngettext("Overdue %(count)d d", "Overdue %(count)d d", -left) % {"count": -left}
        return Mark(text=text, tone="red", icon="alert-triangle")
    return Mark(text=_("Closes today"), tone="orange", icon="clock") if left == 0 else None


def rotten(where: Sql, limit: int) -> list[int]:
    """Keys of open deals that rot, those that stand longest first; `where` holds the caller's rights on the row `t`."""
    now, moment = timezone.now(), db.dialect().moment
    late = any_of(
        Sql("t.stage_id = %s AND t.stage_since <= %s", (stage, moment(now - dt.timedelta(days=days))))
        for stage, days in rotting_days().items()
    )
    found = all_of([where, Sql("t.outcome = %s", (str(Outcome.OPEN),)), late])
    text = f'SELECT t.id FROM "sales_deal" t WHERE {found.text} ORDER BY t.stage_since LIMIT {int(limit)}'
    return [row[0] for row in db.rows(Sql(text, found.params))]
