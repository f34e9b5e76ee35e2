"""A year of calls, mails, meetings and notes, each fitting the deal or the person that it is about."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from typing import Any

from rapport.apps.customers.demo import texts
from rapport.apps.customers.demo.texts import Script
from rapport.features.demo.context import DemoContext, Made

ABOUT = 6000
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
PRODUCTS = ("fleet tracking", "the warehouse module", "the data platform", "site planning")
Row = tuple[dict[str, Any], dt.datetime, dict[str, Any]]


class Writer:
    """Fills scripts in with the people, companies and deals at hand."""

    def __init__(self, context: DemoContext) -> None:
        self.context = context
        self.chance = context.chance("interactions")
        self.companies = {c.id: c for c in context.made["company"]}
        self.people = {p.id: p for p in context.made["person"]}
        self.at_company: dict[int, list[Made]] = {}
        for person in context.made["person"]:
            if person.values["company"]:
                self.at_company.setdefault(person.values["company"], []).append(person)
        self.names = {m.user_id: m.name for m in context.members}

    def row(self, script: Script, at: dt.datetime, person: Made, owner: int, **slots: Any) -> Row:
        """One interaction."""
        company = self.companies.get(person.values["company"])
        first = person.values["first_name"]
        values = {
            "first": first, "name": f"{first} {person.values['last_name']}", "user": self.names[owner],
            "company": company.extra["base"] if company else "them", "product": self.chance.choice(PRODUCTS),
            "need": self.chance.choice(texts.NEEDS), "n": self.chance.randrange(3, 40), "amount": "12,000 EUR",
            "day": self.chance.choice(DAYS), "reason": "", **slots,
        }  # fmt: skip
        people = [person.id]
        if script.minutes >= 40 and company:
            others = [p.id for p in self.at_company[company.id] if p is not person and p.at <= at]
            people += self.chance.sample(others, min(len(others), 2))
        minutes = max(1, round(script.minutes * self.chance.uniform(0.5, 1.6))) if script.minutes else None
        return (
            {
                "kind": script.kind, "at": at, "subject": script.subject.format(**values), "owner": owner,
                "body": script.body.format(**values), "direction": script.direction, "outcome": script.outcome,
                "minutes": minutes, "people": people, "company": company.id if company else None,
                "deal": slots.get("deal"),
            },
            at,
            {},
        )  # fmt: skip


def load_interactions(context: DemoContext) -> None:
    """Around each deal, with customers, and with everyone who is not one yet."""
    writer = Writer(context)
    rows = [*_around_deals(writer), *_first_contacts(writer), *_with_customers(writer)]
    fillers = _nurture(writer)
    while len(rows) < ABOUT:
        rows.append(next(fillers))
    context.create("interaction", rows)


def _around_deals(writer: Writer) -> Iterator[Row]:
    chance = writer.chance
    for deal in writer.context.made.get("deal", ()):
        person = writer.people[deal.values["person"]]
        slots = {**deal.extra["slots"], "deal": deal.id}
        for phase, start, end in deal.extra["phases"]:
            scripts = texts.STAGES[phase]
            for script in chance.sample(scripts, min(len(scripts), chance.choice((1, 2, 2, 3)))):
                at = _between(writer, start, end)
                yield writer.row(script, max(at, person.at), person, deal.values["owner"], **slots)


def _between(writer: Writer, start: dt.datetime, end: dt.datetime) -> dt.datetime:
    now = writer.context.now
    ago = [(now - moment).total_seconds() / 86400 for moment in (start, end)]
    return min(max(writer.context.moment(writer.chance, *ago), start), now)


def _first_contacts(writer: Writer) -> Iterator[Row]:
    """How most people became known."""
    chance = writer.chance
    for person in writer.context.made["person"]:
        if chance.random() < 0.55:
            yield writer.row(chance.choice(texts.FIRST), _recent(writer, person.at), person, person.values["owner"])


def _recent(writer: Writer, at: dt.datetime) -> dt.datetime:
    """The moment, or one in the last year for what is older."""
    if (writer.context.now - at).days <= 365:
        return at
    return writer.context.moment(writer.chance, 365, 1)


def _with_customers(writer: Writer) -> Iterator[Row]:
    chance, service = writer.chance, writer.context.group("service")
    customers = [p for p in writer.context.made["person"] if p.extra["stage"] == "customer" and p.values["company"]]
    for person in chance.sample(customers, min(len(customers), 420)):
        earliest = min(365, max(1, (writer.context.now - person.at).days))
        for script in _talk(chance, texts.SERVICE, 4):
            at = writer.context.moment(chance, earliest, 0)
            yield writer.row(script, max(at, person.at), person, chance.choice(service).user_id)


def _talk(chance: random.Random, scripts: Sequence[Script], most: int) -> list[Script]:
    return chance.sample(scripts, chance.randrange(1, most + 1))


def _nurture(writer: Writer) -> Iterator[Row]:
    chance = writer.chance
    people = [p for p in writer.context.made["person"] if p.extra["stage"] != "visitor"]
    while True:
        person = chance.choice(people)
        earliest = min(365, max(1, (writer.context.now - person.at).days))
        at = max(writer.context.moment(chance, earliest, 0), person.at)
        yield writer.row(chance.choice(texts.NURTURE), at, person, person.values["owner"])
