"""Demo data: two pipelines, and deals with the history of their stages over a year."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from rapport.features.demo.context import DemoContext, Made
from rapport.registry.extensions import Demo

# Stage, phase of the conversation, probability, outcome, days after which a deal rots.
PIPELINES: dict[str, tuple[tuple[str, str, int, str, int | None], ...]] = {
    "New business": (
        ("Qualify", "qualify", 10, "open", 14),
        ("Discovery", "discover", 30, "open", 21),
        ("Proposal", "propose", 55, "open", 21),
        ("Negotiation", "negotiate", 80, "open", 14),
        ("Won", "won", 100, "won", None),
        ("Lost", "lost", 0, "lost", None),
    ),
    "Renewals": (
        ("Due", "qualify", 60, "open", 30),
        ("Offer sent", "propose", 75, "open", 21),
        ("In talks", "negotiate", 85, "open", 21),
        ("Renewed", "won", 100, "won", None),
        ("Not renewed", "lost", 0, "lost", None),
    ),
    "Through partners": (
        ("Introduced", "qualify", 20, "open", 21),
        ("Joint offer", "propose", 50, "open", 30),
        ("Won", "won", 100, "won", None),
        ("Lost", "lost", 0, "lost", None),
    ),
}
COUNTS = {("New business", "open"): 88, ("New business", "won"): 48, ("New business", "lost"): 40,
          ("Renewals", "open"): 30, ("Renewals", "won"): 34, ("Renewals", "lost"): 10,
          ("Through partners", "open"): 12, ("Through partners", "won"): 6,
          ("Through partners", "lost"): 4}  # fmt: skip
PRODUCTS = {
    "New business": ("Fleet tracking rollout", "Warehouse module", "Data platform", "Site planning", "Pilot, {n} sites",
                     "Onboarding package", "Dispatch board", "Driver app, {n} vehicles"),
    "Renewals": ("Annual licence", "Support upgrade", "Renewal + {n} seats", "Data platform, second year",
                 "Fleet tracking, {n} vehicles"),
    "Through partners": ("Fleet tracking, {n} vehicles", "Integration project", "Regional rollout, {n} sites"),
}  # fmt: skip
REASONS = (
    ("price", "A competitor was cheaper"), ("budget", "No budget this year"), ("need", "The project was stopped"),
    ("product", "Missing a feature they need"), ("competitor", "Stays with the present supplier"),
    ("need", "Decided to build it themselves"), ("silence", "Contact left the company"),
)  # fmt: skip
Staff = dict[int, list[Made]]
RATES = {"EUR": 1.0, "GBP": 0.9, "USD": 1.1, "SEK": 11.0, "DKK": 7.5, "PLN": 4.3}


def load(context: DemoContext) -> None:
    """Pipelines with their stages, then the deals of each."""
    chance = context.chance("sales")
    stages = _pipelines(context)
    staff = _staff(context)
    rows = [
        _deal(context, chance, stages[pipeline], pipeline, outcome, staff)
        for (pipeline, outcome), count in COUNTS.items()
        for _n in range(count)
    ]
    made = context.create("deal", rows)
    _walk(context, made)


def _pipelines(context: DemoContext) -> dict[str, dict[str, Made]]:
    at = context.now - dt.timedelta(days=1200)
    found: dict[str, dict[str, Made]] = {}
    for position, (name, stages) in enumerate(PIPELINES.items(), 1):
        made = context.create("pipeline", [({"name": name, "position": position * 10}, at, {})])[0]
        rows = [
            ({"pipeline": made.id, "name": stage, "position": place * 10, "probability": probability,
              "outcome": outcome, "rotting_days": rots}, at, {"phase": phase})
            for place, (stage, phase, probability, outcome, rots) in enumerate(stages, 1)
        ]  # fmt: skip
        found[name] = {stage.values["name"]: stage for stage in context.create("stage", rows)}
    return found


def _deal(
    context: DemoContext, chance: random.Random, stages: dict[str, Made], pipeline: str, outcome: str, staff: Staff
) -> tuple[dict[str, Any], dt.datetime, dict[str, Any]]:
    """A deal as it began, and the stages that it will walk through."""
    company, person = _customer(context, chance, pipeline, outcome, staff)
    path = [s for s in stages.values() if s.values["outcome"] == "open"]
    if outcome == "open":
        path = path[: chance.choices(range(1, len(path) + 1), weights=[5, 4, 3, 2][: len(path)])[0]]
    else:
        keep = len(path) if outcome == "won" else chance.randrange(1, len(path) + 1)
        path = [*path[:keep], next(s for s in stages.values() if s.values["outcome"] == outcome)]
    known = max(1, (context.now - max(company.at, person.at)).days)
    low, high = (2, 80) if outcome == "open" else (35, 365)
    start = max(context.moment(chance, min(known, high), min(known, low)), company.at, person.at)
    most = 14 if outcome == "open" else 30
    moments = context.walk(chance, start, [chance.uniform(3, most) for _stage in path[1:]])
    currency = company.extra["country"].currency
    amount = round(chance.lognormvariate(9.6, 0.75) * RATES[currency] / 250) * 250 or 250
    name = chance.choice(PRODUCTS[pipeline]).format(n=chance.choice((3, 5, 12, 20, 40, 80)))
    close = context.today + dt.timedelta(days=chance.randrange(-6, 75)) if outcome == "open" else moments[-1].date()
    values = {
        "name": name, "company": company.id, "person": person.id, "pipeline": path[0].values["pipeline"],
        "stage": path[0].id, "amount": f"{amount} {currency}", "close_on": close, "owner": company.values["owner"],
        "tags": [t.id for t in context.made.get("tag", ()) if chance.random() < 0.03],
    }  # fmt: skip
    why, reason = chance.choice(REASONS) if outcome == "lost" else ("", "")
    ends = [*moments[1:], context.now if outcome == "open" else moments[-1]]
    extra = {
        "path": list(zip(path, moments, strict=True)), "reason": reason,
        "lost": {"lost_reason": why, "lost_note": reason},
        "phases": [(s.extra["phase"], at, end) for s, at, end in zip(path, moments, ends, strict=True)],
        "slots": {"product": name, "amount": f"{amount:,} {currency}", "reason": reason},
    }  # fmt: skip
    return values, moments[0], extra


def _staff(context: DemoContext) -> Staff:
    found: Staff = {}
    for person in context.made["person"]:
        if person.values["company"]:
            found.setdefault(person.values["company"], []).append(person)
    return found


def _customer(
    context: DemoContext, chance: random.Random, pipeline: str, outcome: str, staff: Staff
) -> tuple[Made, Made]:
    """A company, and someone there to talk to, at the stage that the deal implies."""
    wanted = {"open": {"lead", "qualified"}, "won": {"customer"}, "lost": {"lead", "former", "qualified"}}[outcome]
    if pipeline == "Renewals":
        wanted = {"former"} if outcome == "lost" else {"customer"}
    companies = [c for c in context.made["company"] if c.values["lifecycle"] in wanted and c.id in staff]
    company = chance.choice(companies)
    return company, min(chance.sample(staff[company.id], min(2, len(staff[company.id]))), key=lambda p: p.at)


def _walk(context: DemoContext, made: list[Made]) -> None:
    """Move the deals from stage to stage, the first move of all first."""
    for step in range(1, max(len(deal.extra["path"]) for deal in made)):
        changes = []
        for deal in made:
            if step < len(deal.extra["path"]):
                stage, at = deal.extra["path"][step]
                lost = deal.extra["lost"] if stage.values["outcome"] == "lost" else {}
                values = {"stage": stage.id, "probability": stage.values["probability"], **lost}
                changes.append((deal, values, at))
        context.update("deal", changes)


DEMO = Demo(name="deals", load=load, after=("customers",))
