"""Who reports to whom at some companies, who recommended us to whom, couples and their households."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from rapport.features.demo.context import DemoContext, Made

CHARTS, REFERRALS, COUPLES = 60, 40, 12
Row = tuple[dict[str, Any], dt.datetime, dict[str, Any]]


def load_relations(context: DemoContext) -> None:
    """Relations are written down by whoever owns the first person, once both are known."""
    chance = context.chance("relations")
    rows = [*_charts(context, chance), *_referrals(context, chance)]
    alone = [p for p in context.made["person"] if not p.values["company"] and p.values["last_name"]]
    homes: list[Row] = []
    for first, second in zip(alone[::2], alone[1::2], strict=False):
        if len(homes) == COUPLES:
            break
        rows.append(_row(context, first, "spouse", second))
        name, place = first.values["last_name"], (first.values.get("addresses") or [{}])[0]
        address = {part: text for part, text in place.items() if part != "label"}
        values = {"name": name, "members": [first.id, second.id], "address": address, "owner": first.values["owner"]}
        homes.append((values, max(first.at, second.at), {}))
    context.create("personrelation", rows)
    context.create("household", homes)


def _row(context: DemoContext, who: Made, kind: str, whom: Made) -> Row:
    at = min(max(who.at, whom.at) + dt.timedelta(hours=3), context.now)
    return {"person": who.id, "kind": kind, "other": whom.id, "owner": who.values["owner"]}, at, {}


def _charts(context: DemoContext, chance: random.Random) -> Iterator[Row]:
    """One on top, up to three below, the others below these."""
    staff: dict[int, list[Made]] = {}
    for person in context.made["person"]:
        if person.values["company"]:
            staff.setdefault(person.values["company"], []).append(person)
    large = [people for people in staff.values() if len(people) >= 4]
    for people in chance.sample(large, min(len(large), CHARTS)):
        top, *rest = people
        second = rest[:3]
        for number, person in enumerate(rest):
            yield _row(context, person, "reports", top if number < 3 else chance.choice(second))


def _referrals(context: DemoContext, chance: random.Random) -> Iterator[Row]:
    referred = [p for p in context.made["person"] if p.values["source"] == "referral"]
    customers = [p for p in context.made["person"] if p.extra["stage"] == "customer"]
    for person in chance.sample(referred, min(len(referred), REFERRALS)):
        other = chance.choice(customers)
        if other is not person:
            yield _row(context, person, "referred", other)
