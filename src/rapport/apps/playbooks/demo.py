"""Demo data: a playbook for the first call, one for negotiations, and some answers."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from rapport.features.demo.context import DemoContext, Made
from rapport.registry.extensions import Demo

Row = tuple[dict[str, Any], dt.datetime, dict[str, Any]]


class Step(NamedTuple):
    """A step: the question, what to say, how it is answered, and what the demo's deals answer."""

    name: str
    wording: str
    reply: str = "text"
    options: str = ""
    fills: str = ""
    must: bool = False
    answer: str = ""


DISCOVERY = (
    Step("Open the call", "Hello, this is *name* from Rapport Fleet. You asked us about your vans. **Do you have ten "
         "minutes now**, or shall I call back at a time that suits you?", "tick"),
    Step("How is it done today?", "How do you know today where your vehicles are, and who decides which one goes "
         "where? What happens when a customer calls and asks?", must=True),
    Step("What does it cost them?", "When that goes wrong: how often in a week, and what does one such case cost you "
         "in time, fuel or goodwill?"),
    Step("How many vehicles?", "How many vehicles are on the road on a normal day, and how many in a peak season?",
         "number"),
    Step("Who decides?", "Suppose you like what you see. Who else will want to have a say, and what matters to them?",
         "choice", "The one I speak with\nManagement\nSeveral together", must=True),
    Step("What next?", "I suggest that I show you the board with your own places, half an hour, on the screen. "
         "Would **Thursday** suit you?", "date", must=True),
)  # fmt: skip
NEGOTIATION = (
    Step("Sum up what they gain", "Before we speak about the price: you said that three late deliveries a week cost "
         "you about 400 each. Is that still how you see it?", "tick", must=True, answer="yes"),
    Step("Which price is on the table?", "Then let us put a number to it. With the volume that you named, we are at "
         "the price of the offer, support included.", "number", fills="deal.amount", must=True),
    Step("What do they want to change?", "What would have to be different so that you could sign this week? *Listen, "
         "and don't answer each point at once.*",
         answer="A shorter first term, and training for the second depot without extra charge."),
    Step("What do we ask for in return?", "If we shorten the first term to one year: may we name you as a reference, "
         "and do we start in both depots at once?", "choice",
         "Reference\nLonger term\nMore vehicles\nEarlier start", answer="Reference"),
    Step("When will it be signed?", "What still has to happen on your side until then? Shall we put a date to it?",
         "date", fills="deal.close_on", must=True),
)  # fmt: skip
BOOKS: tuple[tuple[str, str, tuple[Step, ...]], ...] = (
    ("Discovery call", "The first call with someone who asked for us.", DISCOVERY),
    ("Negotiation", "What is asked and said before a deal is closed.", NEGOTIATION),
)


def load(context: DemoContext) -> None:
    """The playbooks, a year old, and answers about some of the deals that are being negotiated."""
    at = context.now - dt.timedelta(days=400)
    stages = [s for s in context.made["stage"] if s.extra.get("phase") == "negotiate"]
    where: tuple[dict[str, Any], ...] = (
        {"kinds": ["call"], "lifecycles": ["lead", "qualified"], "sources": _sources(context)},
        {"stages": [s.id for s in stages]},
    )
    rows: list[Row] = [
        ({"name": name, "description": text, "position": place, **where[place - 1]}, at, {})
        for place, (name, text, _steps) in enumerate(BOOKS, 1)
    ]
    made = context.create("playbook", rows)
    steps: list[Row] = [
        ({**step._asdict(), "playbook": book.id, "position": place}, at, {})
        for book, (_name, _text, items) in zip(made, BOOKS, strict=True)
        for place, step in enumerate(items, 1)
    ]
    for values, _moment, extra in steps:
        extra["answer"] = values.pop("answer")
    _answers(context, context.create("playbook_step", steps), {s.id for s in stages})


def _sources(context: DemoContext) -> list[int]:
    names = {"Website form", "Trade fair", "Search advertisement"}
    return [s.id for s in context.made.get("lead_source", ()) if s.values["name"] in names]


def _answers(context: DemoContext, steps: list[Made], stages: set[int]) -> None:
    """Deals in negotiation have some steps answered, each by whoever owns it, since it came there."""
    chance = context.chance("playbooks")
    rows: list[Row] = []
    for deal in context.made["deal"]:
        stage, since = deal.extra["path"][-1]
        if stage.id not in stages or chance.random() < 0.4:
            continue
        for step in [s for s in steps if s.extra["answer"]][: chance.randrange(1, 4)]:
            at = min(since + dt.timedelta(hours=chance.uniform(1, 60)), context.now)
            values = {"step": step.id, "deal": deal.id, "value": step.extra["answer"], "owner": deal.values["owner"]}
            rows.append((values, at, {}))
    context.create("playbook_answer", rows)


DEMO = Demo(name="playbooks", load=load, after=("deals", "leads"))
