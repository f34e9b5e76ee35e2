"""Demo data: two sequences, and people who stand at different places in them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rapport.apps.sequences import planning, timing
from rapport.apps.sequences.models import Answer, State
from rapport.features.demo.context import DemoContext, Made
from rapport.features.wording import placeholders
from rapport.records import db
from rapport.registry.extensions import Demo

Candidate = tuple[Made, Made, list[dt.datetime]]
"""A person, a deal of theirs, and when something came in from them."""
Row = tuple[dict[str, Any], dt.datetime, dict[str, Any]]
Runs = dict[tuple[int, int], Mapping[str, int]]
"""What steps made, by place of the enrollment and number of the step."""
HOUR = 9
SEQUENCES: tuple[tuple[dict[str, Any], tuple[dict[str, Any], ...]], ...] = (
    (
        {"name": "First contact after a fair", "goal": "A first talk",
         "description": "For people whose card we took home. Friendly, short, and over after two weeks."},
        (
            {"kind": "mail", "day": 0, "subject": "Nice to meet you, {{ person.first_name }}",
             "body": "Hello {{ person.first_name }},\n\nit was good to talk to you at our booth. You asked how others "
             "plan their tours: may I show you in twenty minutes, with figures of {{ company.name }} if you like?\n\n"
             "Which day suits you?\n\nKind regards\n{{ me.name }}"},
            {"kind": "call", "day": 2, "subject": "Call {{ person.name }} about the fair",
             "body": "Ask how they plan tours today, and who decides."},
            {"kind": "mail", "day": 5, "subject": "How others save an hour a day",
             "body": "Hello {{ person.first_name }},\n\na short example: a haulier with thirty vans plans the next day "
             "in ten minutes now. I can send you how they did it. Shall I?\n\nKind regards\n{{ me.name }}"},
            {"kind": "task", "day": 9, "subject": "Send the brochure to {{ person.name }} by post", "priority": "low",
             "body": "With a handwritten card."},
        ),
    ),
    (
        {"name": "After the offer", "goal": "A decision", "days": "working",
         "description": "Keeps an open offer in mind, without pressing."},
        (
            {"kind": "call", "day": 2, "subject": "Call {{ person.name }}: has the offer arrived?",
             "body": "Is anything missing for {{ deal.name }}?", "priority": "high"},
            {"kind": "mail", "day": 5, "template": "A friendly reminder"},
            {"kind": "task", "day": 10, "subject": "Decide how to go on with {{ company.name }}"},
        ),
    ),
)  # fmt: skip
PLACES = (
    (
        (State.RUNNING, 1), (State.RUNNING, 1), (State.RUNNING, 2), (State.RUNNING, 3), (State.PAUSED, 2),
        (State.ANSWERED, 1), (State.ANSWERED, 2), (State.ANSWERED, 3), (State.FINISHED, 4), (State.FINISHED, 4),
        (State.STOPPED, 2),
    ),
    ((State.RUNNING, 1), (State.RUNNING, 2), (State.PAUSED, 1), (State.FINISHED, 3)),
)  # fmt: skip
"""Of those who are in each sequence: state, and how many steps were made."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody in a sequence: who, since when, when each step was made, and when it ended."""

    state: State
    person: Made
    deal: Made | None
    owner: int
    steps: tuple[Made, ...]
    moments: tuple[dt.datetime, ...]
    ended: dt.datetime

    @property
    def about(self) -> dict[str, Any]:
        """What the records of the steps are about."""
        return {
            "person": self.person.id, "company": self.person.values["company"],
            "deal": self.deal.id if self.deal else None, "owner": self.owner,
        }  # fmt: skip


def load(context: DemoContext) -> None:
    """The sequences, their steps, who is in them, and what the steps made."""
    chance = context.chance("sequences")
    at = context.now - dt.timedelta(days=200)
    templates = {t.values["name"]: t.id for t in context.made["mail_template"]}
    candidates = list(_candidates(context, chance))
    for (values, plan), wanted in zip(SEQUENCES, PLACES, strict=True):
        (sequence,) = context.create("sequence", [({**values, "hour": HOUR}, at, {})])
        rows: list[Row] = [
            ({**step, "template": templates.get(step.get("template", "")), "sequence": sequence.id, "position": n},
             at + dt.timedelta(minutes=n), {})
            for n, step in enumerate(plan, 1)
        ]  # fmt: skip
        steps = context.create("sequence_step", rows)
        selling = "{{ deal.name }}" in str(plan)
        places = _places(context, candidates, steps, wanted, selling=selling)
        _enroll(context, sequence, places, _make(context, places))


def _candidates(context: DemoContext, chance: random.Random) -> Iterator[Candidate]:
    """People with an open deal, in turn."""
    people = {p.id: p for p in context.made["person"]}
    heard: dict[int, list[dt.datetime]] = {}
    for talk in context.made["interaction"]:
        if talk.values["direction"] == "in" and talk.values["kind"] in Answer.values:
            for person in talk.values["people"]:
                heard.setdefault(person, []).append(talk.at)
    open_ = [d for d in context.made["deal"] if d.extra["path"][-1][0].values["outcome"] == "open"]
    deals = [d for d in open_ if people[d.values["person"]].values["emails"]]
    chance.shuffle(deals)
    seen = set()
    for deal in deals:
        person = people[deal.values["person"]]
        old = person.at < context.now - dt.timedelta(days=90)
        if person.id not in seen and person.values["company"] and old:
            seen.add(person.id)
            yield person, deal, sorted(heard.get(person.id, ()))


