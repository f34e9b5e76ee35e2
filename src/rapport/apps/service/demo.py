"""Demo data: queues, a year of tickets with what was said on them, survey answers and costs."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, NamedTuple

from rapport.apps.service.models import SCALES, Survey
from rapport.features.demo.context import DemoContext, Made
from rapport.registry.extensions import Demo

Row = tuple[dict[str, Any], dt.datetime, dict[str, Any]]
QUEUES = (
    {"name": "Support", "description": "Questions and problems of everyday work.", "how": "hand"},
    {"name": "Complaints", "description": "Answered within a working day.", "how": "hand", "priority": "high"},
    {"name": "Billing", "description": "Invoices, payments, contracts.", "how": "load"},
)
TICKETS, ANSWERS = 80, 60


class Case(NamedTuple):
    """What a customer comes with: subject, kind, queue, what was said first, answered, and done in the end."""

    subject: str
    kind: str
    queue: str
    text: str
    answer: str
    solution: str


CASES = (
    Case("Positions stand still since this morning", "problem", "Support",
         "Four of our vans have not moved on the map since seven. They are on the road, I just spoke to a driver.",
         "Thank you for telling us so quickly. The gateway of your region restarted at night; positions come in again "
         "and the gap will be filled within the hour. Do you see all four now?",
         "Gateway restarted, missing positions sent again."),
    Case("How do I add a second depot?", "question", "Support",
         "We open a second depot in May. Where do I enter it so that tours can start there?",
         "Under Settings, Places, “New depot”. Tours then ask which one they start from. I have attached the page of "
         "the handbook that shows it.",
         "Explained where depots are entered; customer did it alone."),
    Case("Invoice shows the old address", "request", "Billing",
         "The invoice of this month still names our old address, although we wrote to you in January.",
         "You are right, and I am sorry: the change was noted on the contact, but not on the account. A corrected "
         "invoice is on its way.",
         "Address of the account changed, corrected invoice sent."),
    Case("Third outage in a month", "complaint", "Complaints",
         "This is the third time in four weeks that dispatch stands still. I expect an explanation and a credit.",
         "You have every reason to be angry. All three go back to one faulty router, which has been replaced today. "
         "I will call you at two to go through it, and we credit one month.",
         "Router replaced, one month credited, call held with the head of dispatch."),
    Case("Export of all stops of last year", "request", "Support",
         "For our auditors we need all stops of last year as a table.",
         "Here it is, one file for each month. You can make it yourself as well: Reports, Stops, Export.",
         "Export sent, report explained."),
    Case("App signs drivers out", "problem", "Support",
         "Since the last update drivers have to sign in again after every break.",
         "We found it: the update forgot the setting “stay signed in”. Version 8.2.1 puts it right and is in the "
         "stores from tomorrow.",
         "Put right in 8.2.1, customer confirmed."),
    Case("Rude answer on the phone", "complaint", "Complaints",
         "Your colleague hung up on me yesterday when I asked about the refund. That is not how one treats customers.",
         "That should not have happened, and I apologise for it. I have listened to the call and spoken to my "
         "colleague. The refund has been made this morning.",
         "Apologised, refund made, call used in training."),
    Case("Charged twice in March", "problem", "Billing",
         "Our bank statement shows two debits for March.",
         "The second one was booked by mistake and has been returned today; it takes two days to reach your account.",
         "Second debit returned."),
    Case("Can two people dispatch at once?", "question", "Support",
         "We would like to share the board between two dispatchers. Does one overwrite the other?",
         "No: both see the same board live, and a tour that one is moving is locked for the other.",
         "Explained; second seat ordered."),
    Case("Delivery of the tracker is late", "complaint", "Complaints",
         "The trackers were promised for Monday. It is Thursday and nobody could tell me where they are.",
         "They lie at the carrier in Hanover with a torn label. They are with you tomorrow before noon, and the "
         "shipping is on us.",
         "Delivered on Friday, shipping refunded."),
)  # fmt: skip
NOTES = (
    "Looked into the logs together with the platform team.", "Called back, nobody there. Trying again tomorrow.",
    "Same as last month at another customer: see the knowledge base.", "Waiting for the supplier.",
)  # fmt: skip
REPLIES = ("Thank you, it works again.", "Not quite yet, two are still missing.", "Thanks for the quick answer!")
COMMENTS = {
    "green": ("Quick and friendly.", "Exactly what I needed.", "Always a pleasure.", ""),
    "orange": ("Took a bit long.", "It works, but I had to ask twice.", ""),
    "red": ("Nobody called back.", "The third time in a month."),
}
COSTS = (
    ("Booth at the logistics fair", "event", "Trade fair", "other", 8400),
    ("Search adverts", "campaign", "Spring campaign", "web", 1900),
    ("Newsletter tool", "channel", "", "mail", 240),
    ("Customer dinner", "visit", "", "visit", 310),
    ("Flowers after the outage", "gift", "", "other", 45),
    ("Travel to the workshop", "visit", "", "visit", 180),
    ("Video for the website", "campaign", "Autumn campaign", "web", 3200),
    ("Call centre overflow", "service", "", "phone", 620),
    ("Replacement tracker sent by courier", "service", "", "post", 95),
)


def load(context: DemoContext) -> None:
    """Queues first, tickets, what was said on them, how customers rated it, and what it all cost."""
    chance = context.chance("service")
    at = context.now - dt.timedelta(days=1100)
    team = context.group("service")[0].caller.team_id
    rows: list[Row] = [({**q, "team": team, "position": place}, at, {}) for place, q in enumerate(QUEUES, 1)]
    made = context.create("queue", rows)
    queues = {queue.values["name"]: queue.id for queue in made}
    tickets = context.create("ticket", [_ticket(context, chance, queues, number) for number in range(TICKETS)])
    _entries(context, chance, tickets)
    _solve(context, tickets)
    context.create("surveyanswer", [_answer(context, chance, tickets) for _n in range(ANSWERS)])
    context.create("cost", [_cost(context, chance, number) for number in range(20)])


def _ticket(context: DemoContext, chance: random.Random, queues: dict[str, int], number: int) -> Row:
    case = chance.choice(CASES)
    customers = [p for p in context.made["person"] if p.extra["stage"] == "customer" and p.values["company"]]
    person = chance.choice(customers)
    agent = chance.choice(context.group("service")).user_id
    still_open = number < 22
    at = max(context.moment(chance, 9 if still_open else 365, 0 if still_open else 10), person.at)
    values = {
        "subject": case.subject, "kind": case.kind, "description": case.text, "queue": queues[case.queue],
        "priority": "urgent" if case.kind == "complaint" and chance.random() < 0.4 else
        chance.choices(("normal", "high", "low"), (70, 20, 10))[0],
        "channel": chance.choice(("mail", "mail", "phone", "web", "chat")), "person": person.id,
        "company": person.values["company"], "owner": agent,
        "assignee": agent if not still_open or chance.random() < 0.75 else None,
    }  # fmt: skip
    return values, at, {"case": case, "open": still_open}


def _entries(context: DemoContext, chance: random.Random, tickets: list[Made]) -> None:
    """An answer to nearly all, a reply to it, a note now and then; each by whoever owns the ticket."""
    steps: tuple[list[Row], list[Row], list[Row]] = ([], [], [])
    for ticket in tickets:
        if ticket.extra["open"] and chance.random() < 0.35:
            continue
        first, second, third = context.walk(chance, ticket.at, [chance.uniform(0, 1.2), chance.uniform(0.2, 2)])
        owner, case = ticket.values["owner"], ticket.extra["case"]
        said = (
            ("note", chance.choice(NOTES), first) if chance.random() < 0.4 else None,
            ("answer", case.answer, second),
            ("customer", chance.choice(REPLIES), third) if chance.random() < 0.6 else None,
        )
        for step, what in zip(steps, said, strict=True):
            if what:
                kind, body, at = what
                minutes = None if kind == "customer" else chance.choice((5, 10, 15, 20, 30, 45))
                values = {"ticket": ticket.id, "kind": kind, "body": body, "minutes": minutes, "owner": owner}
                step.append((values, at, {}))
    for step in steps:
        context.create("ticketentry", step)


def _solve(context: DemoContext, tickets: list[Made]) -> None:
    """The older ones are solved, a few days after they came."""
    chance = context.chance("solved")
    changes = []
    for ticket in tickets:
        if not ticket.extra["open"]:
            at = min(ticket.at + dt.timedelta(days=chance.uniform(3.5, 9)), context.now)
            changes.append((ticket, {"status": "solved", "solution": ticket.extra["case"].solution}, at))
        elif chance.random() < 0.25:
            changes.append((ticket, {"status": "waiting"}, context.now - dt.timedelta(minutes=chance.randrange(9, 90))))
    context.update("ticket", changes)


def _answer(context: DemoContext, chance: random.Random, tickets: list[Made]) -> Row:
    """Most are about a solved ticket; who complained is less pleased."""
    kind = chance.choices((Survey.CSAT, Survey.NPS, Survey.CES), (60, 25, 15))[0]
    ticket = chance.choice([t for t in tickets if not t.extra["open"]])
    lowest, highest = SCALES[kind]
    mood = chance.choices(("green", "orange", "red"), (4, 3, 3) if ticket.values["kind"] == "complaint" else (7, 2, 1))[
        0
    ]
    low, high = {"green": (0.75, 1.0), "orange": (0.45, 0.7), "red": (0.0, 0.4)}[mood]
    score = round(lowest + chance.uniform(low, high) * (highest - lowest))
    at = min(ticket.at + dt.timedelta(days=chance.uniform(9.5, 12)), context.now)
    values = {
        "kind": kind.value, "score": score, "comment": chance.choice(COMMENTS[mood]), "answered_at": at,
        "ticket": ticket.id if kind != Survey.NPS else None, "person": ticket.values["person"],
        "company": ticket.values["company"], "owner": ticket.values["owner"],
    }  # fmt: skip
    return values, at, {}


def _cost(context: DemoContext, chance: random.Random, number: int) -> Row:
    name, kind, campaign, channel, amount = COSTS[number % len(COSTS)]
    at = context.moment(chance, 360, 1)
    about = chance.choice([c for c in context.made["company"] if c.values["lifecycle"] == "customer"])
    values = {
        "name": name, "kind": kind, "campaign": campaign, "channel": channel,
        "amount": f"{round(amount * chance.uniform(0.8, 1.3))} EUR", "spent_on": at.astimezone(context.zone).date(),
        "company": about.id if kind in {"visit", "gift", "service"} else None,
        "owner": chance.choice(context.group("lead", "service")).user_id,
    }  # fmt: skip
    return values, at, {}


DEMO = Demo(name="service", load=load, after=("customers",))
