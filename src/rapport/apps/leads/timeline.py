"""Leads on the timelines of the person, the company and the deal that they became."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.apps.leads.models import Status
from rapport.features.timeline.entries import Before, Entry, Phrase, Ref
from rapport.features.timeline.sql import older
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()


def leads(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest moments at which leads came in, were converted or disqualified."""
    lead = catalog.current()["lead"]
    if not caller.may(lead, "read") or not {"status", "closed_at"} <= visible(caller, lead).fields.keys():
        return []
    parts, params = [], list[Any]()
    for column, closed in (("created_at", 0), ("closed_at", 1)):
        tie = f"t.id * 2 + {closed}"
        about = Sql(f"t.{obj.key}_id = %s AND t.{column} IS NOT NULL", (record_id,))
        where = all_of([about, visible(caller, lead).where(), older(f"t.{column}", tie, before)])
        parts.append(
            f"SELECT {tie} AS tie, t.{column} AS at, t.id, t.name, t.status, t.subject, s.name AS source "
            f"FROM leads_lead t LEFT JOIN leads_leadsource s ON s.id = t.source_id WHERE {where.text}"
        )
        params += where.params
    text = f"{' UNION ALL '.join(parts)} ORDER BY at DESC, tie DESC LIMIT {int(limit)}"
    shown = [name for name in ("subject", "source") if caller.sees(lead, lead.fields[name])]
    return [_entry(row, shown) for row in db.rows(Sql(text, tuple(params)))]


def _entry(row: tuple[Any, ...], shown: Sequence[str]) -> Entry:
    tie, at, key, name, status, subject, source = row
    moment = _DATETIME.from_json(at)
    assert moment is not None
    ref = {"lead": Ref("lead", key, name)}
    if not tie % 2:
        said = {"subject": subject, "source": source}
        meta = " · ".join(str(said[part]) for part in shown if said[part])
        return Entry(
            at=moment, tie=tie, icon="target", tone="blue", title=Phrase(_("Lead {lead} came in"), ref), meta=meta
        )
    if status == Status.CONVERTED:
        title = Phrase(_("Lead {lead} was converted"), ref)
        return Entry(at=moment, tie=tie, icon="circle-check", tone="green", title=title)
    return Entry(at=moment, tie=tie, icon="thumb-down", title=Phrase(_("Lead {lead} was disqualified"), ref))


SOURCE = TimelineSource(
    name="leads", label=gettext_lazy("Leads"), objects=("person", "company", "deal"), entries=leads
)  # fmt: skip
