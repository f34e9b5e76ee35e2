"""What agents may do besides the generic tools: note that somebody was spoken or written to."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import gettext_lazy as _

from rapport.features.programs import shapes
from rapport.features.programs.writing import WRITTEN, Writing, answer
from rapport.records import write
from rapport.records.accounts.caller import Caller
from rapport.records.errors import NotFound
from rapport.registry import catalog
from rapport.registry.extensions import Tool

Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class Logged(Writing):
    """A contact with customers."""

    kind: Literal["call", "mail", "meeting", "presentation", "note", "chat", "message", "visit", "material"]
    body: Annotated[str, msgspec.Meta(max_length=100_000, description="What was said or agreed.")] = ""
    subject: Annotated[str, msgspec.Meta(max_length=250, description="Empty: the first line of the text.")] = ""
    people: Annotated[list[Id], msgspec.Meta(max_length=200, description="Numbers of the people who took part.")] = []
    company: Id | None = None
    deal: Id | None = None
    at: Annotated[
        Annotated[dt.datetime, msgspec.Meta(tz=True)] | None, msgspec.Meta(description="When it was; without it, now.")
    ] = None
    direction: Literal["in", "out", ""] = ""
    minutes: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None


def log_interaction(caller: Caller, given: Logged) -> dict[str, Any]:
    """Add an interaction."""
    values = {
        "kind": given.kind, "body": given.body, "subject": given.subject, "people": given.people,
        "company": given.company, "deal": given.deal, "direction": given.direction, "minutes": given.minutes,
        "at": given.at.isoformat() if given.at else None,
    }  # fmt: skip
    made = write.create(caller, "interaction", {n: v for n, v in values.items() if v not in (None, "", [])})
    try:
        return answer(made, shapes.read(caller, catalog.current()["interaction"], made))
    except NotFound:  # one may write what one may not read
        return answer(made)


TOOL = Tool(
    name="log_interaction", title=_("Log an interaction"), takes=Logged, answer=WRITTEN, run=log_interaction,
    writes=True, order=100,
    help="Note a call, mail, meeting or other contact with people of a company, or a note, on their timelines. It is "
    "noted only: nothing is sent. With preview nothing is written.",
)  # fmt: skip
