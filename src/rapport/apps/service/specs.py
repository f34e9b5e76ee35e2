"""Queues, tickets, survey answers and costs, declared."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.apps.service import answering, costs, models, surveys, tickets
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import ALL, NONE, Access, Board, ObjectSpec
from rapport.registry.types import TYPES

queue = ObjectSpec(
    model=models.TicketQueue, key="queue", icon="inbox", columns=("name", "team", "how", "priority", "retired"),
    form=("name", "description", "team", "how", "priority", "position", "address", "retired"),
    quick=("name", "team", "how"), search=("name",), sort="position",
    choosable={"field": "retired", "op": "is", "value": False},
    access=Access(create=NONE, read=ALL, edit=NONE, delete=NONE, export=ALL),
)  # fmt: skip

ticket = ObjectSpec(
    model=models.Ticket, icon="lifebuoy", navigation=50, menu="service",
    title="subject", subtitle=("number", "company"),
    columns=("subject", "number", "kind", "status", "priority", "person", "assignee", "opened_at"),
    form=(
        "subject", "kind", "priority", "status", "solution", "queue", "channel", "person", "company", "assignee",
        "description", "tags", "owner", "team",
    ),
    quick=("subject", "kind", "person", "description"), search=("subject", "number", "description"), sort="-updated_at",
    board=Board(field="status", card=("kind", "priority", "company", "assignee")), calendar="opened_at",
    readonly=("number", "opened_at", "solved_at"),
    derived=("first_answered_at", "minutes", "satisfaction", "next_step_at"),
    extra=(FieldSpec(name="tags", type=TYPES["references"], label=_("tags"), target="tag"),),
    required_if={"solution": {"field": "status", "op": "is", "value": "solved"}},
    prepare=tickets.prepare, actions=(tickets.SOLVE, tickets.TAKE, tickets.REOPEN),
)  # fmt: skip

ticket_entry = ObjectSpec(
    model=models.TicketEntry, icon="message", title="summary", parent="ticket", sort="-created_at",
    columns=("summary", "ticket", "kind", "minutes", "created_by", "created_at"), search=("body",),
    form=("ticket", "kind", "body", "by_mail", "minutes"),
    prepare=tickets.prepare_entry, effects=(tickets.follow_entries, answering.effects), merges=False,
)  # fmt: skip

survey_answer = ObjectSpec(
    model=models.SurveyAnswer, icon="star", navigation=75, menu="service", beside=True,
    subtitle=("kind", "answered_at"), sort="-answered_at",
    columns=("name", "kind", "score", "comment", "ticket", "person", "answered_at"),
    form=("kind", "score", "comment", "answered_at", "ticket", "person", "company", "owner", "team"),
    quick=("kind", "score", "comment", "ticket", "person"), search=("name", "comment"),
    calendar="answered_at", prepare=surveys.prepare, effects=(surveys.follow_answers,), merges=False,
)  # fmt: skip

cost = ObjectSpec(
    model=models.Cost, icon="receipt", navigation=80, menu="service", beside=True,
    subtitle=("kind", "spent_on"), sort="-spent_on",
    columns=("name", "amount", "spent_on", "kind", "campaign", "channel", "company", "person"),
    quick=("name", "amount", "spent_on", "kind"), search=("name", "campaign", "description"),
    board=Board(field="kind", total="amount", card=("amount", "spent_on", "company")), calendar="spent_on",
    prepare=costs.prepare,
)  # fmt: skip

SPECS = (queue, ticket, ticket_entry, survey_answer, cost)
