"""The way of deals through their stages, on the timelines of the deal, its contact and its company."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rapport.features.timeline.entries import Before, Entry, Phrase, Ref, Strong
from rapport.features.timeline.sql import older
from rapport.lib.format import format_money
from rapport.lib.sql import Sql, all_of
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.read import visible
from rapport.registry import catalog
from rapport.registry.catalog import RegisteredObject
from rapport.registry.extensions import TimelineSource
from rapport.registry.types.dates import DateTimeType

_DATETIME = DateTimeType()
_TONES = {"won": ("trophy", "green"), "lost": ("thumb-down", "red")}
_COLUMN = {"person": "person_id", "company": "company_id", "deal": "id"}


def stages(caller: Caller, obj: RegisteredObject, record_id: int, before: Before, limit: int) -> Sequence[Entry]:
    """The newest steps of the deals that concern the record; nothing for whoever may not see stages."""
    deal = catalog.current()["deal"]
    if not caller.may(deal, "read") or not caller.sees(deal, deal.fields["stage"]):
        return []
    conditions = [
        Sql(f"t.{_COLUMN[obj.key]} = %s", (record_id,)),
        visible(caller, deal).where(),
        older("c.at", "c.id", before),
    ]
    if obj.key == "deal":
        conditions.append(Sql("c.before_id IS NOT NULL"))
    where = all_of(conditions)
    rows = db.rows(
        Sql(
            "SELECT c.id, c.at, t.id, t.name, s.name, s.outcome, c.before_id, c.amount, c.currency, u.name "
            "FROM sales_deal t JOIN sales_stagechange c ON c.deal_id = t.id JOIN sales_stage s ON s.id = c.stage_id "
            f"LEFT JOIN records_user u ON u.id = c.actor_id WHERE {where.text} "
            f"ORDER BY c.at DESC, c.id DESC LIMIT {int(limit)}",
            where.params,
        )
    )
    priced = caller.sees(deal, deal.fields["amount"])
    return [_entry(obj, row, priced) for row in rows]


def _entry(obj: RegisteredObject, row: tuple[object, ...], priced: bool) -> Entry:
    key, at, deal, name, stage, outcome, was, amount, currency, who = row
    moment = _DATETIME.from_json(at)
    assert moment is not None
    assert isinstance(key, int)
    assert isinstance(deal, int)
    title = str(name)
    parts = {
        "who": Strong(str(who or "Rapport")),
        "deal": title if obj.key == "deal" else Ref("deal", deal, title),
        "stage": Strong(str(stage)),
    }
    text = _("{who} moved {deal} to {stage}") if was else _("{who} added {deal} in {stage}")
    icon, tone = _TONES.get(str(outcome), ("arrow-right", "purple") if was else ("coin", "purple"))
    shown = format_money(int(str(amount)), str(currency), get_language() or "en") if priced and amount else ""
    return Entry(at=moment, tie=key, icon=icon, tone=tone, title=Phrase(text, parts), meta=shown)


SOURCE = TimelineSource(
    name="stages", label=gettext_lazy("Deals"), objects=("person", "company", "deal"), entries=stages,
    tells=tuple(f"deal.{n}" for n in ("stage", "pipeline", "outcome", "closed_at", "stage_since", "probability")),
)  # fmt: skip
