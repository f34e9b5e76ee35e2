"""Service on the page of a person and of a company: open tickets, and how satisfied they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from rapport.apps.customers.concerning import concerning
from rapport.apps.service.models import SCALES, Survey
from rapport.apps.service.tickets import UNSOLVED
from rapport.lib import json
from rapport.lib.format import format_number
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import RowView, visible
from rapport.registry import catalog
from rapport.registry.extensions import Panel

SHOWN = 5


def service(caller: Caller, record: Any) -> Mapping[str, Any] | None:
    """Open tickets and means of survey answers; None where the caller may see neither, or there is neither."""
    ticket = catalog.current()["ticket"]
    rows, url = [], ""
    if caller.may(ticket, "read"):
        about = {"all": [{"field": record.obj.key, "op": "is", "value": record.id}, UNSOLVED]}
        columns = ("number", "status", "kind", "priority", "assignee")
        rows = visible(caller, ticket).page(columns=columns, filter=about, sort="-opened_at", size=SHOWN + 1).rows
        query = urlencode({"view": "all", "filter": json.dumps(about)})
        url = f"{reverse('list', args=[ticket.plural])}?{query}"
    scores = _scores(caller, record.obj.key, record.id)
    if not rows and not scores:
        return None
    more = url if len(rows) > SHOWN else None
    return {"tickets": [_item(row) for row in rows[:SHOWN]], "more_url": more, "scores": scores}


def _item(row: RowView) -> dict[str, Any]:
    ticket = catalog.current()["ticket"]
    status = ticket.fields["status"].choice(row.values.get("status"))
    kind = ticket.fields["kind"].choice(row.values.get("kind"))
    facts = (row.values.get("number"), kind.label if kind else None, row.labels.get("assignee"))
    return {
        "title": row.title,
        "url": reverse("record", args=[ticket.plural, row.id]),
        "icon": ticket.spec.icon,
        "subtitle": " · ".join(str(fact) for fact in facts if fact),
        "badge": {"text": status.label, "tone": status.tone} if status else None,
    }


def _scores(caller: Caller, key: str, record_id: int) -> list[dict[str, Any]]:
    """The mean of each kind of survey, and how many answers it is made of."""
    survey = catalog.current()["surveyanswer"]
    if not caller.may(survey, "read") or not caller.sees(survey, survey.fields["score"]):
        return []
    where = all_of([concerning("t", survey.table, key, record_id), visible(caller, survey).where()])
    text = f"SELECT t.kind, AVG(t.score), COUNT(*) FROM service_surveyanswer t WHERE {where.text} GROUP BY t.kind"
    found = {kind: (float(mean), count) for kind, mean, count in db.rows(Sql(text, where.params))}
    language = get_language() or "en"
    return [
        {
            "label": kind.label,
            "value": _("%(mean)s of %(highest)d")
            % {"mean": format_number(round(found[kind][0], 1), language), "highest": SCALES[kind][1]},
            "count": ngettext("%(count)d answer", "%(count)d answers", found[kind][1]) % {"count": found[kind][1]},
        }
        for kind in Survey
        if kind in found
    ]


PANEL = Panel(
    name="service", objects=("person", "company"), template="service/panel.html", context=service,
    title=gettext_lazy("Service"), order=30, covers=("ticket",),
)  # fmt: skip
