"""Demo data around deals: competitors, buying groups, forecast categories, and the forecast of past days."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from rapport.apps.sales.forecast import states
from rapport.features.demo.context import DemoContext, Made
from rapport.lib.sql import Sql
from rapport.records import db
from rapport.registry.extensions import Demo

COMPETITORS = (
    ("Meridian Systems", "Known everywhere", "Slow to roll out"),
    ("FleetHero", "Cheap for small fleets", "No warehouse module"),
    ("Cargolytics", "Strong reports", "Support by mail only"),
    ("In-house spreadsheets", "Costs nothing at first", "Nobody keeps them up"),
)
ROLES = ("decides", "pays", "champion", "advises", "uses", "blocks")


def load(context: DemoContext) -> None:
    """Whom deals meet and who decides them; then the states of the past, and of today."""
    chance = context.chance("market")
    at = context.now - dt.timedelta(days=800)
    rivals = context.create(
        "competitor", [({"name": n, "strengths": s, "weaknesses": w}, at, {}) for n, s, w in COMPETITORS]
    )
    deals = context.made["deal"]
    _compete(context, chance, deals, rivals)
    _groups(context, chance, deals)
    for deal in deals:
        _history(context, deal)
    states.keep_states(day=context.today)


def _last(deal: Made) -> Any:
    return deal.extra["path"][-1][0]


def _category(probability: int) -> str:
    return "commit" if probability >= 80 else "best" if probability >= 50 else "pipeline"


def _compete(context: DemoContext, chance: random.Random, deals: list[Made], rivals: list[Made]) -> None:
    changes = []
    for deal in deals:
        stage, when = deal.extra["path"][-1]
        values: dict[str, Any] = {}
        if chance.random() < 0.4:
            met = chance.sample(rivals, chance.choice((1, 1, 2)))
            values["competitors"] = [m.id for m in met]
            if stage.values["outcome"] == "lost" and chance.random() < 0.7:
                values["lost_to"] = met[0].id
        if stage.values["outcome"] == "open":
            values["forecast"] = _category(stage.values["probability"])
        if values:
            changes.append((deal, values, when))
    context.update("deal", changes)


def _groups(context: DemoContext, chance: random.Random, deals: list[Made]) -> None:
    staff: dict[int, list[Made]] = {}
    for person in context.made["person"]:
        if person.values.get("company"):
            staff.setdefault(person.values["company"], []).append(person)
    rows: list[tuple[dict[str, Any], dt.datetime, dict[str, Any]]] = []
    for deal in deals:
        people = staff.get(deal.values["company"], [])
        if _last(deal).values["outcome"] != "open" or len(people) < 2:
            continue
        for person in chance.sample(people, min(len(people), chance.choice((2, 2, 3)))):
            values = {"deal": deal.id, "person": person.id, "role": chance.choice(ROLES), "owner": deal.values["owner"]}
            rows.append((values, max(deal.at, person.at), {}))
    context.create("buying_group_member", rows)


def _history(context: DemoContext, deal: Made) -> None:
    """What each night would have kept: a state for each stage, from its day to that of the next."""
    amount, _gap, currency = deal.values["amount"].partition(" ")
    path = deal.extra["path"]
    team = db.row(Sql("SELECT team_id FROM sales_deal WHERE id = %s", (deal.id,)))
    rows = []
    for (stage, at), (_next, until) in zip(path, [*path[1:], (None, None)], strict=True):
        since, end = at.date(), until.date() if until else None
        if since == end or (end is None and since >= context.today):
            continue
        values = stage.values
        closes = since if values["outcome"] == "won" else deal.values["close_on"]
        rows.append(
            (deal.id, since, end, values["pipeline"], deal.values["owner"], team[0] if team else None,
             _category(values["probability"]) if values["outcome"] == "open" else "pipeline", values["outcome"],
             int(amount) * 100, currency, values["probability"], closes)
        )  # fmt: skip
    columns = (
        "deal_id", "since", "until", "pipeline_id", "owner_id", "team_id", "forecast", "outcome", "amount",
        "amount_currency", "probability", "closes",
    )  # fmt: skip
    db.insert_many("sales_dealstate", columns, states.storable(rows))


DEMO = Demo(name="market", load=load, after=("deals",))
