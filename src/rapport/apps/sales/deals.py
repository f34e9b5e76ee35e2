"""What a deal's stage implies, the history of its stages, and winning or losing it in one act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.apps.sales import gates
from rapport.apps.sales.models import Outcome
from rapport.lib import json
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.records.accounts.caller import Caller
from rapport.records.errors import Invalid
from rapport.records.read import visible
from rapport.records.write import Batch, Entry, update_each
from rapport.registry.objects import Action


def prepare(batch: Batch) -> None:
    """First pipeline and stage where none was chosen; probability, outcome and stamps of the stage."""
    stages = _stages()
    for entry in batch.entries:
        if batch.action == "create" or {"stage", "pipeline"} & entry.values.keys():
            _place(entry, stages, batch.moment(entry))
    gates.check(batch, stages)


def _stages() -> dict[int, dict[str, Any]]:
    """Live stages by key in the order of pipelines and positions."""
    text = (
        "SELECT s.id, s.pipeline_id, s.probability, s.outcome, s.name, s.asks, s.tasks, s.holds, s.approver_id "
        "FROM sales_stage s JOIN sales_pipeline p ON p.id = s.pipeline_id "
        "WHERE s.deleted_at IS NULL AND p.deleted_at IS NULL ORDER BY p.position, p.id, s.position, s.id"
    )
    names = ("id", "pipeline", "probability", "outcome", "name", "asks", "tasks", "holds", "approver")
    found = {row[0]: dict(zip(names, row, strict=True)) for row in db.rows(Sql(text))}
    return {
        key: {**s, **{name: json.column(s[name]) or [] for name in ("asks", "tasks", "holds")}}
        for key, s in found.items()
    }


def _place(entry: Entry, stages: dict[int, dict[str, Any]], at: Any) -> None:
    key, pipeline = entry.get("stage"), entry.get("pipeline")
    stage = stages.get(key or 0)
    if stage is None or ("pipeline" in entry.values and "stage" not in entry.values and stage["pipeline"] != pipeline):
        stage = next((s for s in stages.values() if pipeline in (None, s["pipeline"]) and s["outcome"] == "open"), None)
    if stage is None:
        entry.refuse("pipeline", _("This pipeline has no open stage. Add one in the settings."))
        return
    if "stage" in entry.values and entry.values.get("pipeline") not in (None, stage["pipeline"]):
        entry.refuse("stage", _("Choose a stage of this pipeline."))
        return
    entry.values |= {"stage": stage["id"], "pipeline": stage["pipeline"], "outcome": stage["outcome"]}
    if entry.changes("stage"):
        entry.values["stage_since"] = at
        entry.values["closed_at"] = None if stage["outcome"] == Outcome.OPEN else at
        if stage["outcome"] != Outcome.LOST:
            empty = {name: None if name == "lost_to" else "" for name in WHY_LOST}
            entry.values |= {n: v for n, v in empty.items() if entry.get(n) and n not in entry.values}
        if entry.values.get("probability") is None:
            entry.values["probability"] = stage["probability"]


def effects(batch: Batch) -> None:
    """Note when a deal came into a stage, with its amount and expected close."""
    rows = []
    for entry in batch.entries:
        if not entry.changes("stage"):
            continue
        amount, close = entry.get("amount"), entry.get("close_on")
        moment = batch.env.dialect.moment(batch.moment(entry))
        rows.append(
            (
                entry.id, moment, entry.values["stage"], entry.before.get("stage"), amount.amount if amount else None,
                amount.currency if amount else "", close.isoformat() if close else None, batch.caller.user_id,
            )
        )  # fmt: skip
    columns = ("deal_id", "at", "stage_id", "before_id", "amount", "currency", "close_on", "actor_id")
    db.insert_many("sales_stagechange", columns, rows)
    if rows:
        gates.plan(batch, _stages())


def _close(caller: Caller, ids: list[int], outcome: str, values: Mapping[str, Any]) -> int:
    stages = _stages()
    last = {s["pipeline"]: s["id"] for s in stages.values() if s["outcome"] == outcome}
    items = []
    for part in db.chunks(ids):
        for row in visible(caller, "deal").page(columns=("pipeline",), ids=part, size=len(part)).rows:
            if row.values["pipeline"] not in last:
                raise Invalid({"stage": [_("The pipeline has no stage for this outcome. Add one in the settings.")]})
            items.append((row.id, {"stage": last[row.values["pipeline"]], **values}))
    errors = update_each(caller, "deal", items)
    if errors:
        raise Invalid(next(iter(errors.values())))
    return len(items)


def win(caller: Caller, ids: list[int]) -> str:
    """Move deals to the won stage of their pipelines. Raises Invalid, Forbidden."""
    count = _close(caller, ids, Outcome.WON, {})
    return ngettext("%(count)d deal won.", "%(count)d deals won.", count) % {"count": count}


def lose(caller: Caller, ids: list[int], values: Mapping[str, Any]) -> str:
    """Move deals to the lost stage of their pipelines and say why. Raises Invalid, also without a reason, Forbidden."""
    count = _close(caller, ids, Outcome.LOST, values)
    return ngettext("%(count)d deal lost.", "%(count)d deals lost.", count) % {"count": count}


WHY_LOST = ("lost_reason", "lost_note", "lost_to")
_OPEN = {"field": "outcome", "op": "is", "value": "open"}
WIN = Action(key="win", label=gettext_lazy("Mark as won"), icon="trophy", run=win, offered=_OPEN)
LOSE = Action(key="lose", label=gettext_lazy("Mark as lost"), icon="thumb-down", run=lose, offered=_OPEN, asks=WHY_LOST)