def _places(
    context: DemoContext, candidates: list[Candidate], steps: list[Made], wanted: Iterable[tuple[State, int]], *,
    selling: bool,
) -> list[Place]:  # fmt: skip
    """The first candidate who fits for each place that is wanted; whoever was taken is a candidate no more."""
    found = []
    for state, count in wanted:
        for candidate in candidates:
            if place := _place(context, candidate, tuple(steps[:count]), state, selling=selling):
                candidates.remove(candidate)
                found.append(place)
                break
    return found


def _place(
    context: DemoContext, candidate: Candidate, steps: tuple[Made, ...], state: State, *, selling: bool
) -> Place | None:
    """The place of a candidate: whoever answered has something that came in at its time, and nobody else has."""
    person, deal, heard = candidate
    now, last = context.now, steps[-1].values["day"]
    if state == State.ANSWERED:
        fresh = [at for at in heard if dt.timedelta(days=2) < now - at < dt.timedelta(days=80)]
        if not fresh:
            return None
        ended = fresh[0]
        start = ended - dt.timedelta(days=last * 7 // 5 + 3)
    else:
        begun, over = {State.FINISHED: (60, 32), State.STOPPED: (30, 22)}.get(state, (1 + last * 7 // 5, 0))
        start, ended = now - dt.timedelta(days=begun), now - dt.timedelta(days=over)
    moments = tuple(min(m, now) for m in _moments(context, start, steps))
    if any(start < at < ended for at in heard) or moments[-1] > ended:
        return None
    return Place(state, person, deal if selling else None, deal.values["owner"], steps, moments, ended)


def _moments(context: DemoContext, start: dt.datetime, steps: tuple[Made, ...]) -> Iterator[dt.datetime]:
    """When the steps were made, after a start in the morning."""
    at, day = timing.due(start, 0, working=True, hour=HOUR, zone=context.zone), 0
    for step in steps:
        at = timing.due(at, step.values["day"] - day, working=True, hour=HOUR, zone=context.zone)
        day = step.values["day"]
        yield at


def _make(context: DemoContext, places: list[Place]) -> Runs:
    """The tasks, the mails that were sent (as they stand on timelines), and the drafts of those who are at a mail."""
    rows: dict[str, list[Row]] = {"task": [], "outgoing_mail": [], "interaction": []}
    for place_number, place in enumerate(places):
        for number, (step, at) in enumerate(zip(place.steps, place.moments, strict=True)):
            last = number == len(place.steps) - 1
            key, values = _made(context, place, step, at, waits=last and place.state == State.RUNNING)
            rows[key].append((values, at, {"of": (place_number, number)}))
    found: Runs = {}
    for key, column in (("task", "task_id"), ("outgoing_mail", "mail_id"), ("interaction", "")):
        for made in context.create(key, rows[key]):
            found[made.extra["of"]] = {column: made.id} if column else {}
    return found


def _made(
    context: DemoContext, place: Place, step: Made, at: dt.datetime, *, waits: bool
) -> tuple[str, dict[str, Any]]:
    """Which object a step made, and its values; what does not wait was sent or done."""
    about, values = place.about, step.values
    if values["kind"] == "mail" and waits:
        text = {"template": values["template"]} if values.get("template") else _text(context, place, values)
        return "outgoing_mail", {**about, **text, "address": place.person.values["emails"][0]["value"], "draft": True}
    text = _text(context, place, values)
    if values["kind"] == "mail":
        people = {"people": [place.person.id]}
        rest = {n: about[n] for n in ("company", "deal", "owner")}
        return "interaction", {**rest, **people, "kind": "mail", "direction": "out", "at": at, **text}
    due = timing.evening(at, context.zone)
    return "task", {
        **about, "subject": text["subject"], "description": text["body"], "priority": values.get("priority", "normal"),
        "assignee": place.owner, "due_at": due, "status": "open" if waits else "done",
    }  # fmt: skip


def _text(context: DemoContext, place: Place, values: Mapping[str, Any]) -> dict[str, str]:
    writer = next(m.caller for m in context.members if m.user_id == place.owner)
    given = {n: values.get(n) or "" for n in ("subject", "body")}
    if values.get("template"):
        kept = next(t.values for t in context.made["mail_template"] if t.id == values["template"])
        given = {n: kept[n] for n in ("subject", "body")}
    about = {n: place.about[n] for n in ("person", "company", "deal")}
    return {n: placeholders.fill(text, writer, about) for n, text in given.items()}


def _enroll(context: DemoContext, sequence: Made, places: list[Place], runs: Runs) -> None:
    rows = [
        ({**{n: place.about[n] for n in ("person", "deal", "owner")}, "sequence": sequence.id}, place.moments[0],
         {"of": number})
        for number, place in enumerate(places)
    ]  # fmt: skip
    made = {m.extra["of"]: m for m in context.create("enrollment", rows)}
    moment = db.dialect().moment
    lines = [
        (made[number].id, step.id, step.values["position"], step.values["day"], moment(at),
         runs[number, n].get("task_id"), runs[number, n].get("mail_id"))
        for number, place in enumerate(places)
        for n, (step, at) in enumerate(zip(place.steps, place.moments, strict=True))
    ]  # fmt: skip
    columns = ("enrollment_id", "step_id", "position", "day", "at", "task_id", "mail_id")
    db.insert_many("sequences_steprun", columns, lines)
    planning.plan(m.id for m in made.values())
    ends = [
        (made[number], {"state": place.state.value}, max(place.ended, place.moments[-1]))
        for number, place in enumerate(places)
        if place.state != State.RUNNING
    ]
    context.update("enrollment", ends)


DEMO = Demo(name="sequences", load=load, after=("customers", "deals", "interactions", "tasks", "mailing"))
