"""Demo data: tags, and tasks that are overdue, due today, coming and done."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from rapport.features.demo.context import DemoContext, Made
from rapport.registry.extensions import Demo

TAGS = (
    ("VIP", "yellow"), ("Key account", "purple"), ("Newsletter", "blue"), ("Reference", "green"),
    ("Trade fair", "teal"), ("Decision maker", "pink"), ("Champion", "green"), ("Pilot", "orange"),
    ("Partner", "teal"), ("Payment late", "red"),
)  # fmt: skip
ABOUT_DEALS = (
    "Send the revised offer to {name}", "Call {name} about the terms", "Prepare the demo for {name}",
    "Ask {name} for the purchase order", "Follow up on {deal}", "Check references for {deal}",
    "Book the room for the workshop with {name}", "Update the forecast for {deal}",
)  # fmt: skip
ABOUT_PEOPLE = (
    "Call {name} back", "Send the brochure to {name}", "Ask {name} for feedback", "Congratulate {name} on the new job",
    "Invite {name} to the user day", "Check the open invoice with {name}", "Set up training for {name}",
    "Answer the question about reports ({name})", "Introduce {name} to support",
)  # fmt: skip
# How many, days ago at most and at least when due (negative: in the future), status.
PLAN = ((45, 20, 1, "open"), (30, 0, 0, "open"), (115, -1, -45, "open"), (10, -1, -10, "doing"), (400, 365, 1, "done"))


def load_tags(context: DemoContext) -> None:
    """Tags come first, so that everything else can carry them."""
    at = context.now - dt.timedelta(days=1200)
    context.create("tag", [({"name": name, "tone": tone}, at, {}) for name, tone in TAGS])


def load_tasks(context: DemoContext) -> None:
    """Tasks about deals and people; done ones were opened before."""
    chance = context.chance("tasks")
    people = {p.id: p for p in context.made["person"]}
    rows = [
        _task(context, chance, people, _due(context, chance, early, late), status)
        for count, early, late, status in PLAN
        for _n in range(count)
    ]
    made = context.create("task", rows)
    for status in ("doing", "done"):
        changed = [task for task in made if task.extra["status"] == status]
        context.update("task", [(task, {"status": status}, task.extra["ended"]) for task in changed])


def _due(context: DemoContext, chance: random.Random, early: int, late: int) -> dt.datetime:
    """A moment between so many days ago; 0, 0 is some time today."""
    if early or late:
        return context.moment(chance, max(early, late), min(early, late))
    clock = dt.time(chance.randrange(8, 19), chance.choice((0, 15, 30, 45)))
    return dt.datetime.combine(context.today, clock, context.zone).astimezone(dt.UTC)


def _task(
    context: DemoContext, chance: random.Random, people: dict[int, Made], due: dt.datetime, status: str
) -> tuple[dict[str, Any], dt.datetime, dict[str, Any]]:
    deals = [d for d in context.made.get("deal", ()) if status == "done" or not d.extra["reason"]]
    deal = chance.choice(deals) if deals and chance.random() < 0.45 else None
    person = people[deal.values["person"]] if deal else chance.choice(context.made["person"])
    members = context.group("lead", "sales", "service")
    owner = deal.values["owner"] if deal else chance.choice(members).user_id
    name = f"{person.values['first_name']} {person.values['last_name']}"
    template = chance.choice(ABOUT_DEALS if deal else ABOUT_PEOPLE)
    values = {
        "subject": template.format(name=name, deal=deal.values["name"] if deal else ""), "due_at": due,
        "priority": chance.choices(("normal", "high", "low"), (75, 15, 10))[0], "assignee": owner, "owner": owner,
        "person": person.id, "company": person.values["company"], "deal": deal.id if deal else None,
        "remind_at": due - dt.timedelta(hours=1) if status == "open" and chance.random() < 0.2 else None,
    }  # fmt: skip
    opened = min(due - dt.timedelta(days=chance.randrange(1, 12)), context.now - dt.timedelta(hours=1))
    ended = min(due + dt.timedelta(hours=chance.randrange(-20, 30)), context.now) if status != "open" else opened
    return values, opened, {"status": status, "ended": max(opened, ended)}


DEMOS = (Demo(name="tags", load=load_tags), Demo(name="tasks", load=load_tasks, after=("customers", "deals")))
