"""Demo data: sources, criteria, rules, and two months of leads."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from rapport.features.demo.context import DemoContext, Made
from rapport.registry.extensions import Demo

SOURCES = ("Website form", "Trade fair", "Recommendation", "Search advertisement", "Newsletter", "Phone call")
CRITERIA = (
    ("Has a need that we meet", True), ("Has a budget", True), ("Decides, or brings us to who does", True),
    ("Wants to begin within six months", False),
)  # fmt: skip
SUBJECTS = (
    "Tracking for {n} vans", "Price for {n} seats", "Demo of the dispatch board", "Warehouse module",
    "Asks for references in logistics", "Driver app for {n} drivers", "Wants to replace spreadsheets",
    "Data platform, first talk", "Trial for one site",
)  # fmt: skip
NAMES = (
    ("Amara", "Nkosi"), ("Jonas", "Lindqvist"), ("Chiara", "Moretti"), ("Piotr", "Zielinski"), ("Sofia", "Almeida"),
    ("Henrik", "Dahl"), ("Leila", "Haddad"), ("Tomas", "Novak"), ("Greta", "Vogel"), ("Callum", "Reid"),
    ("Ines", "Castro"), ("Matteo", "Greco"), ("Freja", "Holm"), ("Bastian", "Roth"), ("Yara", "Demir"),
)  # fmt: skip
COMPANIES = (
    "Havel Freight", "Tessin Foods", "Bruckner Bau", "Nordlys Shipping", "Alvor Pharma", "Weiss Logistics",
    "Costa Verde Tours", "Ostrava Steel", "Finch & Rowe", "Laguna Water",
)  # fmt: skip
COUNTRIES = ("Germany", "Italy", "Poland", "Sweden", "United Kingdom", "Portugal", "Austria")
STATUSES = ("new",) * 5 + ("working",) * 5 + ("qualified",) * 3 + ("disqualified",) * 4
REASONS = ("no_budget", "timing", "no_fit", "unreachable", "no_need")
COUNT = 48


def load(context: DemoContext) -> None:
    """Sources, criteria and a rule; then the leads, and where they stand by now."""
    chance = context.chance("leads")
    long_ago = context.now - dt.timedelta(days=900)
    sources = context.create(
        "lead_source", [({"name": n, "position": i * 10}, long_ago, {}) for i, n in enumerate(SOURCES, 1)]
    )
    criteria = context.create(
        "criterion",
        [({"name": n, "must": must, "position": i * 10}, long_ago, {}) for i, (n, must) in enumerate(CRITERIA, 1)],
    )
    rows = [_lead(context, chance, sources) for _n in range(COUNT)]
    made = context.create("lead", rows)
    _stand(context, chance, made, [c.id for c in criteria])
    _rule(context, long_ago)


def _rule(context: DemoContext, at: dt.datetime) -> None:
    sales = context.group("sales", "lead")
    if sales:
        values = {"name": "Recommendations to the lead", "about": "source", "contains": "recommend", "position": 10}
        context.create("assignment_rule", [({**values, "assignee": sales[0].user_id}, at, {})])


def _lead(
    context: DemoContext, chance: random.Random, sources: list[Made]
) -> tuple[dict[str, Any], dt.datetime, dict[str, Any]]:
    first, last = chance.choice(NAMES)
    company = chance.choice(COMPANIES)
    domain = company.lower().replace(" & ", "-").replace(" ", "-")
    known = chance.random() < 0.85
    status = chance.choice(STATUSES)
    at = context.moment(chance, *((6, 0) if status == "new" else (60, 2)))
    values = {
        "subject": chance.choice(SUBJECTS).format(n=chance.choice((8, 12, 20, 35, 60))),
        "first_name": first if known else "",
        "last_name": last if known else "",
        "email": f"{first}.{last}@{domain}.example".lower() if known else "",
        "company_name": company,
        "country": chance.choice(COUNTRIES),
        "source": chance.choice(sources).id,
        "owner": chance.choice(context.group("sales", "lead") or list(context.members)).user_id,
    }
    if chance.random() < 0.5:
        values["amount"] = f"{chance.randrange(2, 60) * 1000} EUR"
    return values, at, {"status": status}


def _stand(context: DemoContext, chance: random.Random, made: list[Made], criteria: list[int]) -> None:
    for lead in made:
        status = lead.extra["status"]
        if status == "new":
            continue
        met = criteria if status == "qualified" else chance.sample(criteria, chance.randrange(len(criteria)))
        values: dict[str, Any] = {"status": status, "met": met}
        if status == "disqualified":
            values["reason"] = chance.choice(REASONS)
        later = min(lead.at + dt.timedelta(minutes=chance.choice((12, 25, 40, 90, 240, 1500))), context.now)
        context.update("lead", [(lead, values, later)])


DEMO = Demo(name="leads", load=load, after=("customers", "deals"))
